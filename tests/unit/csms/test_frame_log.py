"""What a watch makes of a session's frames: which of them share a row, and what is noted beside them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stationmaster.csms.frame_log import MAX_LOGGED_BYTES, StationWatch
from stationmaster.csms.message_log import LogBuffer
from stationmaster.domain.records import LONGEST_EXCHANGE, Exchange, Oddity
from stationmaster.ocpp.violations import Violation, ViolationKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CALL = b'[2,"1","Heartbeat",{}]'
RESULT = b'[3,"1",{}]'
ERROR = b'[4,"1","InternalError","",{}]'


class HandClock:
    """Time that the test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOW).total_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


class Store:
    """Remembers what was written."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def write(self, exchanges: Sequence[Exchange]) -> "asyncio.Future[None]":
        self.exchanges += exchanges
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        written.set_result(None)
        return written


class Wire:
    """One or more stations that are watched, and what was logged of them."""

    def __init__(self, *, mask_tokens: bool = False) -> None:
        self.clock = HandClock()
        self.oddities: list[Oddity] = []
        self._store = Store()
        self._log = LogBuffer(self._store, self.clock)
        self._mask_tokens = mask_tokens
        self._watches: dict[int, StationWatch] = {}

    def watch(self, station_key: int = 1) -> StationWatch:
        if station_key not in self._watches:
            self._watches[station_key] = StationWatch(
                station_key, self._log, self.oddities.append, self.clock.now, mask_tokens=self._mask_tokens
            )
        return self._watches[station_key]

    def call(self, **changes: Any) -> None:
        self.frame(**{"direction": "in", "data": CALL} | changes)

    def answer(self, **changes: Any) -> None:
        self.frame(**{"direction": "out", "data": RESULT, "after": SECOND} | changes)

    def frame(
        self,
        *,
        direction: Any,
        data: bytes,
        after: timedelta = timedelta(0),
        station_key: int = 1,
        action: str | None = "Heartbeat",
        message_id: str | None = "1",
    ) -> None:
        self.clock.at += after
        self.watch(station_key).frame(direction, data, action, message_id)

    async def flush(self) -> None:
        await self._log.flush()

    async def rows(self) -> list[Exchange]:
        """All that was logged so far."""
        await self._log.flush()
        return self._store.exchanges

    async def shared(self) -> list[bool]:
        """Of each row, whether a call and its answer share it."""
        return [row.answer is not None for row in await self.rows()]


async def test_a_call_and_its_answer_share_a_row() -> None:
    wire = Wire()
    wire.call()
    wire.answer()
    wire.call(direction="out", after=SECOND)
    wire.answer(direction="in", data=ERROR)

    theirs, ours = await wire.rows()

    assert theirs == Exchange(
        station_key=1,
        at=NOW,
        direction="in",
        kind="call",
        message_id="1",
        action="Heartbeat",
        frame=CALL.decode(),
        answered_at=NOW + SECOND,
        answer_kind="result",
        answer=RESULT.decode(),
    )
    assert (ours.direction, ours.frame, ours.answer_kind, ours.answer) == (
        "out",
        CALL.decode(),
        "error",
        ERROR.decode(),
    )
    assert ours.answered_at == NOW + 3 * SECOND


async def test_another_station_between_them_does_not_part_them() -> None:
    wire = Wire()
    wire.call()
    wire.call(station_key=2)
    wire.answer()
    wire.answer(station_key=2)
    assert [(row.station_key, row.answer) for row in await wire.rows()] == [(1, RESULT.decode()), (2, RESULT.decode())]


@pytest.mark.parametrize(
    "answer",
    [
        {"message_id": "2"},
        {"station_key": 2},
        {"direction": "in"},
        {"data": b"no frame"},
        {"data": b'[5,"1","InternalError","",{}]'},
        {"action": None},
        {"action": "BootNotification"},
        {"after": -SECOND},
        {"after": LONGEST_EXCHANGE + timedelta(microseconds=1)},
    ],
    ids=str,
)
async def test_what_could_not_be_told_apart_again_keeps_its_own_row(answer: dict[str, Any]) -> None:
    wire = Wire()
    wire.call()
    wire.answer(**answer)
    assert await wire.shared() == [False, False]


async def test_the_last_moment_for_an_answer_to_share_its_calls_row() -> None:
    wire = Wire()
    wire.call()
    wire.answer(after=LONGEST_EXCHANGE)
    wire.call()
    wire.answer(after=timedelta(0))
    assert await wire.shared() == [True, True]


@pytest.mark.parametrize(
    "between",
    [
        {"message_id": "2", "direction": "out", "data": CALL},
        {"message_id": "2", "direction": "out", "data": RESULT},
        {"message_id": "1", "direction": "in", "data": CALL},
        {"message_id": "2", "direction": "in", "data": b'[6,"2","NotifyPeriodicEventStream",{}]'},
        {"message_id": None, "direction": "in", "data": b"no frame"},
    ],
    ids=str,
)
async def test_only_the_stations_very_next_frame_joins(between: dict[str, Any]) -> None:
    wire = Wire()
    wire.call(message_id="0")
    wire.frame(**between)
    wire.answer(message_id="0")
    assert await wire.shared() == [False, False, False]


async def test_a_second_answer_has_a_row_of_its_own() -> None:
    wire = Wire()
    wire.call()
    wire.answer()
    wire.answer()
    assert await wire.shared() == [True, False]


async def test_only_a_call_is_answered() -> None:
    wire = Wire()
    wire.call(data=b'[6,"1","Heartbeat",{}]')
    wire.answer()
    assert await wire.shared() == [False, False]


async def test_what_is_on_its_way_to_the_disk_is_not_touched_any_more() -> None:
    wire = Wire()
    wire.call()
    await wire.flush()
    wire.answer()
    assert [(row.kind, row.answer) for row in await wire.rows()] == [("call", None), ("result", None)]


async def test_the_kinds_of_frames_are_told_by_their_first_number() -> None:
    wire = Wire()
    frames = [b"[2,", b"[3,", b"[4,", b"[5,", b"[6,", b"[7,", b"[", b"", b"\xff\xfe"]
    for data in frames:
        wire.frame(direction="in", data=data)
    kinds = ["call", "result", "error", "result_error", "send", "other", "other", "other", "other"]
    assert [row.kind for row in await wire.rows()] == kinds


async def test_a_long_frame_is_cut_and_bytes_that_are_no_text_are_replaced() -> None:
    wire = Wire()
    wire.call(data=b"x" * (MAX_LOGGED_BYTES + 1))
    wire.call(data=b'[2,"\xff"]')
    assert [row.frame for row in await wire.rows()] == ["x" * MAX_LOGGED_BYTES, '[2,"\ufffd"]']


@pytest.mark.parametrize("mask_tokens", [True, False])
async def test_secrets_are_masked_in_both_frames_and_id_tokens_where_the_tenant_wants_it(mask_tokens: bool) -> None:
    wire = Wire(mask_tokens=mask_tokens)
    wire.call(data=b'[2,"1","Authorize",{"idTag":"DEADBEEF","note":"\xff","password":"s3cr3t"}]')
    wire.answer(data=b'[3,"1",{"idTagInfo":{"parentIdTag":"CAFE"},"password":"s3cr3t"}]')

    (row,) = await wire.rows()

    assert row.answer is not None
    logged = row.frame + row.answer
    assert "s3cr3t" not in logged
    assert ("DEADBEEF" in logged, "CAFE" in logged) == (not mask_tokens, not mask_tokens)


async def test_without_a_log_no_frame_is_kept_but_oddities_are() -> None:
    noted: list[Oddity] = []
    watch = StationWatch(7, None, noted.append, lambda: NOW, mask_tokens=False)
    watch.frame("in", CALL, "Heartbeat", "1")
    watch.oddity("late_answer", "Heartbeat", "x" * 1000)
    assert noted == [Oddity(station_key=7, at=NOW, kind="late_answer", action="Heartbeat", detail="x" * 500)]


async def test_of_what_a_schema_forbids_ten_are_noted() -> None:
    wire = Wire()
    found = [Violation(ViolationKind.TYPE, f"$.{number}", "odd") for number in range(12)]
    wire.watch().violations("Heartbeat", "in", found)
    assert [oddity.detail for oddity in wire.oddities] == [f"$.{number}: odd" for number in range(10)]
    assert {(oddity.kind, oddity.action) for oddity in wire.oddities} == {("schema_violation", "Heartbeat")}
