"""A bench is a whole CSMS, and fails when that CSMS breaks the rules."""

import pytest

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import UnlockConnector
from stationmaster.ocpp.version import Version
from stationmaster.testing import BrokenRules, VirtualClock, csms_bench, run_virtual


@pytest.mark.parametrize("version", [Version.V16, Version.V20, Version.V201, Version.V21])
async def test_a_station_of_any_version_boots(version: Version) -> None:
    async with csms_bench() as bench:
        client = await bench.boot("S1", version)

        assert client.frames[0][2]["status"] == "Accepted"
        assert (await bench.view("S1").station()).version == version


async def test_it_ends_with_an_error_if_the_CSMS_broke_the_rules() -> None:
    with pytest.raises(BrokenRules, match="Reset"):
        async with csms_bench() as bench:
            client = await bench.boot("S1", Version.V201)
            client.on_text(b'[2, "1", "Reset", {"type": "Hard"}]')


async def test_a_view_asks_and_shows_the_outcome() -> None:
    async with csms_bench() as bench:
        client = await bench.boot("S1", Version.V201)
        client.on("UnlockConnector", {"status": "Unlocked"})
        view = bench.view("S1")

        done = await view.outcome(await view.ask(UnlockConnector(evse=Evse(1, 1))))

        assert (done.state, (await view.command(done)).status) == ("accepted", "Unlocked")


async def test_a_view_of_nobody_is_a_KeyError() -> None:
    async with csms_bench() as bench:
        with pytest.raises(KeyError):
            bench.view("S1")
        await bench.boot("S1", Version.V201)
        with pytest.raises(LookupError):
            await bench.view("S1").transaction()


def test_it_runs_in_virtual_time() -> None:
    async def hours() -> float:
        async with csms_bench(clock=VirtualClock()) as bench:
            client = await bench.boot("S1", Version.V201)
            before = bench.clock.monotonic()
            await bench.clock.sleep(3600)
            await client.call("Heartbeat")
            return bench.clock.monotonic() - before

    assert run_virtual(hours()) == pytest.approx(3600, abs=1)
