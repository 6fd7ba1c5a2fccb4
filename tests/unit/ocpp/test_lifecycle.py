"""The table of a call's life."""

import itertools

import pytest

from stationmaster.ocpp.lifecycle import TRANSITIONS, CallState, PeerMisuse, Recent, advance


@pytest.mark.parametrize(("current", "to"), list(itertools.product(CallState, CallState)))
def test_only_listed_transitions_are_possible(current: CallState, to: CallState) -> None:
    if to in TRANSITIONS[current]:
        assert advance(current, to) is to
    else:
        with pytest.raises(PeerMisuse):
            advance(current, to)


def test_a_call_that_ended_never_changes_again() -> None:
    ends = {CallState.ANSWERED, CallState.TIMED_OUT, CallState.CANCELLED, CallState.ABORTED}
    assert {state for state in CallState if not TRANSITIONS[state]} == ends


def test_only_the_newest_ids_are_remembered() -> None:
    recent: Recent[int] = Recent(2)
    for message_id, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        recent.remember(message_id, value)
    assert (recent.get("a"), recent.get("b"), recent.get("c"), len(recent)) == (3, None, 4, 2)
    assert recent.pop("a") == 3
    assert recent.pop("a") is None
