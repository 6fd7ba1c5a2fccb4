"""Reservations come to an end whatever happens to their commands, and the last guard holds."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from stationmaster.csms import reservation_watch
from stationmaster.csms.blocks.reservation import MeetsReservations, decided, frees_reservations, objection
from stationmaster.domain.claims import TokenClaim
from stationmaster.domain.command import Command
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import IdTokenInfo, StatusNotification, TransactionAnswer, TransactionEvent
from stationmaster.domain.records import TransactionEventRecord
from stationmaster.domain.reservation.reservations import (
    IllegalTransition,
    Reservation,
    ReservationFilter,
    ReserveNow,
    Wish,
    advance,
    concluded,
)
from stationmaster.domain.station import Station, StationState
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TOKEN = IdToken("04A1B2C3", "ISO14443")


def reservation(**more: Any) -> Reservation:
    wish = Wish(id_token=TOKEN, expires_at=NOW + timedelta(hours=1), evse_id=more.pop("evse_id", 1))
    made = Reservation(
        key=9,
        tenant="default",
        station_key=1,
        reservation_id=9,
        wish=wish,
        state="active",
        command=9,
        asked_at=NOW,
        changed_at=NOW,
    )
    return msgspec.structs.replace(made, **more)


def ended(state: str, *, sent: bool = True, key: int = 9) -> Command:
    command = Command(
        key=key, station_key=1, tenant="default", kind="ReserveNow", request={}, created_at=NOW, expires_at=NOW
    )
    return msgspec.structs.replace(command, state=state, sent_at=NOW if sent else None, detail="why")


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [
        ("asked", ended("unknown"), "unknown"),
        ("asked", ended("timed_out"), "unknown"),
        ("asked", ended("failed"), "failed"),
        ("asked", ended("unsupported"), "failed"),
        ("queued", ended("timed_out", sent=False), "failed"),
        ("queued", ended("failed", sent=False), "failed"),
        ("asked", ended("rejected"), None),
        ("asked", ended("failed", key=8), None),
        ("used", ended("unknown"), None),
    ],
)
def test_what_a_command_without_an_answer_makes_of_it(before: Any, command: Command, after: str | None) -> None:
    now = concluded(reservation(state=before), command, NOW)
    assert (now and now.state) == after
    assert now is None or now.reason == "why"


@pytest.mark.parametrize(("state", "outcome", "stays"), [("failed", "active", False), ("timed_out", "unknown", True)])
def test_a_change_without_an_answer_may_leave_either_place_kept(state: str, outcome: str, stays: bool) -> None:
    other = Wish(id_token=TOKEN, expires_at=NOW, evse_id=2)
    now = concluded(reservation(change=other), ended(state), NOW)
    assert now is not None
    assert (now.state, now.change is not None) == (outcome, stays)


def test_what_is_over_does_not_begin_again() -> None:
    with pytest.raises(IllegalTransition):
        advance(reservation(state="cancelled"), "active", NOW)


def station(version: str = "1.6", *known: Reservation, **more: Any) -> StationState:
    about = Station(key=1, tenant="default", identity="CS-1", created_at=NOW, version=version)
    return StationState(station=about, reservations=known, **more)


def test_a_station_that_says_it_takes_none_is_not_asked() -> None:
    request = ReserveNow(id_token=TOKEN, expires_at=NOW)
    assert objection(station(), request) is None
    assert objection(station(learned={"can:Reservation": "yes"}), request) is None
    assert objection(station(learned={"can:Reservation": "no"}), request) == "the station takes no reservations"


@pytest.mark.parametrize(("version", "frees"), [("1.6", True), ("2.0.1", False), ("2.1", False)])
def test_a_status_ends_a_reservation_only_where_nothing_else_would(version: str, frees: bool) -> None:
    block = frees_reservations(lambda state, request, at: Decision())
    status = StatusNotification(evse=Evse(1, 1), status="Faulted")
    decision = block(station(version, reservation()), status, NOW)
    assert [record.state for record in decision.records if isinstance(record, Reservation)] == ["removed"] * frees


async def test_a_start_that_a_check_refuses_uses_up_the_reservation_that_it_names_too() -> None:
    """The station has: whichever way the check goes, it is stored."""
    event = TransactionEvent(
        event_type="Started", timestamp=NOW, trigger_reason="Authorized", id_token=TOKEN, evse=Evse(1), reservation_id=9
    )
    evidence = TransactionEventRecord(
        station_key=1,
        transaction_key=77,
        dedupe_key="0",
        digest=0,
        event_type="Started",
        trigger_reason="Authorized",
        seq_no=0,
        timestamp=NOW,
        received_at=NOW,
        offline=False,
        body=b"",
    )
    refused = Decision(answer=TransactionAnswer(id_token_info=IdTokenInfo(status="ConcurrentTx")), records=(evidence,))
    claim = TokenClaim(tenant="default", token_key="a", type=None, limit=1, transaction_key=77)
    made = msgspec.structs.replace(refused, checks=(CheckedBy(claim, refused),))
    reads: Any = None
    decision: Any = MeetsReservations(lambda *_: made, reads)(station("2.1", reservation()), event, NOW)
    for each in (decision, decision.checks[0].otherwise):
        (used,) = [record for record in each.records if isinstance(record, Reservation)]
        assert (used.state, used.transaction_key) == ("used", 77)
        assert each.state.reservations == ()


# Through a whole CSMS ───────────────────────────────────────────────────────────────────────────────────────────────


async def stored(bench: CsmsBench, key: int) -> Reservation:
    found = await bench.storage.reads.reservation("default", key)
    assert found is not None
    return found


async def until(bench: CsmsBench, key: int, state: str) -> Reservation:
    async with asyncio.timeout(10):
        while (found := await stored(bench, key)).state != state:
            await asyncio.sleep(0.01)
    return found


async def asked(bench: CsmsBench, identity: str, in_s: float = 60, **more: Any) -> int:
    """A ReserveNow for EVSE 1; its key."""
    until_at = bench.clock.now() + timedelta(seconds=in_s)
    request = ReserveNow(id_token=TOKEN, expires_at=until_at, evse=Evse(1))
    return (await bench.view(identity).ask(request, **more)).key


async def test_one_whose_station_never_came_has_failed() -> None:
    async with csms_bench() as bench:
        await bench.boot("CS-1", Version.V201)
        bench.clients[0].connection.cut()
        await bench.clients[0].closed
        key = await asked(bench, "CS-1", lifetime_s=0.1)
        assert (await stored(bench, key)).state == "queued"
        assert (await until(bench, key, "failed")).reason == "the station did not connect in time"


async def test_one_whose_time_was_over_before_the_station_came_is_not_sent() -> None:
    async with csms_bench() as bench:
        await bench.boot("CS-1", Version.V201)
        bench.clients[0].connection.cut()
        await bench.clients[0].closed
        key = await asked(bench, "CS-1", in_s=0.05)
        await asyncio.sleep(0.1)
        await bench.boot("CS-1", Version.V201)
        assert (await until(bench, key, "failed")).reason == "the reservation's time is over"


async def test_one_that_nothing_more_is_heard_of_ends_by_our_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservation_watch, "EVERY_S", 0.05)
    monkeypatch.setattr(reservation_watch, "GRACE", timedelta(0))
    monkeypatch.setattr("stationmaster.domain.reservation.reservations.GRACE", timedelta(0))
    async with csms_bench() as bench:
        client = await bench.boot("CP-1", Version.V16)
        client.on("ReserveNow", {"status": "Accepted"})
        key = await asked(bench, "CP-1", in_s=0.3)
        await until(bench, key, "active")
        over = await until(bench, key, "expired")
        assert (over.inferred, over.reason) == (True, "by our clock")
        desk = bench.csms.directory.get(over.station_key)
        assert desk is not None
        assert desk.state.reservations == ()


async def test_a_start_that_comes_after_our_clock_ended_it_still_uses_it() -> None:
    async with csms_bench() as bench:
        await bench.add_token(TOKEN.value)
        client = await bench.boot("CP-1", Version.V16)
        client.on("ReserveNow", {"status": "Accepted"})
        key = await asked(bench, "CP-1")
        known = await until(bench, key, "active")
        desk = bench.csms.directory.get(known.station_key)
        assert desk is not None
        await desk.settle(lambda state, at: decided(state, advance(known, "expired", at, inferred=True), at))
        start = {
            "connectorId": 1,
            "idTag": TOKEN.value,
            "meterStart": 0,
            "timestamp": bench.clock.now().isoformat(),
            "reservationId": known.reservation_id,
        }
        await client.call("StartTransaction", start)
        assert (await stored(bench, key)).state == "used"


async def test_the_store_takes_no_two_for_one_place_or_of_one_number() -> None:
    async with csms_bench() as bench:
        journal = bench.storage.journal
        await journal.store([reservation(), reservation(key=10, reservation_id=10, state="used")])
        for other in (reservation(key=11, reservation_id=11), reservation(key=12, evse_id=2)):
            with pytest.raises(StorageFailed):
                await journal.store([other])
        await journal.store([reservation(state="cancelled"), reservation(key=11, reservation_id=9)])
        query = ReservationFilter(tenant="default", state="active")
        assert [each.key for each in (await bench.storage.reads.reservations(query)).items] == [11]
        assert await bench.storage.reads.reservation_count(query) == 1
        assert await bench.storage.reads.reservation_count(ReservationFilter(tenant="default")) == 3
        elsewhere = ReservationFilter(tenant="another")
        assert (await bench.storage.reads.reservations(elsewhere)).items == ()
        assert await bench.storage.reads.reservation("another", 11) is None
