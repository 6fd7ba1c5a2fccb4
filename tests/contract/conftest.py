"""The storage engines under contract; and the folder on the path, as its tests share records."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stationmaster.storage.sqlite import SQLiteStorage

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(params=["file", "memory", "inline"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SQLiteStorage]:
    path = ":memory:" if request.param == "memory" else str(tmp_path / "store.db")
    made = await SQLiteStorage.open(path, threaded=request.param != "inline")
    yield made
    await made.close()
