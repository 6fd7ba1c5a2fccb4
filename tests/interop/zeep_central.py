"""CSMS made with zeep, and a station of ours there: a server of the CentralSystemService, and a client of the
ChargePointService."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from zeep_contracts import contract
from zeep_ends import ZeepClient, ZeepServer, listening
from zeep_messages import CENTRAL_SYSTEM

from stationmaster.cli.called_at import CalledAt
from stationmaster.cli.soap_site import soap_site
from stationmaster.clock.scaled import ScaledClock
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.storage.station_memory import RamMemory
from stationmaster.transport.file_client import FileClient

SPEED = 60.0
"""A minute lasts a second."""
IDENTITY = "OURS"


class ZeepCentral(NamedTuple):
    """``client`` calls the station, at ``called_at``; ``server`` is called by it."""

    client: ZeepClient
    server: ZeepServer
    station: Station
    hardware: SimulatedHardware
    called_at: str


@asynccontextmanager
async def zeep_central(source: str, version: Version) -> AsyncIterator[ZeepCentral]:
    """The station has booted, and told all its states."""
    answers = CENTRAL_SYSTEM[version].answers
    with listening(contract(source, version, Sender.STATION), answers) as server:
        async with soap_site(CalledAt()) as site:
            clock = ScaledClock(SPEED)
            hardware = SimulatedHardware(station_model("Motorway 2x300"), clock)
            place = site.place(server.url, IDENTITY)
            memory, files = RamMemory(), FileClient()
            here = Place(hardware=hardware, memory=memory, clock=clock, dial=place, files=files, keeps_own_time=True)
            station = Station(IDENTITY, version, here)
            station.set_variable("SampledDataCtrlr.TxUpdatedInterval", "10")
            station.set_variable("OCPPCommCtrlr.MessageTimeout[Default]", "600")
            called = contract(source, version, Sender.CSMS)
            client = ZeepClient(called, place.callback_url, IDENTITY, server.url)
            living = asyncio.create_task(station.run())
            try:
                await server.told("StatusNotification", 3)
                yield ZeepCentral(client, server, station, hardware, place.callback_url)
            finally:
                client.close()
                await station.cut_power()
                await asyncio.wait((living,))
