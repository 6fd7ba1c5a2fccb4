"""The message log's buffer."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from stationmaster.csms.connection.message_log import (
    CAPACITY,
    FLUSH_INTERVAL_S,
    FRAME_WEIGHT,
    MAX_LOGGED_BYTES,
    PORTION,
    LogBuffer,
)
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.frame_stretch import SEPARATOR, Stretch

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FRAME = b'[2,"1","A",{}]'
WEIGHT = FRAME_WEIGHT + len(FRAME)
"""Of one frame of these tests."""


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
        self.portions: list[list[Stretch]] = []
        self.writing: list[asyncio.Future[None]] = []
        self.closed = False
        self._at_once = at_once

    @property
    def sizes(self) -> list[int]:
        """The frames in each portion."""
        return [sum(len(stretch.heads) for stretch in portion) for portion in self.portions]

    def write(self, stretches: Sequence[Stretch]) -> "asyncio.Future[None]":
        if self.closed:
            raise StorageFailed("closed")
        self.portions.append(list(stretches))
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.writing.append(written)
        if self._at_once:
            written.set_result(None)
        return written


def record(log: LogBuffer, count: int = 1, frame: bytes = FRAME, *, mask_tokens: bool = False) -> None:
    for _ in range(count):
        hearing = log.begin(1, mask_tokens=mask_tokens)
        hearing.heads.append((NOW, "in", "1", "A"))
        hearing.frames.append(frame)
        log.weigh(len(frame))


def portions_of(frames: int) -> int:
    """The size of a portion that is full with so many frames."""
    return frames * WEIGHT


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
    log = LogBuffer(store, HandClock(), portion=portions_of(10))
    record(log, 25)
    assert store.sizes == [10, 10]
    await log.flush()
    assert store.sizes == [10, 10, 5]


async def test_long_frames_fill_a_portion_by_their_bytes() -> None:
    store = Store()
    log = LogBuffer(store, HandClock(), portion=100_000)
    record(log, 3, b"x" * 60_000)
    assert store.sizes == [2]


def test_no_portion_can_be_too_large_for_the_buffer() -> None:
    assert PORTION < CAPACITY


async def test_each_portion_has_a_number_that_it_keeps_while_it_is_filled() -> None:
    log = LogBuffer(Store(), HandClock(), portion=portions_of(3))
    numbers = []
    for _ in range(7):
        record(log)
        numbers.append(log.portion)
    assert numbers == [0, 0, 1, 1, 1, 2, 2]
    await log.flush()
    assert log.portion == 3


async def test_one_stretch_holds_what_was_heard_in_its_order() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    hearing = log.begin(7, mask_tokens=False)
    for number in range(3):
        hearing.heads.append((NOW, "in", str(number), "A"))
        hearing.frames.append(b'[2,"%d"]' % number)
    await log.flush()
    (stretch,) = store.portions[0]
    assert stretch.station_key == 7
    assert [message_id for _, _, message_id, _ in stretch.heads] == ["0", "1", "2"]
    assert stretch.text.split(SEPARATOR) == ['[2,"0"]', '[2,"1"]', '[2,"2"]']


async def test_what_is_written_is_masked_and_the_frames_beside_it_are_left_to_the_letter() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    hearing = log.begin(1, mask_tokens=False)
    secrets = (
        b'[2, "1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cr3t"}]',
        b'[3,"1",{"password":"s3cr3t"}]',
    )
    for frame in (FRAME + b" ", *secrets):
        hearing.heads.append((NOW, "in", "1", "A"))
        hearing.frames.append(frame)
    await log.flush()
    text = store.portions[0][0].text
    assert "s3cr3t" not in text
    assert text.split(SEPARATOR)[0] == FRAME.decode() + " "
    assert text.count(SEPARATOR) == 2


async def test_a_long_frame_is_cut_and_none_can_look_like_two() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    record(log, 1, b"x" * (MAX_LOGGED_BYTES + 1))
    record(log, 1, b"a\x1eb\xff\xc3")
    await log.flush()
    long, odd = (stretch.text for stretch in store.portions[0])
    assert (long, odd) == ("x" * MAX_LOGGED_BYTES, "a\ufffdb\ufffd\ufffd")


async def test_half_a_character_at_a_frames_end_does_not_swallow_the_next_frame() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    hearing = log.begin(1, mask_tokens=False)
    for frame in (b"a\xe2\x82", b"b"):
        hearing.heads.append((NOW, "in", None, None))
        hearing.frames.append(frame)
    await log.flush()
    assert store.portions[0][0].text.split(SEPARATOR) == ["a\ufffd", "b"]


async def test_what_the_store_does_not_take_in_time_is_dropped_and_counted() -> None:
    store = Store(at_once=False)
    log = LogBuffer(store, HandClock(), portion=portions_of(10), capacity=portions_of(25))
    with structlog.testing.capture_logs() as logs:
        record(log, 30)
    assert (store.sizes, log.dropped) == ([10, 10], 10)
    assert [(entry["event"], entry["frames"]) for entry in logs] == [("message_log.dropped", 10)]

    store.writing[0].set_result(None)
    await asyncio.sleep(0)
    record(log, 10)
    assert (store.sizes, log.dropped) == ([10, 10, 10], 10), "there is room again"


async def test_a_portion_that_cannot_be_stored_is_counted_and_the_next_one_is_stored() -> None:
    store = Store(at_once=False)
    log = LogBuffer(store, HandClock(), portion=portions_of(1))
    record(log, 3)
    store.writing[0].set_exception(StorageFailed("the disk is full"))
    store.writing[1].cancel()
    store.writing[2].set_result(None)
    await log.flush()
    assert log.dropped == 2


async def test_what_comes_after_the_store_was_closed_is_counted() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    store.closed = True
    record(log)
    await log.flush()
    assert log.dropped == 1


async def test_flush_returns_only_when_everything_is_on_disk() -> None:
    store = Store(at_once=False)
    log = LogBuffer(store, HandClock(), portion=portions_of(2))
    record(log, 3)
    flushing = asyncio.create_task(log.flush())
    await asyncio.sleep(0)
    assert store.sizes == [2, 1]
    store.writing[1].set_result(None)
    await asyncio.sleep(0)
    assert not flushing.done()
    store.writing[0].set_result(None)
    await flushing


async def test_a_frame_is_masked_whole_and_cut_after_that() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    variable = b'"component":{"name":"C"},"variable":{"name":"BasicAuthPassword"}'
    for padding in (MAX_LOGGED_BYTES, 100):
        setting = b'{"attributeValue":"s3cr3t","x":"%s",%s}' % ("ä".encode() * padding, variable)
        record(log, 1, b'[2,"1","SetVariables",{"setVariableData":[%s]}]' % setting)
    record(log, 1, FRAME)
    await log.flush()
    long, short, other = (stretch.text for stretch in store.portions[0])
    for text in (long, short):
        assert text.startswith('[2,"1","SetVariables",{"setVariableData":[{"attributeValue":"***"')
    assert MAX_LOGGED_BYTES - 1 <= len(long.encode()) <= MAX_LOGGED_BYTES
    assert other == FRAME.decode()


async def test_a_token_past_the_cut_s_reach_is_masked_where_the_tenant_wants_it() -> None:
    store = Store()
    log = LogBuffer(store, HandClock())
    frame = b'[2,"1","X",{"idTag":"DEADBEEF","x":"%s"}]' % (b"x" * MAX_LOGGED_BYTES)
    record(log, 1, frame, mask_tokens=True)
    await log.flush()
    text = store.portions[0][0].text
    assert text.startswith('[2,"1","X",{"idTag":"***"') and len(text) == MAX_LOGGED_BYTES
