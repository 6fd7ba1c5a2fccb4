"""The message log's buffer."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import structlog

from stationmaster.csms.message_log import CAPACITY, FLUSH_INTERVAL_S, PORTION, LogBuffer
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.records import Exchange

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_call(text: str = "[]") -> Exchange:
    return Exchange(1, NOW, "in", "call", "1", "A", text)


def an_exchange() -> Exchange:
    exchange = a_call()
    exchange.answered_at, exchange.answer_kind, exchange.answer = NOW, "result", "[3]"
    return exchange


class HandClock:
    """Sleeps end when the test says so."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.go = asyncio.Event()

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.go.wait()
        self.go.clear()


class Store:
    """Keeps what it is given; a write is over at once, or when the test says how it ended."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.portions: list[list[Exchange]] = []
        self.writing: list[asyncio.Future[None]] = []
        self.closed = False
        self._at_once = at_once

    @property
    def sizes(self) -> list[int]:
        return [len(portion) for portion in self.portions]

    def write(self, exchanges: Sequence[Exchange]) -> "asyncio.Future[None]":
        if self.closed:
            raise StorageFailed("closed")
        self.portions.append([msgspec.structs.replace(exchange) for exchange in exchanges])  # as they are now
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.writing.append(written)
        if self._at_once:
            written.set_result(None)
        return written


def record(log: LogBuffer, count: int) -> None:
    for _ in range(count):
        log.record(a_call())


async def test_it_writes_within_the_interval_and_sleeps_while_nothing_comes() -> None:
    store, clock = Store(), HandClock()
    log = LogBuffer(store, clock)
    running = asyncio.create_task(log.run())
    await asyncio.sleep(0)
    assert clock.slept == []

    record(log, 2)
    await asyncio.sleep(0)
    assert (clock.slept, store.sizes) == ([FLUSH_INTERVAL_S], [])
    clock.go.set()
    for _ in range(5):
        await asyncio.sleep(0)

    assert (clock.slept, store.sizes) == ([FLUSH_INTERVAL_S], [2]), "and it sleeps again until something comes"
    running.cancel()


async def test_a_full_portion_is_written_at_once() -> None:
    store = Store()
    log = LogBuffer(store, HandClock(), portion=10)
    record(log, 25)
    assert store.sizes == [10, 10]
    await log.flush()
    assert store.sizes == [10, 10, 5]


def test_no_portion_can_be_too_large_for_the_buffer() -> None:
    assert PORTION < CAPACITY


async def test_each_portion_has_a_number_that_it_keeps_while_it_is_filled() -> None:
    log = LogBuffer(Store(), HandClock(), portion=3)
    numbers = []
    for _ in range(7):
        log.record(a_call())
        numbers.append(log.portion)
    assert numbers == [0, 0, 1, 1, 1, 2, 2]
    await log.flush()
    assert log.portion == 3


async def test_what_is_written_is_masked_the_answer_too() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    secret, harmless = an_exchange(), an_exchange()
    secret.frame = '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cr3t"}]'
    secret.answer = '[3,"1",{"password":"s3cr3t"}]'
    log.record(harmless)
    log.record(secret)
    await log.flush()
    assert "s3cr3t" not in repr(store.portions)
    assert store.portions[0][0] == an_exchange()


async def test_what_the_store_does_not_take_in_time_is_dropped_and_counted() -> None:
    store = Store(at_once=False)
    log = LogBuffer(store, HandClock(), portion=10, capacity=25)
    with structlog.testing.capture_logs() as logs:
        record(log, 30)
    assert (store.sizes, log.dropped) == ([10, 10], 10)
    assert [(entry["event"], entry["frames"]) for entry in logs] == [("message_log.dropped", 10)]

    store.writing[0].set_result(None)
    await asyncio.sleep(0)
    record(log, 10)
    assert (store.sizes, log.dropped) == ([10, 10, 10], 10), "there is room again"


async def test_a_dropped_exchange_counts_as_two_frames() -> None:
    log = LogBuffer(Store(), HandClock(), portion=10, capacity=0)
    log.record(an_exchange())
    log.record(a_call())
    await log.flush()
    assert log.dropped == 3


async def test_a_portion_that_cannot_be_stored_is_counted_and_the_next_one_is_stored() -> None:
    store = Store(at_once=False)
    log = LogBuffer(store, HandClock(), portion=1)
    log.record(a_call())
    log.record(an_exchange())
    log.record(an_exchange())
    store.writing[0].set_exception(StorageFailed("the disk is full"))
    store.writing[1].cancel()
    store.writing[2].set_result(None)
    await log.flush()
    assert log.dropped == 1 + 2


async def test_what_comes_after_the_store_was_closed_is_counted() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    store.closed = True
    log.record(a_call())
    await log.flush()
    assert log.dropped == 1


async def test_flush_returns_only_when_everything_is_on_disk() -> None:
    store = Store(at_once=False)
    log = LogBuffer(store, HandClock(), portion=2)
    record(log, 3)
    flushing = asyncio.create_task(log.flush())
    await asyncio.sleep(0)
    assert store.sizes == [2, 1]
    store.writing[1].set_result(None)
    await asyncio.sleep(0)
    assert not flushing.done()
    store.writing[0].set_result(None)
    await flushing
