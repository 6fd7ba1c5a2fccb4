"""A decision and what may hold in its place."""

from datetime import UTC, datetime

from stationmaster.domain.claims import TokenClaim
from stationmaster.domain.decision import CheckedBy, Decision, with_more
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.records import Event, Presence

CLAIM = TokenClaim(tenant="default", token_key="t", limit=1, transaction_key=1)
MORE = Presence(station_key=1)
NEWS = Event(kind="k", tenant="default", at=datetime(2026, 1, 1, tzinfo=UTC))


def test_more_is_stored_whichever_check_fails() -> None:
    ways = tuple(CommandAnswer(status=status) for status in ("Accepted", "Rejected", "Faulted"))
    checks = tuple(CheckedBy(CLAIM, Decision(answer=answer)) for answer in ways[1:])
    decision = with_more(Decision(answer=ways[0], checks=checks), (MORE,), (NEWS,))
    every = (decision, *[check.otherwise for check in decision.checks])
    assert tuple(each.answer for each in every) == ways
    assert all(each.records == (MORE,) and each.events == (NEWS,) for each in every)
    assert [check.claim for check in decision.checks] == [CLAIM, CLAIM]
