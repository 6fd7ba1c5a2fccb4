"""A CSMS and a scripted station for the certification cases; each case runs in every version and form of status."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.append(_HERE)

from csms_case import Case, seeded  # noqa: E402 - beside this file

WAYS = {
    "2.0": (Version.V20, "StatusNotification"),
    "2.0.1": (Version.V201, "StatusNotification"),
    "2.0.1-NotifyEvent": (Version.V201, "NotifyEvent"),
    "2.1": (Version.V21, "NotifyEvent"),
}


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as bench:
        await seeded(bench)
        yield bench


@pytest.fixture(params=WAYS.values(), ids=WAYS)
async def case(bench: CsmsBench, request: pytest.FixtureRequest) -> Case:
    """A station that is booted, in each version and form of status."""
    version, form = request.param
    case = await Case.connect(bench, version, form)
    await case.booted()
    return case


@pytest.fixture(params=list(WAYS.values())[1:], ids=list(WAYS)[1:])
async def newer_case(bench: CsmsBench, request: pytest.FixtureRequest) -> Case:
    """As ``case``, without 2.0, for what it cannot say."""
    version, form = request.param
    case = await Case.connect(bench, version, form)
    await case.booted()
    return case


@pytest.fixture
async def case_201(bench: CsmsBench) -> Case:
    """A booted station of 2.0.1, where the version makes no difference."""
    case = await Case.connect(bench, Version.V201, "StatusNotification")
    await case.booted()
    return case
