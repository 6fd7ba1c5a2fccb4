"""A CSMS and a bare station of 1.x; each test runs in every version that it applies to."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

_HERE = Path(__file__).resolve().parent
if str(_HERE) not in sys.path:
    sys.path.append(str(_HERE))

from case_16 import Case16, seeded  # noqa: E402 - beside this file
from versions import VERSIONS_1X, left_out  # noqa: E402 - beside this file

LEFT_OUT = tuple(left_out())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test is not run in what ``versions`` leaves out."""
    out = [item for item in items if item.path.parent == _HERE and _is_left_out(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        gone = {*out}
        items[:] = [item for item in items if item not in gone]


def _is_left_out(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    if called is None or "version" not in called.params:
        return False
    name = getattr(item, "originalname", item.name)
    names = {item.path.stem, name, *(f"{name}[{word}]" for word in called.id.split("-"))}
    return any(called.params["version"] in each.versions and names & each.tests for each in LEFT_OUT)


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as bench:
        await seeded(bench)
        yield bench


@pytest.fixture(params=VERSIONS_1X, ids=str)
def version(request: pytest.FixtureRequest) -> Version:
    """1.6 in JSON, and the versions in SOAP."""
    version: Version = request.param
    return version


@pytest.fixture
async def case(bench: CsmsBench, version: Version) -> Case16:
    """A station that is booted, in each version."""
    return await Case16.booted(bench, version)
