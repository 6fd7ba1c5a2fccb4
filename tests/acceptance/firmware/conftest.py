"""Virtual time, and a CSMS with simulated stations in it."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from stationmaster.clock.virtual_loop import VirtualTimeLoop

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.append(_HERE)

from firmware_site import FirmwareSite, firmware_site  # noqa: E402 - beside this file


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


@pytest.fixture
async def site() -> AsyncIterator[FirmwareSite]:
    async with firmware_site() as site:
        yield site
