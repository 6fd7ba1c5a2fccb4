"""What a watch makes of a session's frames: which of them share a row, and what is noted beside them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.csms.connection.frame_log import StationWatch
from stationmaster.csms.connection.message_log import LogBuffer
from stationmaster.domain.frame_stretch import MOST_FRAMES, SEPARATOR, Stretch
from stationmaster.domain.records import Oddity
from stationmaster.ocpp.violations import Violation, ViolationKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CALL = b'[2,"1","Heartbeat",{}]'
RESULT = b'[3,"1",{}]'


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
        self.stretches: list[Stretch] = []

    def write(self, stretches: Sequence[Stretch]) -> "asyncio.Future[None]":
        self.stretches += stretches
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

    def exchange(self, station_key: int = 1, call: bytes = CALL, result: bytes = RESULT) -> None:
        self.watch(station_key).frame("in", call, "Heartbeat", "1")
        self.clock.at += SECOND
        self.watch(station_key).frame("out", result, "Heartbeat", "1")

    async def rows(self) -> list[Stretch]:
        """All that was logged so far."""
        await self._log.flush()
        return self._store.stretches


async def test_what_a_station_says_within_one_portion_shares_a_row() -> None:
    wire = Wire()
    wire.exchange()
    wire.exchange(station_key=2)
    wire.exchange()

    first, second = await wire.rows()

    assert first == Stretch(
        1,
        [
            (NOW, "in", "1", "Heartbeat"),
            (NOW + SECOND, "out", "1", "Heartbeat"),
            (NOW + 2 * SECOND, "in", "1", "Heartbeat"),
            (NOW + 3 * SECOND, "out", "1", "Heartbeat"),
        ],
        SEPARATOR.join([CALL.decode(), RESULT.decode()] * 2),
    )
    assert (second.station_key, len(second.heads)) == (2, 2)


async def test_what_was_handed_over_is_not_touched_any_more() -> None:
    wire = Wire()
    wire.exchange()
    before = list((await wire.rows())[0].heads)
    wire.exchange()
    rows = await wire.rows()
    assert [len(row.heads) for row in rows] == [2, 2]
    assert rows[0].heads == before


async def test_no_row_holds_more_frames_than_can_be_numbered() -> None:
    wire = Wire()
    for _ in range(MOST_FRAMES // 2 + 1):
        wire.exchange()
    assert [len(row.heads) for row in await wire.rows()] == [MOST_FRAMES, 2]


@pytest.mark.parametrize("mask_tokens", [True, False])
async def test_secrets_are_masked_in_all_frames_and_id_tokens_where_the_tenant_wants_it(mask_tokens: bool) -> None:
    wire = Wire(mask_tokens=mask_tokens)
    wire.exchange(
        call=b'[2,"1","Authorize",{"idTag":"DEADBEEF","note":"\xff","password":"s3cr3t"}]',
        result=b'[3,"1",{"idTagInfo":{"parentIdTag":"CAFE"},"password":"s3cr3t"}]',
    )
    wire.exchange(call=b'[2,"2","Authorize",{"idTag":"DEADBEEF"}]', result=b'[3,"2",{"parentIdTag":"CAFE"}]')
    (row,) = await wire.rows()
    assert "s3cr3t" not in row.text
    assert ("DEADBEEF" in row.text, "CAFE" in row.text) == (not mask_tokens, not mask_tokens)


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
