"""The wrapper that commits bills together with what ends transactions."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from stationmaster.csms.blocks.billing import BilledBlock, StatusOfPlace, bill_in
from stationmaster.domain.claims import TokenClaim
from stationmaster.domain.cost.sites import PlaceState
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Heartbeat, StatusNotification
from stationmaster.domain.records import Event, Reading, Record
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transactions.transaction import Transaction

T0 = datetime(2030, 1, 1, tzinfo=UTC)
OPEN = Transaction(key=7, tenant="default", station_key=1, wire_id="TX-7", first_event_at=T0, received_at=T0)
OVER = msgspec.structs.replace(OPEN, ended_at=T0)
STATION = Station(key=1, tenant="default", identity="CP-1", created_at=T0)
STATE = StationState(station=STATION, open={"TX-7": OPEN})
MADE = Event(kind="BillIssued", tenant="default", at=T0)


class Billed(NamedTuple):
    records: tuple[Record, ...]
    events: tuple[Event, ...]


class FakeBilling:
    def __init__(self, bills: bool = True, fails: bool = False) -> None:
        self.has_tariffs = bills
        self.fails = fails
        self.asked: list[tuple[int, tuple[Record, ...]]] = []
        self.around: list[PlaceState] = []

    def bills(self, tenant: str) -> bool:
        return self.has_tariffs

    async def ended_around(self, state: PlaceState) -> list[int]:
        self.around.append(state)
        return [7]

    async def billed(self, transaction_key: int, at: datetime, records: Iterable[Record] = ()) -> Billed:
        self.asked.append((transaction_key, tuple(records)))
        if self.fails:
            raise ArithmeticError("a bug")
        return Billed((), (MADE,))


def reading(transaction_key: int | None) -> Reading:
    return Reading(
        station_key=1,
        taken_at=T0,
        digest=1,
        transaction_key=transaction_key,
        evse_id=1,
        connector_id=1,
        received_at=T0,
        register_wh=None,
        power_w=None,
        samples=(),
    )


def deciding(decision: Any) -> Any:
    return lambda state, request, at: decision


def test_without_tariffs_a_decision_is_passed_on_untouched_and_nothing_is_asked() -> None:
    billing = FakeBilling(bills=False)
    for decision in (Decision(records=(OVER,)), object()):
        assert BilledBlock(deciding(decision), billing)(STATE, Heartbeat(), T0) is decision
    assert billing.asked == []


def test_what_goes_on_in_an_open_transaction_is_decided_at_once() -> None:
    decision = Decision(records=(reading(7), reading(None)), state=STATE)
    assert BilledBlock(deciding(decision), FakeBilling())(STATE, Heartbeat(), T0) is decision


async def test_an_end_is_committed_with_its_bill() -> None:
    ended = Decision(records=(OVER,), state=STATE.with_transaction(OVER))
    billing = FakeBilling()
    found = await BilledBlock(deciding(ended), billing)(STATE, Heartbeat(), T0)  # type: ignore[misc]
    assert found.events == (MADE,)
    assert billing.asked == [(7, (OVER,))]


async def test_a_reading_of_a_transaction_that_is_over_changes_its_bill() -> None:
    late = Decision(records=(reading(7),))
    billing = FakeBilling()
    await BilledBlock(deciding(late), billing)(STATE.with_transaction(OVER), Heartbeat(), T0)  # type: ignore[misc]
    assert [key for key, _ in billing.asked] == [7]


async def test_whichever_way_a_check_goes_there_is_a_bill() -> None:
    claim = TokenClaim(tenant="default", token_key="x", limit=1, transaction_key=7)
    after = STATE.with_transaction(OVER)
    both = Decision(records=(OVER,), state=after, checks=(CheckedBy(claim, Decision(records=(OVER,), state=after)),))
    found = await BilledBlock(deciding(both), FakeBilling())(STATE, Heartbeat(), T0)  # type: ignore[misc]
    assert found.events == found.checks[0].otherwise.events == (MADE,)
    assert found.checks[0].claim is claim


async def test_a_bill_that_cannot_be_made_keeps_nothing_from_being_stored() -> None:
    ended = Decision(records=(OVER,), state=STATE.with_transaction(OVER))
    found = await BilledBlock(deciding(ended), FakeBilling(fails=True))(STATE, Heartbeat(), T0)  # type: ignore[misc]
    assert found == ended
    assert bill_in(found) is None


async def test_a_status_of_1_x_with_a_time_is_kept_and_asked_for_whose_it_is() -> None:
    old = msgspec.structs.replace(STATE, station=msgspec.structs.replace(STATION, version="1.6"))
    then = T0 - timedelta(hours=1)
    request = StatusNotification(
        evse=Evse(1, 1), status="Occupied", timestamp=then, charging_state="Idle", finishing=True
    )
    billing = FakeBilling()
    found = await StatusOfPlace(deciding(Decision()), billing)(old, request, T0)  # type: ignore[misc]
    (kept,) = found.records
    assert (kept.at, kept.state, kept.evse_id) == (then, "EVConnected", 1)
    assert billing.around == [kept]
    assert [key for key, _ in billing.asked] == [7]


def test_a_status_without_a_time_or_of_2_x_is_no_evidence() -> None:
    old = msgspec.structs.replace(STATE, station=msgspec.structs.replace(STATION, version="1.6"))
    new = msgspec.structs.replace(STATE, station=msgspec.structs.replace(STATION, version="2.0.1"))
    untimed = StatusNotification(evse=Evse(1, 1), status="Occupied", charging_state="Charging")
    timed = msgspec.structs.replace(untimed, timestamp=T0)
    faulted = StatusNotification(evse=Evse(1, 1), status="Faulted", timestamp=T0)
    for state, request in ((old, untimed), (new, timed), (old, faulted)):
        decision = Decision()
        assert StatusOfPlace(deciding(decision), FakeBilling())(state, request, T0) is decision
