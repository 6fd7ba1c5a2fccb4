"""The storage engines under contract; and the folder on the path, as its tests share records."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stationmaster.storage.sqlite import SQLiteStorage

sys.path.insert(0, str(Path(__file__).parent))

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


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
