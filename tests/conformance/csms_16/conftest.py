"""A CSMS and a bare 1.6 line."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stationmaster.testing import CsmsBench, csms_bench

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.append(_HERE)

from case_16 import Case16, seeded  # noqa: E402 - beside this file


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as bench:
        await seeded(bench)
        yield bench


@pytest.fixture
async def case(bench: CsmsBench) -> Case16:
    """A station that is booted."""
    return await Case16.booted(bench)
