"""A station of ours, booted at a foreign CSMS over a real WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mobilityhouse_csms import foreign_csms

from stationmaster.cli.dial import websocket_network
from stationmaster.clock.scaled import ScaledClock
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.storage.station_memory import RamMemory
from stationmaster.transport.file_client import FileClient

SPEED = 60.0
"""A minute lasts a second."""
CARD = IdToken("CARD", "ISO14443")


@asynccontextmanager
async def connected(
    version: Version, firmware: FirmwareBank | None = None
) -> AsyncIterator[tuple[Any, SimulatedHardware]]:
    """The station's session at the foreign CSMS, and its hardware."""
    async with running(version, firmware) as (csms, station):
        assert isinstance(station.hardware, SimulatedHardware)
        yield csms, station.hardware


@asynccontextmanager
async def running(version: Version, firmware: FirmwareBank | None = None) -> AsyncIterator[tuple[Any, Station]]:
    """The station's session at the foreign CSMS, and the station; it reaches every CSMS that is on this machine."""
    clock = ScaledClock(SPEED)
    hardware = SimulatedHardware(station_model("Motorway 2x300"), clock, firmware=firmware)
    async with foreign_csms(version) as (url, session):
        network = websocket_network(url, "OURS", version)
        place = Place(hardware=hardware, memory=RamMemory(), clock=clock, dial=network, files=FileClient())
        station = Station("OURS", version, place)
        station.set_variable("SampledDataCtrlr.TxUpdatedInterval", "10")
        station.set_variable("OCPPCommCtrlr.MessageTimeout[Default]", "600")
        living = asyncio.create_task(station.run())
        try:
            async with asyncio.timeout(20):
                csms = await session
                while station.snapshot().registration != "Accepted":
                    await asyncio.sleep(0.01)
            yield csms, station
        finally:
            await station.cut_power()
            await asyncio.wait((living,))


def plug(hardware: SimulatedHardware) -> None:
    """A car at EVSE 1."""
    hardware.plug(1, EV(ev_model("Compact 58"), 0.2))


async def said(csms: Any, version: Version, evse_id: int, word: str) -> dict[str, Any]:
    """That an EVSE's first connector is in this state, in the version's own message: a status, or 2.1's event."""
    if version is not Version.V21:
        names = ("connector_id", "status") if version is Version.V16 else ("evse_id", "connector_status")
        return dict(await csms.heard.first("StatusNotification", **dict(zip(names, (evse_id, word), strict=True))))
    wanted = ({"name": "Connector", "evse": {"id": evse_id, "connector_id": 1}}, word)
    number = 0
    while True:
        number += 1
        for event in (await csms.heard.first("NotifyEvent", number))["event_data"]:
            if (event["component"], event["actual_value"]) == wanted:
                return dict(event)
