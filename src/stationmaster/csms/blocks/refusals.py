"""Keeping what was refused, so that it can be told why a card did not charge."""

from collections.abc import Callable

import msgspec

from stationmaster.domain.authorization.refusals import Refusal
from stationmaster.domain.authorization.verdict import Question, Verdict
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.messages import AuthorizationStatus
from stationmaster.domain.records import Event
from stationmaster.domain.secret_names import MASK

REFUSED = "AuthorizationRefused"
AUTHORIZED = "TokenAuthorized"
Hides = Callable[[str], bool]
"""Whether a tenant's id tokens are hidden in what is told."""


def noted(decision: Decision, question: Question, verdict: Verdict, hides: Hides) -> Decision:
    """The decision with what the verdict wants kept: its records where it accepts, a refusal where it, or one of its
    checks, does not."""
    if verdict.info.status != "Accepted":
        return _refused(decision, question, verdict.info.status, verdict.source, verdict.reason or "", hides)
    decision = msgspec.structs.replace(decision, records=(*decision.records, *verdict.records))
    if not verdict.checks or len(verdict.checks) != len(decision.checks):
        return decision
    checks = [
        CheckedBy(by.claim, _refused(by.otherwise, question, check.status, verdict.source, check.reason, hides))
        for by, check in zip(decision.checks, verdict.checks, strict=True)
    ]
    return msgspec.structs.replace(decision, checks=tuple(checks))


def _refused(
    decision: Decision, question: Question, status: AuthorizationStatus, source: str, reason: str, hides: Hides
) -> Decision:
    if question.station_key is None:
        return decision
    refusal = Refusal(
        tenant=question.tenant,
        station_key=question.station_key,
        at=question.at,
        id_token=question.id_token,
        status=status,
        purpose=question.purpose,
        source=source,
        reason=reason,
        evse_id=None if question.evse is None else question.evse.id,
        transaction_key=question.transaction_key,
    )
    if refusal.id_token.type == "KeyCode":  # C04.FR.02
        refusal = msgspec.structs.replace(refusal, id_token=msgspec.structs.replace(refusal.id_token, value=MASK))
    return msgspec.structs.replace(
        decision,
        records=(*decision.records, refusal),
        events=(*decision.events, _event(refusal, hides)),
    )


def _event(refusal: Refusal, hides: Hides) -> Event:
    data = {
        "evse_id": refusal.evse_id,
        "transaction": refusal.transaction_key,
        "token": MASK if hides(refusal.tenant) else refusal.id_token.value,
        "status": refusal.status,
        "reason": refusal.reason,
        "source": refusal.source,
    }
    return Event(kind=REFUSED, tenant=refusal.tenant, station_key=refusal.station_key, at=refusal.at, data=data)


def authorized(question: Question, hides: Hides) -> Event:
    """For whoever listens at the moment."""
    hidden = hides(question.tenant) or question.id_token.type == "KeyCode"
    data = {"token": MASK if hidden else question.id_token.value}
    return Event(kind=AUTHORIZED, tenant=question.tenant, station_key=question.station_key, at=question.at, data=data)
