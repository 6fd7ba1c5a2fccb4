"""What every storage engine promises to the CSMS, whatever it is built on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stationmaster.domain.authorization import Token
from stationmaster.domain.command import Command, advance
from stationmaster.domain.decision import Decision, TokenClaim
from stationmaster.domain.failures import StaleGeneration, StorageFailed
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import CommandAnswer, StationInfo, TransactionEvent
from stationmaster.domain.metering import MeterValue, Sample, register_wh
from stationmaster.domain.queries import (
    CommandFilter,
    CommittedEvent,
    FrameFilter,
    InvalidCursor,
    OddityFilter,
    PageRequest,
    StationFilter,
    TokenFilter,
    TransactionFilter,
)
from stationmaster.domain.records import (
    ApiKey,
    Boot,
    Conflict,
    Event,
    FrameRecord,
    Oddity,
    Presence,
    Reading,
    TokenRemoved,
    TransactionEventRecord,
    UnknownCaller,
)
from stationmaster.domain.station import Connector, Station
from stationmaster.domain.transaction import Transaction, begin, fold, with_meter_values
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

NOW = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)
HOSTILE = ("a\x00b", "'; DROP TABLE stations; --", '"quoted"', "100%_\\", "🚗漢字", "x" * 1_000_000)


class LoopClock:
    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest.fixture(params=["file", "memory", "inline"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SQLiteStorage]:
    path = ":memory:" if request.param == "memory" else str(tmp_path / "store.db")
    made = await SQLiteStorage.open(path, clock=LoopClock(), threaded=request.param != "inline")
    yield made
    await made.close()


def a_station(key: int = 1, **changes: Any) -> Station:
    return Station(**{"key": key, "tenant": "default", "identity": f"CP{key}", "created_at": NOW, **changes})


def a_transaction(key: int = 10, station_key: int = 1, **changes: Any) -> Transaction:
    fields: dict[str, Any] = {
        "key": key,
        "tenant": "default",
        "station_key": station_key,
        "wire_id": f"w{key}",
        "id_token": IdToken("TAG1", "ISO14443"),
        "authorization": "Accepted",
        "first_event_at": NOW + timedelta(seconds=key),
        "received_at": NOW,
    }
    return Transaction(**fields | changes)


def a_reading(number: int, **changes: Any) -> Reading:
    samples = (Sample(f"{1000 + number}.50", unit="Wh"), Sample("7.36", measurand="Power", unit="kW"))
    fields: dict[str, Any] = {
        "station_key": 1,
        "taken_at": NOW + timedelta(minutes=number),
        "digest": number,
        "transaction_key": 10,
        "evse_id": 1,
        "connector_id": 1,
        "received_at": NOW + timedelta(minutes=number),
        "register_wh": Decimal(f"{1000 + number}.50"),
        "power_w": None,
        "samples": samples,
    }
    return Reading(**fields | changes)


def an_event(number: int = 1, *, volatile: bool = False) -> Event:
    return Event(kind="seen", tenant="default", at=NOW, station_key=1, data={"n": number}, volatile=volatile)


def a_frame(number: int, **changes: Any) -> FrameRecord:
    fields: dict[str, Any] = {
        "station_key": 1,
        "at": NOW + timedelta(seconds=number),
        "direction": "in",
        "kind": "call",
        "message_id": str(number),
        "action": "Heartbeat",
        "frame": f'[2,"{number}","Heartbeat",{{}}]',
    }
    return FrameRecord(**fields | changes)


def a_command(key: int, **changes: Any) -> Command:
    fields: dict[str, Any] = {
        "key": key,
        "station_key": 1,
        "tenant": "default",
        "kind": "Reset",
        "request": {"type": "OnIdle"},
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=5),
    }
    return Command(**fields | changes)


# ── Journal ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_was_committed_is_read_back_equal(storage: SQLiteStorage) -> None:
    station = a_station(info=StationInfo(vendor="V", model="M"), connector_map={"3": [2, 1]}, skew_s=-0.25)
    connector = Connector(station_key=1, evse_id=1, connector_id=1, status="Occupied", since=NOW, received_at=NOW)
    transaction = a_transaction(meter_start_wh=Decimal("0.10"), flags=("odd",), seq_seen=((0, 4), (7, 7)))
    decision = Decision(records=(station, connector, transaction), answer=CommandAnswer(status="Accepted"))
    assert await storage.journal.commit(decision) is decision
    state = await storage.reads.load(1)
    assert state is not None
    assert state.station == station
    assert state.connectors == {(1, 1): connector}
    assert state.open == {"w10": transaction}


async def test_load_of_an_unknown_station_is_none(storage: SQLiteStorage) -> None:
    assert await storage.reads.load(99) is None


async def test_a_later_record_with_the_same_key_replaces_the_first(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_transaction(), a_transaction(start_key="s", id_token=None)])
    await storage.journal.store([a_transaction(ended_at=NOW, id_token=IdToken("X"))])
    stored = await storage.reads.find_by_wire_id(1, "w10")
    assert stored == a_transaction(ended_at=NOW, id_token=IdToken("X"))
    open_ones = await storage.reads.transactions(TransactionFilter(tenant="default", open=True))
    by_token = await storage.reads.transactions(TransactionFilter(tenant="default", token_key="x"))
    assert (open_ones.items, len(by_token.items)) == ((), 1)


async def test_a_repeated_reading_or_event_is_stored_once(storage: SQLiteStorage) -> None:
    record = event_record(TransactionEvent(event_type="Updated", timestamp=NOW, trigger_reason="x", seq_no=1))
    for _ in range(2):
        await storage.journal.store([a_transaction(), a_reading(1), a_reading(1), record])
    assert len((await storage.reads.readings("default", 10)).items) == 1
    assert len((await storage.reads.transaction_events("default", 10)).items) == 1
    assert await storage.reads.find_event(10, record.dedupe_key) == record
    assert await storage.reads.find_event(10, "other") is None


async def test_many_committers_are_all_stored(storage: SQLiteStorage) -> None:
    await asyncio.gather(*(storage.journal.store([a_station(n)]) for n in range(1, 1201)))
    assert len(await storage.reads.all_stations()) == 1200


async def test_one_bad_record_fails_alone_and_wholly(storage: SQLiteStorage) -> None:
    bad = Decision(records=(a_station(500), a_reading(1, digest=2**70)), events=(an_event(),))
    good = [storage.journal.store([a_station(n)], [an_event(n)]) for n in range(1, 21)]
    results = await asyncio.gather(*good[:10], storage.journal.commit(bad), *good[10:], return_exceptions=True)
    assert [type(r) for r in results if r is not None] == [StorageFailed]
    assert [s.key for s in await storage.reads.all_stations()] == list(range(1, 21))
    assert [c.event.data["n"] for c in await storage.outbox.after(0)] == list(range(1, 21))


async def test_an_identity_is_given_once_in_a_tenant(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1, identity="A")])
    await storage.journal.store([a_station(2, identity="A", tenant="other")])
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_station(3, identity="A")])


async def test_a_lone_surrogate_is_refused_and_harms_nobody(storage: SQLiteStorage) -> None:
    results = await asyncio.gather(
        storage.journal.store([a_station(1, name="\ud800")]),
        storage.journal.store([a_station(2)]),
        return_exceptions=True,
    )
    assert isinstance(results[0], StorageFailed)
    assert [s.key for s in await storage.reads.all_stations()] == [2]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:10]))
async def test_hostile_text_comes_back_as_it_was(storage: SQLiteStorage, text: str) -> None:
    oddity = Oddity(station_key=1, at=NOW, kind=text, action=text, detail=text)
    await storage.journal.store([a_station(1, identity=text, name=text), a_transaction(wire_id=text), oddity])
    found = await storage.reads.find_station("default", text)
    assert found is not None
    assert found.name == text
    transaction = await storage.reads.find_by_wire_id(1, text)
    assert transaction is not None
    assert transaction.wire_id == text
    page = await storage.reads.oddities(OddityFilter(tenant="default", kind=text))
    assert [logged.oddity for logged in page.items] == [oddity]


async def test_text_is_searched_literally(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1, name="100%"), a_station(2, name="1000"), a_station(3, name="A_B")])
    for text, keys in (("0%", [1]), ("_", [3]), ("cp", [1, 2, 3]), ("a_b", [3])):
        page = await storage.reads.stations(StationFilter(tenant="default", text=text))
        assert [s.key for s in page.items] == keys


# ── Generations and claims ──────────────────────────────────────────────────────────────────────────────────────


async def test_an_older_generation_cannot_commit(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    first = await storage.journal.register_connection(1)
    second = await storage.journal.register_connection(1)
    assert second > first
    with pytest.raises(StaleGeneration):
        await storage.journal.commit(Decision(records=(a_transaction(),)), station_key=1, generation=first)
    assert await storage.reads.find_by_wire_id(1, "w10") is None
    await storage.journal.commit(Decision(records=(a_transaction(),)), station_key=1, generation=second)


async def test_a_connection_registered_in_the_same_batch_wins(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    old = await storage.journal.register_connection(1)
    new, result = await asyncio.gather(
        storage.journal.register_connection(1),
        storage.journal.commit(Decision(records=(a_transaction(),)), station_key=1, generation=old),
        return_exceptions=True,
    )
    assert new == old + 1
    assert isinstance(result, StaleGeneration)


async def test_storing_a_station_does_not_take_its_generation_back(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    generation = await storage.journal.register_connection(1)
    await storage.journal.store([a_station(name="new")])
    state = await storage.reads.load(1)
    assert state is not None
    assert (state.station.name, state.station.generation) == ("new", generation)


async def test_boots_and_presence_leave_what_operators_write_and_the_other_way_round(
    storage: SQLiteStorage,
) -> None:
    before = a_station(name="old", password_hash="h")
    await storage.journal.store([before])
    info = StationInfo(vendor="V", model="M")
    boot = Boot(station_key=1, version="2.0.1", info=info, reason="PowerUp", booted_at=NOW)
    there = Presence(station_key=1, connected_at=NOW, skew_s=-1.5)
    gone = Presence(station_key=1, disconnected_at=NOW, last_seen_at=NOW)
    await asyncio.gather(
        storage.journal.store([boot, there]),
        storage.journal.store([msgspec.structs.replace(before, name="new", registration="Pending")]),
        storage.journal.store([gone]),
    )
    assert await storage.reads.station("default", 1) == a_station(
        name="new",
        registration="Pending",
        password_hash="h",
        version="2.0.1",
        info=info,
        boot_reason="PowerUp",
        booted_at=NOW,
        connected_at=NOW,
        disconnected_at=NOW,
        last_seen_at=NOW,
        skew_s=-1.5,
    )


async def test_an_unknown_station_gets_no_generation(storage: SQLiteStorage) -> None:
    with pytest.raises(StorageFailed):
        await storage.journal.register_connection(404)


def claiming(key: int, limit: int = 1, tenant: str = "default") -> Decision:
    return Decision(
        answer=CommandAnswer(status="Accepted"),
        records=(a_transaction(key, tenant=tenant),),
        claim=TokenClaim(tenant=tenant, token_key="tag1", limit=limit, transaction_key=key),
        otherwise=Decision(
            answer=CommandAnswer(status="ConcurrentTx"),
            records=(a_transaction(key, tenant=tenant, authorization="ConcurrentTx"),),
        ),
    )


async def test_only_one_of_many_at_once_gets_a_token(storage: SQLiteStorage) -> None:
    decisions = [claiming(key) for key in range(10, 20)]
    held = await asyncio.gather(*map(storage.journal.commit, decisions))
    assert [a is d for a, d in zip(held, decisions, strict=True)].count(True) == 1
    page = await storage.reads.transactions(TransactionFilter(tenant="default", token_key="tag1"))
    assert sorted(t.authorization or "" for t in page.items) == ["Accepted", *["ConcurrentTx"] * 9]


async def test_a_claim_does_not_count_itself_ended_refused_or_other_tenants_ones(storage: SQLiteStorage) -> None:
    refused = a_transaction(3, authorization="ConcurrentTx")
    await storage.journal.store([a_transaction(1, ended_at=NOW), a_transaction(2, tenant="other"), refused])
    first = claiming(10)
    assert await storage.journal.commit(first) is first
    assert await storage.journal.commit(first) is first
    second = claiming(11, limit=2)
    assert await storage.journal.commit(second) is second
    third = claiming(12, limit=2)
    assert await storage.journal.commit(third) is third.otherwise


# ── Outbox ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_events_are_told_in_order_after_their_commit(storage: SQLiteStorage) -> None:
    told: list[CommittedEvent] = []
    storage.journal.on_committed = told.extend
    await storage.journal.store([a_station()], [an_event(1), an_event(2, volatile=True)])
    await storage.journal.store([], [an_event(3)])
    await asyncio.sleep(0)
    assert [(c.seq is None, c.event.data["n"]) for c in told] == [(False, 1), (True, 2), (False, 3)]
    assert list(await storage.outbox.after(0)) == [c for c in told if c.seq is not None]
    assert list(await storage.outbox.after(told[0].seq or 0)) == [told[2]]


async def test_events_of_what_failed_are_not_told(storage: SQLiteStorage) -> None:
    told: list[CommittedEvent] = []
    storage.journal.on_committed = told.extend
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_reading(1, digest=2**70)], [an_event(1)])
    await storage.journal.store([], [an_event(2)])
    await asyncio.sleep(0)
    assert [c.event.data["n"] for c in told] == [2]


async def test_a_pruned_place_is_not_given_again(storage: SQLiteStorage) -> None:
    await storage.journal.store([], [an_event(n) for n in range(5)])
    assert await storage.outbox.prune(await storage.outbox.last_seq()) == 5
    last = await storage.outbox.last_seq()
    await storage.journal.store([], [an_event(9)])
    assert [c.seq for c in await storage.outbox.after(0)] == [last + 1]


# ── The aggregate ───────────────────────────────────────────────────────────────────────────────────────────────


def event_record(event: TransactionEvent, key: str | None = None) -> TransactionEventRecord:
    bare = msgspec.structs.replace(event, meter_values=())
    return TransactionEventRecord(
        station_key=1,
        transaction_key=10,
        dedupe_key=key or f"{event.seq_no}",
        digest=-5,
        event_type=event.event_type,
        trigger_reason=event.trigger_reason,
        seq_no=event.seq_no,
        timestamp=event.timestamp,
        received_at=NOW,
        offline=event.offline,
        body=msgspec.json.encode(bare),
    )


def value_reading(value: MeterValue, digest: int) -> Reading:
    return a_reading(
        0,
        taken_at=value.timestamp,
        digest=digest,
        received_at=NOW,
        register_wh=register_wh(value.samples),
        samples=value.samples,
    )


def an_update(number: int, minute: int, wh: str, context: str = "Sample.Periodic") -> TransactionEvent:
    at = NOW + timedelta(minutes=minute)
    return TransactionEvent(
        event_type="Started" if number == 0 else "Updated",
        timestamp=at,
        trigger_reason="MeterValuePeriodic",
        transaction_id="w10",
        seq_no=number,
        evse=Evse(1, 1),
        charging_state="Charging" if number % 2 else "SuspendedEV",
        id_token=IdToken("TAG1", "ISO14443") if number == 0 else None,
        meter_values=(MeterValue(at, (Sample(wh, unit="Wh", context=context),)),),
    )


@pytest.mark.parametrize("stored_after", [0, 2, 5])
async def test_a_loaded_transaction_equals_the_one_in_memory(storage: SQLiteStorage, stored_after: int) -> None:
    events = [
        an_update(0, 0, "100.0", "Transaction.Begin"),
        an_update(1, 1, "110"),
        an_update(5, 9, "190"),
        an_update(3, 3, "130.25"),
        an_update(2, -4, "95"),
        an_update(7, 7, "170"),
    ]
    memory = begin(10, "default", 1, events[0], NOW)
    records: list[Any] = [a_station()]
    for number, event in enumerate(events):
        memory = fold(memory, event, NOW)
        records += [event_record(event), value_reading(event.meter_values[0], number)]
        if number == stored_after:
            records.append(memory)
    alone = MeterValue(NOW + timedelta(minutes=20), (Sample("0.2", unit="kWh"),))
    memory = with_meter_values(memory, [alone])
    records.append(value_reading(alone, 99))
    await storage.journal.store(records)
    state = await storage.reads.load(1)
    assert state is not None
    assert state.open == {"w10": memory}
    page = await storage.reads.transactions(TransactionFilter(tenant="default", open=True))
    assert page.items == (memory,)


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_keys_are_positive_growing_and_do_not_run_out(storage: SQLiteStorage) -> None:
    taken = []
    for _ in range(50):
        taken += [storage.keys.take() for _ in range(1000)]
        await storage.journal.store([a_station()])
    assert taken[0] > 0
    assert taken == sorted(set(taken))


# ── Reads ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_tokens_are_found_by_value_without_case_and_by_type(storage: SQLiteStorage) -> None:
    rfid = Token(key=1, tenant="default", id_token=IdToken("Abc", "ISO14443"))
    central = Token(key=2, tenant="default", id_token=IdToken("ABC", "Central"))
    open_type = Token(key=3, tenant="default", id_token=IdToken("xyz"))
    await storage.journal.store([rfid, central, open_type])
    find = storage.reads.find_token
    assert await find("default", IdToken("aBC", "ISO14443")) == rfid
    assert await find("default", IdToken("abc", "Central")) == central
    assert await find("default", IdToken("abc")) in (rfid, central)
    assert await find("default", IdToken("XYZ", "eMAID")) == open_type
    assert await find("default", IdToken("abc", "eMAID")) is None
    assert await find("other", IdToken("abc")) is None


async def test_a_removed_token_is_gone_and_may_come_again(storage: SQLiteStorage) -> None:
    def token(key: int) -> Token:
        return Token(key=key, tenant="default", id_token=IdToken("T"))

    await storage.journal.store([token(1), TokenRemoved(tenant="other", key=1)])
    assert await storage.reads.token("default", 1) == token(1)
    await storage.journal.store([TokenRemoved(tenant="default", key=1), token(2)])
    assert await storage.reads.find_token("default", IdToken("t")) == token(2)


async def test_the_newest_transaction_with_a_start_key_is_found(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_transaction(5, start_key="s", ended_at=NOW), a_transaction(6, start_key="s")])
    found = await storage.reads.find_by_start_key(1, "s")
    assert found is not None
    assert found.key == 6
    assert await storage.reads.find_by_start_key(2, "s") is None


async def test_pages_show_every_transaction_once_newest_first(storage: SQLiteStorage) -> None:
    same_moment = [a_transaction(key, first_event_at=NOW) for key in range(1, 8)]
    await storage.journal.store([*same_moment, a_transaction(9), a_transaction(8, tenant="other")])
    seen: list[int] = []
    cursor = None
    while True:
        page = await storage.reads.transactions(
            TransactionFilter(tenant="default"), PageRequest(limit=3, cursor=cursor)
        )
        seen += [t.key for t in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [9, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "cursor", ["", "?", "W10", "WyJhIiwxXQ", "é", "A" * 10_000, "WzEsOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"]
)
async def test_a_foreign_cursor_is_refused(storage: SQLiteStorage, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await storage.reads.transactions(TransactionFilter(tenant="default"), PageRequest(cursor=cursor))


async def test_transactions_are_filtered(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_transaction(1), a_transaction(2, station_key=2), a_transaction(3, ended_at=NOW)])

    async def keys(**query: Any) -> list[int]:
        page = await storage.reads.transactions(TransactionFilter(tenant="default", **query))
        return [t.key for t in page.items]

    assert await keys(station_key=2) == [2]
    assert await keys(open=False) == [3]
    assert await keys(token_key="tag1", open=True) == [2, 1]
    assert await keys(from_at=NOW + timedelta(seconds=2), to_at=NOW + timedelta(seconds=3)) == [2]
    assert await storage.reads.transaction("default", 1) == a_transaction(1)
    assert await storage.reads.transaction("other", 1) is None


async def test_readings_come_exact_in_the_order_of_station_time(storage: SQLiteStorage) -> None:
    readings = [a_reading(n) for n in range(30)]
    await storage.journal.store([a_transaction(), *reversed(readings)])
    assert [r async for r in storage.reads.all_readings("default", 10)] == readings
    assert (await storage.reads.readings("other", 10)).items == ()


async def test_stations_are_filtered_and_scoped(storage: SQLiteStorage) -> None:
    later = NOW + timedelta(seconds=1)
    await storage.journal.store(
        [
            a_station(1, version="1.6", connected_at=NOW),
            a_station(2, version="2.0.1", connected_at=NOW, disconnected_at=later),
            a_station(3, connected_at=later, disconnected_at=NOW),
            a_station(4, tenant="other", connected_at=NOW),
        ]
    )

    async def keys(**query: Any) -> list[int]:
        return [s.key for s in (await storage.reads.stations(StationFilter(tenant="default", **query))).items]

    assert await keys() == [1, 2, 3]
    assert await keys(connected=True) == [1, 3]
    assert await keys(connected=False) == [2]
    assert await keys(version="2.0.1") == [2]
    assert await storage.reads.station("default", 4) is None
    assert await storage.reads.tenants() == ["default", "other"]


async def test_connectors_are_listed_and_counted(storage: SQLiteStorage) -> None:
    def connector(evse_id: int, connector_id: int, status: str) -> Connector:
        return msgspec.convert(
            {
                "station_key": 1,
                "evse_id": evse_id,
                "connector_id": connector_id,
                "status": status,
                "since": NOW,
                "received_at": NOW,
            },
            Connector,
        )

    there = [connector(0, 0, "Faulted"), connector(1, 1, "Occupied"), connector(2, 1, "Available")]
    await storage.journal.store([a_station(), *reversed(there)])
    assert await storage.reads.connectors("default", 1) == there
    assert await storage.reads.connectors("other", 1) == []
    assert await storage.reads.connector_counts("default") == {"Occupied": 1, "Available": 1}


async def test_tokens_are_searched(storage: SQLiteStorage) -> None:
    await storage.journal.store(
        [
            Token(key=1, tenant="default", id_token=IdToken("ABC1")),
            Token(key=2, tenant="default", id_token=IdToken("abd2"), status="Blocked"),
        ]
    )
    both = await storage.reads.tokens(TokenFilter(tenant="default", text="aB"))
    blocked = await storage.reads.tokens(TokenFilter(tenant="default", status="Blocked"))
    assert ([t.key for t in both.items], [t.key for t in blocked.items]) == ([1, 2], [2])


async def test_commands_are_found_by_state_and_by_what_they_start(storage: SQLiteStorage) -> None:
    sent = advance(a_command(2, station_key=2), "sent", sent_at=NOW)
    done = advance(sent, "accepted", answered_at=NOW, answer={"status": "Accepted"})
    start = a_command(3, kind="RequestStartTransaction", request={"remote_start_id": 77})
    await storage.journal.store([a_command(1), sent, start])
    reads = storage.reads
    assert [c.key for c in await reads.unfinished_commands()] == [1, 2, 3]
    assert await reads.unfinished_commands(2) == [sent]
    assert await reads.find_start_command(1, 77) == start
    assert await reads.find_start_command(2, 77) is None
    await storage.journal.store([done])
    assert await reads.unfinished_commands(2) == []
    assert await reads.load_command(2) == done
    assert await reads.command("other", 2) is None
    page = await reads.commands(CommandFilter(tenant="default", state="queued"))
    assert [c.key for c in page.items] == [3, 1]


async def test_oddities_are_listed_and_counted(storage: SQLiteStorage) -> None:
    def oddity(minute: int, kind: str) -> Oddity:
        at = NOW + timedelta(minutes=minute)
        return Oddity(station_key=1, at=at, kind=kind, action=None, detail="d")

    await storage.journal.store([a_station(), oddity(0, "late"), oddity(1, "null"), oddity(2, "late")])
    page = await storage.reads.oddities(OddityFilter(tenant="default", station_key=1))
    assert [logged.oddity.kind for logged in page.items] == ["late", "null", "late"]
    counts = await storage.reads.oddity_counts("default")
    assert [(c.kind, c.count, c.first_at, c.last_at) for c in counts] == [
        ("late", 2, NOW, NOW + timedelta(minutes=2)),
        ("null", 1, NOW + timedelta(minutes=1), NOW + timedelta(minutes=1)),
    ]
    assert await storage.reads.oddity_counts("other") == []


async def test_conflicts_callers_keys_and_settings_are_kept(storage: SQLiteStorage) -> None:
    conflict = Conflict(station_key=1, transaction_key=None, dedupe_key="3", received_at=NOW, body=b"\x00{}")
    api_key = ApiKey(key=1, tenant="default", name="n", role="viewer", hash="h", created_at=NOW)
    caller = UnknownCaller(tenant="default", identity="?", at=NOW, address="10.0.0.1", subprotocols="ocpp1.6")
    later = msgspec.structs.replace(caller, at=NOW + timedelta(hours=1), address="10.0.0.2")
    await storage.journal.store([a_station(), conflict, api_key, caller, later])
    assert [c.conflict for c in (await storage.reads.conflicts("default", 1)).items] == [conflict]
    assert await storage.reads.all_api_keys() == [api_key]
    (seen,) = (await storage.reads.unknown_callers("default")).items
    assert (seen.calls, seen.first_at, seen.last_at, seen.address) == (2, NOW, later.at, "10.0.0.2")
    await storage.put_setting("default", "language", "de")
    await storage.put_setting("default", "language", "fr")
    assert await storage.reads.setting("default", "language") == "fr"
    assert await storage.reads.setting("other", "language") is None


# ── Message log and retention ───────────────────────────────────────────────────────────────────────────────────


async def test_frames_are_filtered_newest_first(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_station(2, tenant="other")])
    frames = [a_frame(0), a_frame(1, direction="out"), a_frame(2, action="Boot%"), a_frame(3, station_key=2)]
    for frame in frames:
        storage.message_log.record(frame)
    await storage.message_log.flush()

    async def found(**query: Any) -> list[FrameRecord]:
        page = await storage.reads.frames(FrameFilter(tenant="default", **query))
        return [logged.frame for logged in page.items]

    assert await found() == [frames[2], frames[1], frames[0]]
    assert await found(station_key=1, direction="in") == [frames[2], frames[0]]
    assert await found(action="Boot%") == [frames[2]]
    assert await found(text='"1"') == [frames[1]]
    assert await found(from_at=frames[1].at, to_at=frames[2].at) == [frames[1]]
    assert await found(station_key=2) == []


async def test_retention_lets_go_of_what_is_old_and_only_of_that(storage: SQLiteStorage) -> None:
    old, new = NOW - timedelta(days=40), NOW - timedelta(days=1)
    records: list[Any] = [a_station(), a_transaction(10, ended_at=old), a_transaction(11)]
    records += [
        *(a_reading(number, received_at=old) for number in range(600)),
        a_reading(700, received_at=new, taken_at=datetime(1970, 1, 1, tzinfo=UTC)),
        a_reading(701, received_at=old, transaction_key=11),
        Oddity(station_key=1, at=old, kind="k", action=None, detail=""),
        advance(a_command(1, created_at=old), "timed_out"),
        a_command(2, created_at=old),
        UnknownCaller(tenant="default", identity="u", at=old, address="", subprotocols=""),
    ]
    await storage.journal.store(records, [msgspec.structs.replace(an_event(), at=old), an_event()])
    storage.message_log.record(a_frame(0, at=old))
    storage.message_log.record(a_frame(1, at=new))
    await storage.message_log.flush()
    policy = RetentionPolicy(readings_days=30, oddities_days=30, commands_days=30)
    assert await storage.retention.run(policy, NOW) == {
        "readings": 600,
        "frames": 1,
        "oddities": 1,
        "outbox": 1,
        "commands": 1,
        "unknown_callers": 1,
    }
    assert [r.digest async for r in storage.reads.all_readings("default", 10)] == [700]
    assert [r.digest async for r in storage.reads.all_readings("default", 11)] == [701]
    assert [c.count for c in await storage.reads.oddity_counts("default")] == [1]


async def test_down_sampling_keeps_one_reading_per_interval_and_the_edges(storage: SQLiteStorage) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    marked = (Sample("1.0", context="Transaction.Begin"),)
    readings = [
        a_reading(
            n, taken_at=start + timedelta(minutes=n), samples=marked if n == 7 else a_reading(n).samples,
            received_at=start + timedelta(minutes=n),
        )
        for n in range(60)
    ]  # fmt: skip
    await storage.journal.store([a_transaction(ended_at=NOW), *readings])
    policy = RetentionPolicy(downsample_after_days=10, downsample_minutes=15)
    assert (await storage.retention.run(policy, NOW))["readings_thinned"] == 54
    kept = [r.digest async for r in storage.reads.all_readings("default", 10)]
    assert kept == [0, 7, 15, 30, 45, 59]
    assert (await storage.retention.run(policy, NOW))["readings_thinned"] == 0
