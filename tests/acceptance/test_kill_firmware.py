"""kill -9 in the middle of a firmware campaign: it goes on after the start, loses nothing and repeats nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crash_rest import CrashRest
from crash_server import CsmsProcess
from crash_ways import ways_to

from stationmaster.clock.wall import WallClock
from stationmaster.security.transfer_credentials import PASSWORD_LENGTH
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.fleet import ALL_VERSIONS, WayFor
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.settings import defaults, with_fields
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing.firmware import Maker, image_of
from stationmaster.transport.file_client import FileClient, address_of

pytestmark = pytest.mark.no_cover  # what this is about runs in another process

CONFIG = """
[stations]
heartbeat_interval_s = 1
"""
"""A station that speaks SOAP is heard of again, after a start of the server, when it says something."""
QUICK = {"retry_back_off_wait_minimum_s": 1, "retry_back_off_random_range_s": 1, "firmware_retry_interval_s": 1}
CONTENT = image_of("2.0", size_bytes=300_000, install_s=0.5)


class NotingClient(FileClient):
    """Notes where it fetches from: what stands there between station and server is for nobody else."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__(timeout_s=5)
        self._urls = urls

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        self._urls.append(url)
        return await super().download(url, max_bytes=max_bytes)


class Site:
    """Stations of every version in turn, at a server that is killed and started again."""

    def __init__(self, server: CsmsProcess, way_for: WayFor, stations: int) -> None:
        self.server = server
        self.rest = CrashRest(server)
        self.maker = Maker("Test Motors", datetime.now(UTC))
        self.hardware: list[SimulatedHardware] = []
        self.fetched: list[str] = []
        self.stations = [self._built(number, way_for) for number in range(stations)]

    def _built(self, number: int, way_for: WayFor) -> Station:
        version, identity, clock = ALL_VERSIONS[number % len(ALL_VERSIONS)], f"K{number:02}", WallClock()
        bank = FirmwareBank(roots=(self.maker.root,))
        self.hardware.append(SimulatedHardware(station_model("Street post 2x22"), clock, reboot_s=0.5, firmware=bank))
        dial = way_for(identity, version)
        files = NotingClient(self.fetched)
        place = Place(hardware=self.hardware[-1], memory=RamMemory(), clock=clock, dial=dial, files=files)
        return Station(identity, version, place, settings=with_fields(defaults(version.family), QUICK), seed=number)

    async def image(self) -> int:
        image = await self.rest.ask("POST", "/firmware-images", json={"name": "F", "version": "2.0"})
        path, signing = f"/firmware-images/{image['key']}", self.maker.signing_key()
        await self.rest.ask("PUT", f"{path}/content", content=CONTENT)
        signature = {"signature": signing.sign(CONTENT), "signing_certificate": signing.certificate}
        await self.rest.ask("PUT", f"{path}/signature", json=signature)
        key: int = image["key"]
        return key


@asynccontextmanager
async def running(folder: Path, stations: int) -> AsyncIterator[Site]:
    server = CsmsProcess(folder, CONFIG)
    try:
        await server.start()
        async with ways_to(server) as way_for, asyncio.TaskGroup() as group:
            site = Site(server, way_for, stations)
            tasks = [group.create_task(station.run()) for station in site.stations]
            yield site
            for task in tasks:
                task.cancel()
    finally:
        server.close()


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("stations", "kills_at"), [(7, (0, 3)), pytest.param(28, (0, 3, 6, 10, 15, 21, 26), marks=pytest.mark.nightly)]
)
async def test_a_campaign_over_kills_ends_in_a_true_report_with_one_update_for_each_station(
    tmp_path: Path, stations: int, kills_at: tuple[int, ...]
) -> None:
    async with running(tmp_path, stations) as site:
        await site.rest.until("/stations?connected=true", lambda page: len(page["items"]) == stations)
        waves = {"parallel": 3, "waves": [{"size": 3}, {}], "allow_unsigned": True}  # SOAP knows no signatures
        draft = {"name": "C", "image": await site.image(), **waves}
        path = f"/firmware-campaigns/{(await site.rest.ask('POST', '/firmware-campaigns', json=draft))['key']}"
        await site.rest.ask("POST", f"{path}/start")
        for done in kills_at:
            await site.rest.until(path, lambda found, done=done: found["progress"]["done"] >= done)
            await asyncio.sleep(0.4)
            await site.server.kill()
            await site.server.start()
        campaign = await site.rest.until(path, lambda found: found["state"] != "running")
        report = await site.rest.ask("GET", f"{path}/stations")
        updates = await site.rest.ask("GET", "/firmware-updates?limit=100")
        assert (campaign["state"], campaign["progress"]["done"]) == ("finished", stations), (campaign, report)
        assert all(hardware.describe().info.firmware_version == "2.0" for hardware in site.hardware)
        assert {part["firmware_version"] for part in report["items"]} == {"2.0"}
        # One that was on its way when the server was killed may be lost, and is tried again.
        assert all(part["attempts"] in (1, 2) for part in report["items"]), report
        assert len(updates["items"]) == sum(part["attempts"] for part in report["items"])
        passwords = {address_of(url).password for url in site.fetched}
        assert len(passwords) >= stations and all(len(password) == PASSWORD_LENGTH for password in passwords)
        said = site.server.log.read_text(errors="replace")
        assert not [password for password in passwords if password in said]
        key = await site.rest.key()
        assert not [line for line in said.splitlines() if key in line and "API key" not in line]
