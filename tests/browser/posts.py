"""Stations at a site: simulated ones whose hardware a test steers, and bare lines that say what a test says."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from site_process import Site

from stationmaster.cli.dial import websocket_dial
from stationmaster.clock.wall import WallClock
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.settings import defaults, with_fields
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing.wire import WireClient
from stationmaster.transport.errors import ConnectRefused
from stationmaster.transport.file_client import FileClient
from stationmaster.transport.websocket_client import connect

PATIENCE_S = 10.0
_LOOK_EVERY_S = 0.02
_QUICK = {"tx_updated_interval_s": 1, "retry_back_off_wait_minimum_s": 1, "retry_back_off_random_range_s": 0}


async def eventually(holds: Callable[[], Any], what: str = "it", within_s: float = PATIENCE_S) -> Any:
    """What ``holds`` returns once that is true. It is looked at again and again; nothing is slept through."""
    try:
        async with asyncio.timeout(within_s):
            while not (found := holds()):
                await asyncio.sleep(_LOOK_EVERY_S)
            return found
    except TimeoutError:
        raise AssertionError(f"{what} did not come true within {within_s:g} s") from None


class Post:
    """A simulated station. ``key``: the CSMS's. What people, cars and bad luck do to it is at ``hardware``."""

    def __init__(self, station: Station, hardware: SimulatedHardware, key: int) -> None:
        self.station = station
        self.hardware = hardware
        self.key = key
        self.identity = station.identity
        self._running: asyncio.Task[None] | None = None

    def plug(self, evse: int = 1, *, car: str = "Compact 58", soc: float = 0.4) -> None:
        """A car comes and is plugged in."""
        self.hardware.plug(evse, EV(ev_model(car), soc, 1.0))

    def unplug(self, evse: int = 1) -> None:
        self.hardware.unplug(evse)

    def present(self, card: str, evse: int | None = 1) -> None:
        """Somebody shows a card to the reader."""
        self.hardware.present(IdToken(card, "ISO14443"), evse)

    def fault(self, evse: int = 1, code: str | None = "GroundFailure") -> None:
        """Something breaks; None: it is mended."""
        self.hardware.fail(evse, code)

    def status(self, evse: int = 1) -> str:
        """As the station has it: Available, Occupied, Charging ..."""
        seen = next(each for each in self.station.snapshot().evses if each.id == evse)
        return str(seen.charging_state or seen.status)

    def transaction(self, evse: int = 1) -> str | None:
        return next(each for each in self.station.snapshot().evses if each.id == evse).transaction_id

    async def until(self, status: str, evse: int = 1) -> None:
        await eventually(lambda: self.status(evse) == status, f"{self.identity}: {status} (it is {self.status(evse)})")

    async def switch_on(self) -> None:
        """Return when the CSMS has let it in."""
        self._running = asyncio.create_task(self.station.run())
        await eventually(lambda: self.station.snapshot().registration == "Accepted", f"{self.identity}: Accepted")

    async def switch_off(self) -> None:
        """Without a word, as by a loss of power."""
        await self.station.cut_power()
        if self._running is not None:
            await asyncio.wait((self._running,))
            self._running = None


class Street:
    """The stations of one test; all are gone when it is over."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._stack = AsyncExitStack()

    async def station(
        self,
        identity: str,
        version: Version = Version.V201,
        model: str = "Street post 2x22",
        **settings: Any,
    ) -> Post:
        """One that has booted. Its clock is the wall's, and it tells its meter every second while it charges."""
        clock = WallClock()
        hardware = SimulatedHardware(station_model(model), clock, seed=identity, reboot_s=0.5)
        dial = websocket_dial(self.site.ocpp_url, identity, version)
        place = Place(hardware=hardware, memory=RamMemory(), clock=clock, dial=dial, files=FileClient())
        initial = with_fields(defaults(version.family), {**_QUICK, **settings})
        post = Post(Station(identity, version, place, settings=initial), hardware, 0)
        self._stack.push_async_callback(post.switch_off)
        await post.switch_on()
        post.key = await self.key(identity)
        return post

    async def line(self, identity: str, version: Version = Version.V201) -> WireClient:
        """A bare line that has booted: ``on`` says how it answers, and to what it does not."""
        client = WireClient(version)

        def receiver(connection: Any) -> WireClient:
            client.connection = connection
            return client

        url = f"{self.site.ocpp_url}/{identity}"
        connection = await connect(url, subprotocols=(version.subprotocol,), receiver_factory=receiver)
        self._stack.push_async_callback(_hang_up, connection)
        about: dict[str, Any] = {"chargePointVendor": "Maker", "chargePointModel": "Model"}
        if version.family == 2:
            about = {"reason": "PowerUp", "chargingStation": {"vendorName": "Maker", "model": "Model"}}
        await client.call("BootNotification", about)
        return client

    async def token(self, value: str, **more: Any) -> str:
        """A card that the CSMS accepts."""
        await self.site.ask("POST", "/tokens", {"value": value, **more})
        return value

    async def key(self, identity: str) -> int:
        found = (await self.site.get("/stations", text=identity))["items"]
        key: int = next(each["key"] for each in found if each["identity"] == identity)
        return key

    async def close(self) -> None:
        await self._stack.aclose()


async def _hang_up(connection: Any) -> None:
    connection.close(1000, "")
    await asyncio.sleep(0)


async def is_let_in(site: Site, identity: str, password: str | None) -> bool:
    """Whether a station that calls is connected."""
    client = WireClient(Version.V201)
    try:
        connection = await connect(
            f"{site.ocpp_url}/{identity}",
            subprotocols=(Version.V201.subprotocol,),
            receiver_factory=lambda _: client,
            basic_auth=None if password is None else (identity, password.encode()),
        )
    except ConnectRefused:
        return False
    connection.close(1000, "")
    return True
