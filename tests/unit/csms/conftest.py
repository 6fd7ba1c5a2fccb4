"""A CSMS in memory, and 2.0.1 stations by script."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, StationView, csms_bench

Boots = Callable[[str], Awaitable[tuple[ScriptedStation, StationView]]]


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as bench:
        await bench.add_token("T1", "ISO14443")
        yield bench


@pytest.fixture
def boots(bench: CsmsBench) -> Boots:
    """Makes a booted station of 2.0.1 of an identity."""

    async def boot(identity: str) -> tuple[ScriptedStation, StationView]:
        client = await bench.boot(identity, Version.V201)
        return ScriptedStation(client, bench.clock.now), bench.view(identity)

    return boot
