"""A whole station on simulated hardware and its CSMS by script, in virtual time; each case runs in 2.0.1 and 2.1."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.ocpp.version import Version

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.append(_HERE)

from station_case import StationCase  # noqa: E402 - beside this file


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


@pytest.fixture(params=[Version.V201, Version.V21], ids=["2.0.1", "2.1"])
def version(request: pytest.FixtureRequest) -> Version:
    found: Version = request.param
    return found


@pytest.fixture
def model() -> str:
    """Two sockets on two EVSEs; a case that needs another station parametrizes this."""
    return "Street post 2x22"


@pytest.fixture
async def case(version: Version, model: str) -> AsyncIterator[StationCase]:
    """Booted, connected, idle. At its end, what must hold in every case is checked."""
    case = StationCase(version, model)
    await case.power_up()
    case.set(OCPPCommCtrlr__RetryBackOffRandomRange="0", SampledDataCtrlr__TxUpdatedInterval="0")
    yield case
    await case.power_down()
