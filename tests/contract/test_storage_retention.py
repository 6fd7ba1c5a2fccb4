"""The message log, and letting go of what is old."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from storage_records import NOW, a_command, a_frame, a_reading, a_station, a_transaction, an_event, stretch

from stationmaster.domain.command import advance
from stationmaster.domain.cost import billing
from stationmaster.domain.cost.bill import Bill, BillState, Inputs
from stationmaster.domain.cost.evidence import Evidence
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Place as TariffPlace
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.queries import FrameFilter
from stationmaster.domain.records import FrameRecord, Oddity, UnknownCaller
from stationmaster.storage.reads import frames as reads_of_frames
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage


async def test_frames_are_filtered_newest_first(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_station(2, tenant="other")])
    frames = [a_frame(0), a_frame(1, direction="out"), a_frame(2, action="Boot%"), a_frame(3, station_key=2)]
    await storage.message_log.write([stretch(frame) for frame in frames])

    async def found(**query: Any) -> list[FrameRecord]:
        page = await storage.reads.frames(FrameFilter(tenant="default", **query))
        return [logged.frame for logged in page.items]

    assert await found() == [frames[2], frames[1], frames[0]]
    assert await found(station_key=1, direction="in") == [frames[2], frames[0]]
    assert await found(action="Boot%") == [frames[2]]
    assert await found(text='"1"') == [frames[1]]
    assert await found(from_at=frames[1].at, to_at=frames[2].at) == [frames[1]]
    assert await found(station_key=2) == []


async def test_a_call_and_its_answer_are_kept_together_and_read_one_by_one(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    call = a_frame(1)
    answer = a_frame(1, direction="out", kind="result", frame='[3,"1",{}]', at=call.at + timedelta(microseconds=1))
    await storage.message_log.write([stretch(call, answer)])
    page = await storage.reads.frames(FrameFilter(tenant="default"))
    assert [logged.frame for logged in page.items] == [answer, call]


async def test_a_tail_begins_with_a_look_at_the_end_of_the_log_alone(
    storage: SQLiteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads_of_frames, "_TAIL_ROWS", 2)
    await storage.journal.store([a_station(1), a_station(2)])
    frames = [a_frame(0, station_key=2), a_frame(1, action="Rare"), a_frame(2), a_frame(3)]
    for frame in frames:
        await storage.message_log.write([stretch(frame)])

    async def begun(**query: Any) -> list[FrameRecord]:
        tail = await storage.reads.frame_tail(FrameFilter(tenant="default", **query), None, 10)
        assert not tail.more
        assert (await storage.reads.frame_tail(FrameFilter(tenant="default", **query), tail.position, 10)).items == ()
        return [logged.frame for logged in tail.items]

    assert await begun() == frames[2:]
    assert await begun(action="Rare") == []
    assert await begun(station_key=1) == frames[2:]
    assert await begun(station_key=1, action="Rare") == []
    assert await begun(station_key=2) == frames[:1]  # however long it was quiet


async def test_frames_that_cannot_be_stored_are_told_of_and_harm_nobody(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    bad, good = a_frame(1, frame="\ud800"), a_frame(2)
    results = await asyncio.gather(
        storage.message_log.write([stretch(a_frame(0)), stretch(bad)]),
        storage.message_log.write([stretch(good)]),
        storage.journal.store([a_station(2)]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StorageFailed, type(None), type(None)]
    page = await storage.reads.frames(FrameFilter(tenant="default"))
    assert [logged.frame for logged in page.items] == [good]


async def test_a_closed_store_takes_no_frames(storage: SQLiteStorage) -> None:
    await storage.journal.close()
    with pytest.raises(StorageFailed):
        storage.message_log.write([stretch(a_frame(1))])


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
    await storage.journal.store(records, [an_event(at=old), an_event()])
    await storage.message_log.write([stretch(a_frame(0, at=old)), stretch(a_frame(1, at=new))])
    policy = RetentionPolicy(readings_days=30, oddities_days=30, commands_days=30)
    let_go = await storage.retention.run(policy, NOW)
    assert {what: count for what, count in let_go.items() if count} == {
        "readings": 600,
        "frame_stretches": 1,
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


async def _kept_of_an_hour(storage: SQLiteStorage, samples_of_7: tuple[Sample, ...], **transaction: Any) -> list[int]:
    """Thin out a reading a minute; tells the ones that stayed."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    readings = [
        a_reading(n, taken_at=start + timedelta(minutes=n), received_at=start + timedelta(minutes=n)) for n in range(60)
    ]
    readings[7] = msgspec.structs.replace(readings[7], samples=samples_of_7)
    await storage.journal.store([a_transaction(**transaction), *readings])
    await storage.retention.run(RetentionPolicy(downsample_after_days=10, downsample_minutes=15), NOW)
    return [reading.digest async for reading in storage.reads.all_readings("default", 10)]


@pytest.mark.parametrize(
    "signed",
    [
        Sample("1.0", signed={"signedMeterData": "T0NNRg==", "encodingMethod": "OCMF"}),
        Sample("T0NNRnx7fQ==", format="SignedData"),
    ],
    ids=["2.x", "1.6"],
)
async def test_down_sampling_never_takes_a_signed_reading(storage: SQLiteStorage, signed: Sample) -> None:
    assert await _kept_of_an_hour(storage, (Sample("1.0"), signed), ended_at=NOW) == [0, 7, 15, 30, 45, 59]


async def test_down_sampling_leaves_a_transaction_alone_that_is_open(storage: SQLiteStorage) -> None:
    assert await _kept_of_an_hour(storage, (Sample("1.0"),)) == list(range(60))


@pytest.mark.parametrize(("state", "kept"), [("held", 60), ("issued", 5), ("superseded", 5)])
async def test_down_sampling_leaves_a_transaction_alone_whose_bill_is_held(
    storage: SQLiteStorage, state: BillState, kept: int
) -> None:
    nothing = billing.content(Inputs(evidence=Evidence(), place=TariffPlace(station_key=1, evse_id=1)))
    bill = Bill(
        key=1, tenant="default", transaction_key=10, station_key=1, version=1, state=state, content=nothing,
        inputs_digest="", issued_at=NOW, cause="ended", cdr_id="1",
    )  # fmt: skip
    await storage.journal.store([bill])
    assert len(await _kept_of_an_hour(storage, (Sample("1.0"),), ended_at=NOW)) == kept


async def test_each_tenant_s_rows_go_by_its_own_terms_and_all_others_by_the_program_s(storage: SQLiteStorage) -> None:
    old = NOW - timedelta(days=40)
    for number, tenant in enumerate(("default", "acme", "volta"), 1):
        await storage.journal.store(
            [
                a_station(number, tenant=tenant, identity=f"CP-{number}"),
                a_reading(number, station_key=number, received_at=old, transaction_key=None),
                Oddity(station_key=number, at=old, kind="k", action=None, detail=""),
            ],
            [msgspec.structs.replace(an_event(at=old), tenant=tenant)],
        )
    program = RetentionPolicy(readings_days=30, oddities_days=30, outbox_days=50)
    acme = RetentionPolicy(readings_days=None, oddities_days=30, outbox_days=10)
    gone = await storage.retention.run(program, NOW, {"acme": acme, "default": program})
    assert (gone["readings"], gone["oddities"], gone["outbox"]) == (2, 3, 1)
    assert {each.event.tenant for each in await storage.outbox.after(0)} == {"default", "volta"}


async def test_down_sampling_of_one_tenant_leaves_the_others_alone(storage: SQLiteStorage) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number, tenant in enumerate(("default", "acme"), 1):
        idle = [
            a_reading(
                n, station_key=number, transaction_key=None, register_wh=None,
                taken_at=start + timedelta(minutes=n), received_at=start + timedelta(minutes=n),
            )
            for n in range(60)
        ]  # fmt: skip
        await storage.journal.store([a_station(number, tenant=tenant, identity=f"CP-{number}"), *idle])
    own = {"acme": RetentionPolicy(idle_downsample_after_days=10, idle_downsample_minutes=30)}
    assert (await storage.retention.run(RetentionPolicy(), NOW, own))["idle_readings_thinned"] == 58
    assert (await storage.retention.run(RetentionPolicy(), NOW, own))["idle_readings_thinned"] == 0


async def test_down_sampling_waits_for_a_bill_that_is_still_to_be_made(storage: SQLiteStorage) -> None:
    tariff = Tariff(
        key=1, tenant="default", name="t", version=1, valid_from=NOW, currency="EUR", created_at=NOW, created_by="x"
    )
    await storage.journal.store([tariff])
    assert len(await _kept_of_an_hour(storage, (Sample("1.0"),), ended_at=NOW)) == 60
