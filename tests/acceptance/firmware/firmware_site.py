"""A CSMS and simulated stations of any version in virtual time, with images that are signed by their maker."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from unittest.mock import patch

from in_process import asking
from station_ways import called_at, way_to

from stationmaster.api.http.keys import KeyRing
from stationmaster.cli.node import services
from stationmaster.clock.virtual import EPOCH, VirtualClock
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.firmware.images import FirmwareImage
from stationmaster.domain.firmware.queries import UpdateFilter
from stationmaster.domain.firmware.updates import FirmwareUpdate
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.settings import Settings, defaults, with_fields
from stationmaster.storage.memory_blobs import MemoryBlobs
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing import CsmsBench, csms_bench
from stationmaster.testing.firmware import Maker, image_of
from stationmaster.transport.memory_files import MemoryFiles
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.memory_network import MemoryNetwork

MAKER = Maker("Test Motors", EPOCH)
SIGNING = MAKER.signing_key()
_WHOLE = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"]
_TOLD = {
    Version.V12: ["Downloaded", "Installed"],
    Version.V15: ["Downloaded", "Installed"],
    Version.V16S: ["Downloading", "Downloaded", "Installing", "Installed"],
}
"""What there are words for where it is not all of them."""


def words_of(version: Version) -> list[str]:
    """What a station tells of an update that ends well."""
    return _TOLD.get(version, _WHOLE)


class FirmwareSite:
    """``stations`` run until the site closes."""

    def __init__(self, clock: VirtualClock, path: str) -> None:
        self.clock = clock
        self.path = path
        self.blobs = MemoryBlobs()
        self.network = MemoryNetwork()
        self.web = MemoryHttp()
        self.stations: dict[str, Station] = {}
        self.files: dict[str, MemoryFiles] = {}
        self.hardware: dict[str, SimulatedHardware] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    # As an operator ───────────────────────────────────────────────────────────────────────────────────────────────

    async def open(self) -> None:
        """A CSMS on what is stored, as after a start."""
        self._open = AsyncExitStack()
        opening = csms_bench(clock=self.clock, path=self.path, network=self.network, http=self.web)
        self.bench: CsmsBench = await self._open.enter_async_context(opening)
        self.csms = self.bench.csms
        self.csms.files.blobs = self.csms.firmware.images._blobs = self.blobs
        self.reads = self.bench.storage.reads
        for files in self.files.values():
            files._files = self.csms.files
        await self._open_api()

    async def crash(self) -> None:
        """From now on nothing is stored any more, and every line is cut."""
        journal = self.bench.storage.journal

        def broken(*_: Any, **__: Any) -> Any:
            raise StorageFailed("the process is gone")

        with patch.multiple(journal, store=broken, submit=broken, commit=broken):
            await self._open.aclose()

    async def _open_api(self) -> None:
        store = self.bench.storage
        ring = KeyRing(store.reads, store.journal, store.keys, self.bench.bus, self.clock, b"p")
        _, secret = await ring.make("default", "operator", "administrator")
        api = asking(services(self.csms, store, self.bench.bus, self.clock, ring), secret)
        self.http = await self._open.enter_async_context(api)

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """What the API answers, which must be of this status."""
        answer = await self.http.request(method, f"/api/v1{path}", **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def posted_image(self, version: str = "2.0", *, content: bytes | None = None, **more: Any) -> int:
        """Made known, given its content and signed, all by the API."""
        content = image_of(version, install_s=5) if content is None else content
        draft = {"name": f"image {version}", "version": version, **more}
        key: int = (await self.ask("POST", "/firmware-images", 201, json=draft))["key"]
        await self.ask("PUT", f"/firmware-images/{key}/content", content=content)
        signature = {"signature": SIGNING.sign(content), "signing_certificate": SIGNING.certificate}
        await self.ask("PUT", f"/firmware-images/{key}/signature", json=signature)
        return key

    def key(self, identity: str) -> int:
        return self.bench.station(identity).key

    # What is there ────────────────────────────────────────────────────────────────────────────────────────────────

    async def image(self, version: str = "2.0", *, signed: bool = True, content: bytes | None = None) -> FirmwareImage:
        """One that is taken in, and signed."""
        content = image_of(version, install_s=5) if content is None else content
        images = self.csms.firmware.images
        image = await images.create("default", name=f"image {version}", version=version, file_name="image.bin")
        image = await images.receive(image, _portions(content), hashlib.sha256(content).hexdigest())
        if signed:
            image = await images.sign(image, SIGNING.sign(content), SIGNING.certificate)
        return image

    def build(self, identity: str, version: Version, *, bank: dict[str, Any] | None = None, **settings: Any) -> Station:
        """A station that does not run yet."""
        firmware = FirmwareBank(roots=(MAKER.root,), **(bank or {}))
        hardware = SimulatedHardware(station_model("Street post 2x22"), self.clock, reboot_s=5, firmware=firmware)
        self.files[identity] = MemoryFiles(self.csms.files)
        self.hardware[identity] = hardware
        quick = {"retry_back_off_wait_minimum_s": 2, "retry_back_off_random_range_s": 0, **settings}
        initial: Settings = with_fields(defaults(version.family), quick)
        dial = way_to(self.bench, identity, version)
        place = Place(hardware=hardware, memory=RamMemory(), clock=self.clock, dial=dial, files=self.files[identity])
        self.stations[identity] = Station(identity, version, place, settings=initial, seed=1)
        return self.stations[identity]

    async def run(self, identity: str) -> None:
        """Let it run, and boot."""
        self.web.restore(called_at(identity))
        self._running[identity] = asyncio.create_task(self.stations[identity].run())

    async def stop(self, identity: str) -> None:
        """Its power is cut; nobody listens there any more."""
        await self.stations[identity].cut_power()
        self.web.refuse(called_at(identity))
        self._running.pop(identity, None)

    async def close(self) -> None:
        for identity in list(self._running):
            await self.stop(identity)
        await self._open.aclose()

    async def add(self, identity: str, version: Version, **more: Any) -> Station:
        """A station that is booted and idle."""
        station = self.build(identity, version, **more)
        await self.run(identity)
        await self.clock.sleep(3)
        return station

    async def updates(self, identity: str) -> list[FirmwareUpdate]:
        """The oldest first, as stored."""
        query = UpdateFilter(tenant="default", station_key=self.bench.station(identity).key)
        return list(reversed((await self.reads.firmware_updates(query)).items))

    async def words(self, update: FirmwareUpdate) -> list[str]:
        """What was told of an update."""
        return [record.status for record in await self.reads.firmware_statuses(update.key)]

    def version(self, identity: str) -> str | None:
        return self.hardware[identity].describe().info.firmware_version


async def _portions(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 10_000):
        yield content[at : at + 10_000]


@asynccontextmanager
async def firmware_site(path: str = ":memory:") -> AsyncIterator[FirmwareSite]:
    site = FirmwareSite(VirtualClock(), path)
    await site.open()
    try:
        yield site
    finally:
        await site.close()
