"""What one decision costs until it is on disk: ``python tests/benchmarks/bench_storage.py [directory]``.

500 stations commit as fast as they are answered; CPU is counted over all threads, waking the caller included.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import uvloop

from stationmaster.clock.wall import WallClock
from stationmaster.csms.connection.frame_log import StationWatch
from stationmaster.csms.connection.message_log import LogBuffer
from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.records import Event, Reading, TransactionEventRecord
from stationmaster.domain.transactions.transaction import Register, Transaction
from stationmaster.storage.sqlite import SQLiteStorage

STATIONS = 500
ROUNDS = 100
EXCHANGES = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLES = (
    Sample("123456.7", unit="Wh"),
    Sample("7360", measurand="Power.Active.Import", unit="W"),
    Sample("32.0", measurand="Current.Import", phase="L1", unit="A"),
)


def reading(station: int, number: int) -> Reading:
    at = START + timedelta(seconds=10 * number, milliseconds=station)
    return Reading(
        station_key=station,
        taken_at=at,
        digest=hash((station, number)),
        transaction_key=station,
        evse_id=1,
        connector_id=1,
        received_at=at,
        register_wh=Decimal("123456.7"),
        power_w=Decimal("7360"),
        samples=SAMPLES,
    )


def meter_values(station: int, number: int) -> Decision:
    return Decision(records=(reading(station, number),))


def transaction_event(station: int, number: int) -> Decision:
    at = START + timedelta(seconds=10 * number, milliseconds=station)
    transaction = Transaction(
        key=station,
        tenant="default",
        station_key=station,
        wire_id=f"b1946ac9-{station}",
        evse=Evse(1, 1),
        id_token=IdToken(f"04E91C{station}", "ISO14443"),
        authorization="Accepted",
        charging_state="Charging",
        first_event_at=START,
        received_at=START,
        started_at=START,
        seq_seen=((0, number),),
        first_register=Register(START, Decimal("120000.0")),
        last_register=Register(at, Decimal("123456.7")),
        token_rank=(0, START),
        state_rank=(0, START),
    )
    record = TransactionEventRecord(
        station_key=station,
        transaction_key=station,
        dedupe_key=str(number),
        digest=hash((station, number)),
        event_type="Updated",
        trigger_reason="MeterValuePeriodic",
        seq_no=number,
        timestamp=at,
        received_at=at,
        offline=False,
        body=b'{"event_type":"Updated","timestamp":"2026-01-01T00:00:00Z","trigger_reason":"MeterValuePeriodic"}',
    )
    event = Event(
        kind="transaction.updated",
        tenant="default",
        at=at,
        station_key=station,
        data={"transaction_key": station, "charging_state": "Charging"},
    )
    return Decision(records=(transaction, record, reading(station, number)), events=(event,))


async def run(storage: SQLiteStorage, name: str, decide: Callable[[int, int], Decision]) -> None:
    ready = [[decide(station, n) for n in range(ROUNDS)] for station in range(1, STATIONS + 1)]
    waits: list[float] = []

    async def station(decisions: list[Decision]) -> None:
        for decision in decisions:
            asked = time.perf_counter()
            await storage.journal.commit(decision)
            waits.append(time.perf_counter() - asked)

    started, cpu, loop_cpu = time.perf_counter(), time.process_time(), time.thread_time()
    await asyncio.gather(*map(station, ready))
    wall, cpu, loop_cpu = (
        time.perf_counter() - started,
        time.process_time() - cpu,
        time.thread_time() - loop_cpu,
    )
    count = STATIONS * ROUNDS
    rows = sum(len(d.records) + len(d.events) for d in ready[0]) * STATIONS
    waits.sort()
    print(
        f"{name:22}{count / wall:9,.0f} decisions/s {rows / wall:9,.0f} rows/s; CPU per decision "
        f"{cpu / count * 1e6:5.1f} us (loop {loop_cpu / count * 1e6:.1f}); wait p50 "
        f"{waits[count // 2] * 1e3:.1f} ms, p99 {waits[count * 99 // 100] * 1e3:.1f} ms"
    )


async def run_log(storage: SQLiteStorage) -> None:
    frame = b'[2,"1234567","MeterValues",' + b'{"connectorId":1}' * 15 + b"]"
    clock, rounds, cpu, loop_cpu = WallClock(), 4, 0.0, 0.0
    log = LogBuffer(storage.message_log, clock)
    watches = [StationWatch(key, log, lambda oddity: None, clock.now, mask_tokens=False) for key in range(STATIONS)]
    for _ in range(rounds):
        cpu, loop_cpu = cpu - time.process_time(), loop_cpu - time.thread_time()
        for number in range(EXCHANGES):
            watch = watches[number % STATIONS]
            watch.frame("in", frame, "MeterValues", "1234567")
            watch.frame("out", b'[3,"1234567",{}]', "MeterValues", "1234567")
        loop_cpu += time.thread_time()
        await log.flush()
        cpu += time.process_time()
    count = rounds * EXCHANGES
    print(
        f"message log: {cpu / count * 1e6:.1f} us CPU per call with its answer, masking and writing included; "
        f"on the loop {loop_cpu / count * 1e6:.2f} us; {log.dropped} dropped"
    )


async def main(directory: Path) -> None:
    for name, decide in (("MeterValues", meter_values), ("TransactionEvent", transaction_event)):
        storage = await SQLiteStorage.open(str(directory / f"{name}.db"))
        await run(storage, name, decide)
        await storage.close()
    storage = await SQLiteStorage.open(str(directory / "log.db"))
    await run_log(storage)
    await storage.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        uvloop.run(main(Path(made)))
