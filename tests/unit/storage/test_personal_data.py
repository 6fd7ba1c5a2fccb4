"""What is read at a time of a person's data, and told of it, is bounded by its parts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from stationmaster.domain.driver_data import Erasure, Subject
from stationmaster.domain.frame_stretch import SEPARATOR, Head, Stretch
from stationmaster.domain.identity import IdToken
from stationmaster.domain.station import Station
from stationmaster.storage import personal_data
from stationmaster.storage.personal_places import PLACES
from stationmaster.storage.sqlite import SQLiteStorage

VALUE = "04A1B2C3"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MEANT = [Subject(token_key=1, id_token=IdToken(VALUE, "ISO14443"), pseudonym="erased-x")]
LOG = next(number for number, place in enumerate(PLACES) if place.table.name == "frame_stretches")


@pytest.fixture
async def storage() -> AsyncIterator[SQLiteStorage]:
    made = await SQLiteStorage.open(":memory:")
    await made.journal.store([Station(key=1, tenant="default", identity="CS-1", created_at=NOW)])
    yield made
    await made.close()


async def heard(storage: SQLiteStorage, stretches: int, *frames: str) -> None:
    heads: list[Head] = [(NOW, "in", "1", "Authorize")] * len(frames)
    await storage.message_log.write([Stretch(1, heads, SEPARATOR.join(frames)) for _ in range(stretches)])


MINE, ANOTHERS = f'[2,"1","Authorize",{{"idTag":"{VALUE}"}}]', '[2,"1","Authorize",{"idTag":"04FFFFFF"}]'


@pytest.mark.parametrize(("most", "told", "cut"), [(11, 11, True), (12, 12, False)])
async def test_an_export_tells_so_many_frames_at_most_and_not_so_many_rows(
    storage: SQLiteStorage, monkeypatch: pytest.MonkeyPatch, most: int, told: int, cut: bool
) -> None:
    monkeypatch.setattr(personal_data, "MAX_ROWS", most)
    monkeypatch.setattr(personal_data, "PORTION_OF_PARTS", 2)
    await heard(storage, 4, MINE, ANOTHERS, MINE, MINE)
    rows, more = await storage.personal.collect("default", MEANT)
    assert [row["text"] for row in rows["frame_stretches"]] == [msgspec.json.decode(MINE)] * told
    assert ("frame_stretches" in more) is cut


async def test_an_export_looks_at_so_many_rows_at_most(storage: SQLiteStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "MAX_ROWS", 4)
    monkeypatch.setattr(personal_data, "PORTION_OF_PARTS", 2)
    await heard(storage, 7, f'"x{VALUE}"')  # the cheap look takes them for the driver's
    await heard(storage, 1, MINE)
    assert await storage.personal.collect("default", MEANT) == ({}, ("frame_stretches",))


async def test_an_erasure_takes_few_rows_of_the_log_at_a_time(storage: SQLiteStorage) -> None:
    await heard(storage, personal_data.PORTION_OF_PARTS + 1, MINE)
    erasure = Erasure(key=1, tenant="default", at=NOW, tokens=(1,), pseudonyms=("erased-x",), place=LOG)
    changed: list[Any] = []
    while not storage.personal.is_through(erasure):
        erasure = await storage.personal.erase(erasure, MEANT)
        changed.append(erasure.changed["frame_stretches"])
    assert changed == [personal_data.PORTION_OF_PARTS, personal_data.PORTION_OF_PARTS + 1]
