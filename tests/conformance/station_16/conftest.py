"""A whole charge point of 1.x and its Central System by script, in virtual time; each case in every version."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.ocpp.version import Version

_HERE = Path(__file__).resolve().parent
for _folder in (_HERE, _HERE.parent / "station"):
    if str(_folder) not in sys.path:
        sys.path.append(str(_folder))

from charge_point_case import ChargePointCase  # noqa: E402 - beside this file
from charge_point_versions import versions_of  # noqa: E402


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each case in each version that it applies to."""
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", versions_of(metafunc.module.__name__, metafunc.function.__name__), ids=str)


@pytest.fixture
def model() -> str:
    return "Street post 2x22"


@pytest.fixture
async def case(version: Version, model: str) -> AsyncIterator[ChargePointCase]:
    """Booted, connected, idle. At its end, what must hold in every case is checked."""
    case = ChargePointCase(version, model)
    await case.power_up()
    case.set(OCPPCommCtrlr__RetryBackOffRandomRange="0", SampledDataCtrlr__TxUpdatedInterval="0")
    yield case
    await case.power_down()
