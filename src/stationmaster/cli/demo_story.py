"""What goes on in the demo beside its drivers: a fault, a monitor, a message, a campaign that meets a bad station,
places that are kept for somebody."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import structlog

from stationmaster.cli.demo_operator import DemoOperator
from stationmaster.cli.errors import CommandFailed
from stationmaster.csms.ports import Clock
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Station
from stationmaster.testing.firmware import Maker, image_of

log = structlog.get_logger(__name__)

FAULT = "GroundFailure"
ENOUGH_TO_BREAK = 8
"""Of a smaller fleet every station is needed."""
SETTLED_AFTER_S = 20.0
FAULT_EVERY_S = 600.0
CAMPAIGN_EVERY_S = 600.0
RESERVATION_EVERY_S = 300.0
RESERVED_MINUTES = 45
FAST_W = 100_000
WAVES = [
    {"size": 2, "soak_s": 2700, "max_failures": 1},
    {"percent": 40, "soak_s": 2700, "max_failures": 3},
    {"max_failures": 9},
]
NOTICE = "Welcome. The car park is closed on Sunday from 06:00 to 10:00."


class Deed(msgspec.Struct, frozen=True):
    """``every_s`` None: done once."""

    do: Callable[[], Awaitable[None]]
    every_s: float | None = None


class Story:
    """``keys``: the stations' by identity; ``tokens``: cards that are accepted."""

    def __init__(
        self,
        operator: DemoOperator,
        stations: Sequence[Station],
        keys: Mapping[str, int],
        tokens: Sequence[str],
        clock: Clock,
    ) -> None:
        self._operator = operator
        self._stations = stations
        self._keys = keys
        self._tokens = tokens
        self._clock = clock
        self._maker = Maker("Stationmaster", clock.now())
        for station in stations:
            _hardware(station).firmware.roots = (self._maker.root,)
        self._releases = 0
        self._reservations = 0

    async def run(self) -> None:
        """Until cancelled. What the CSMS or a station refuses is a line in the log, and the story goes on."""
        while any(station.snapshot().registration != "Accepted" for station in self._stations):
            await self._clock.sleep(1.0)
        await self._clock.sleep(SETTLED_AFTER_S)
        async with asyncio.TaskGroup() as group:
            for deed in (
                Deed(self._break_something, FAULT_EVERY_S),
                Deed(self._watch_power),
                Deed(self._show_notice),
                Deed(self._roll_out, CAMPAIGN_EVERY_S),
                Deed(self._reserve, RESERVATION_EVERY_S),
            ):
                group.create_task(self._go_on(deed))

    async def _go_on(self, deed: Deed) -> None:
        while True:
            try:
                await deed.do()
            except CommandFailed as failed:
                log.warning("demo story", reason=str(failed))
            if deed.every_s is None:
                return
            await self._clock.sleep(deed.every_s)

    async def _break_something(self) -> None:
        """One connector stays out of order, whatever restarts the station: an alarm that waits for somebody."""
        broken = self._broken()
        if broken is None:
            return
        seen = await self._operator.get(f"/stations/{self._keys[broken.identity]}/alarms", open="true")
        if not any(alarm["code"] == FAULT for alarm in seen["items"]):
            hardware = _hardware(broken)
            hardware.fail(hardware.describe().evses[-1].id, FAULT, "residual current above 30 mA")

    async def _watch_power(self) -> None:
        """Alarms that come and go: those who charge fast."""
        monitor = {
            "component": "EVSE",
            "evse_id": 1,
            "variable": "Power",
            "type": "UpperThreshold",
            "value": FAST_W,
            "severity": 6,
        }
        for station in self._newer()[:2]:
            body = {"type": "SetVariableMonitoring", "monitors": [monitor]}
            await self._operator.post(f"/stations/{self._keys[station.identity]}/commands", body)

    async def _show_notice(self) -> None:
        for station in self._newer()[:3]:
            body = {"message": {"content": NOTICE, "language": "en"}, "priority": "NormalCycle"}
            await self._operator.post(f"/stations/{self._keys[station.identity]}/display-messages", body)

    async def _roll_out(self) -> None:
        """The next release, once the last one is through. One station of the first wave does not come up with it."""
        newest = await self._operator.get("/firmware-campaigns", limit=1)
        if any(campaign["state"] in ("running", "paused") for campaign in newest["items"]):
            return
        self._releases += 1
        version = f"1.{self._releases}.0"
        campaign = {
            "name": f"Roll-out of {version}",
            "image": await self._release(version),
            "target": {"stations": self._updatable()},
            "waves": WAVES,
            "attempts": 1,
            "allow_unsigned": True,  # which is all that SOAP's plain message can carry; others get it signed
        }
        key = (await self._operator.post("/firmware-campaigns", campaign))["key"]
        drawn = await self._operator.get(f"/firmware-campaigns/{key}/stations", limit=2)
        bad = drawn["items"][-1]["station"]
        for station in self._stations:
            _hardware(station).firmware.falls_back = self._keys[station.identity] == bad
        await self._operator.post(f"/firmware-campaigns/{key}/start", {})

    async def _release(self, version: str) -> int:
        """The key of an image that is signed by the maker whom the stations trust."""
        content, signing = image_of(version, install_s=120), self._maker.signing_key()
        draft = {"name": f"Release {version}", "version": version, "vendor": "Stationmaster"}
        image: int = (await self._operator.post("/firmware-images", draft))["key"]
        await self._operator.upload(f"/firmware-images/{image}/content", content)
        signature = {"signature": signing.sign(content), "signing_certificate": signing.certificate}
        await self._operator.put(f"/firmware-images/{image}/signature", signature)
        return image

    async def _reserve(self) -> None:
        """A place for somebody, if there is a free one and none is kept."""
        held = await self._operator.get("/reservations", limit=1)
        if any(each["state"] in ("queued", "asked", "active") for each in held["items"]):
            return
        place = self._free_place()
        if place is None:
            return
        station, evse_id = place
        token = self._tokens[-1 - self._reservations % len(self._tokens)]
        self._reservations += 1
        body = {"id_token": {"value": token}, "evse_id": evse_id, "minutes": RESERVED_MINUTES}
        await self._operator.post(f"/stations/{self._keys[station.identity]}/reservations", body)

    def _broken(self) -> Station | None:
        """The one that has something out of order."""
        return self._stations[-1] if len(self._stations) >= ENOUGH_TO_BREAK else None

    def _updatable(self) -> list[int]:
        """The keys of all but the one that is broken, which is left alone."""
        broken = self._broken()
        return sorted(self._keys[station.identity] for station in self._stations if station is not broken)

    def _free_place(self) -> tuple[Station, int] | None:
        """Not at the station that has something broken."""
        for station in self._stations:
            if station is self._broken():
                continue
            for evse in station.snapshot().evses:
                if evse.status == "Available":
                    return station, evse.id
        return None

    def _newer(self) -> list[Station]:
        return [station for station in self._stations if station.version.family == 2]


def _hardware(station: Station) -> SimulatedHardware:
    assert isinstance(station.hardware, SimulatedHardware)
    return station.hardware
