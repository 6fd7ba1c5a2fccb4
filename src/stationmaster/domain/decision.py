"""What a block decides: the answer, and what must be on disk before it is given."""

from collections.abc import Callable

import msgspec

from stationmaster.domain.claims import Claim
from stationmaster.domain.messages import ACKNOWLEDGED, Answer
from stationmaster.domain.records import Event, Record
from stationmaster.domain.station import StationState


class Passing(msgspec.Struct, frozen=True, gc=False):
    """An event for whoever listens at that moment. ``make`` is called at once or never."""

    kind: str
    make: Callable[[], Event]


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``state`` is the station's aggregate once this is committed (None: unchanged).

    ``passing`` makes an event whose fact is stored already (a reading is): it is made and told only while somebody
    listens, and stands in no outbox.
    With ``checks``, the first whose claim does not hold puts its own decision in this one's place.
    """

    answer: Answer = ACKNOWLEDGED
    records: tuple[Record, ...] = ()
    events: tuple[Event, ...] = ()
    passing: Passing | None = None
    state: StationState | None = None
    checks: "tuple[CheckedBy, ...]" = ()


class CheckedBy(msgspec.Struct, frozen=True, gc=False):
    """``otherwise`` is what holds if the claim does not; it is checked by nothing more."""

    claim: Claim
    otherwise: Decision


def whichever_way(decision: Decision, change: Callable[[Decision], Decision]) -> Decision:
    """The decision changed, and whatever may hold in its place likewise."""
    if not decision.checks:
        return change(decision)
    checks = tuple([CheckedBy(check.claim, change(check.otherwise)) for check in decision.checks])
    return msgspec.structs.replace(change(decision), checks=checks)


def with_more(decision: Decision, records: tuple[Record, ...], events: tuple[Event, ...] = ()) -> Decision:
    """The decision with more to store, whichever way its checks go."""
    return whichever_way(
        decision,
        lambda each: msgspec.structs.replace(each, records=(*each.records, *records), events=(*each.events, *events)),
    )
