"""Stations made with zeep: a client of the CentralSystemService, and a server of the ChargePointService."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from node_rest import NodeRest, new_identity
from zeep_contracts import contract
from zeep_ends import ZeepClient, ZeepServer, listening
from zeep_messages import CENTRAL_SYSTEM, CHARGE_POINT

from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.version import Version


class ZeepStation:
    """``key``: of the station in our CSMS."""

    def __init__(self, client: ZeepClient, server: ZeepServer, version: Version) -> None:
        self.client = client
        self.server = server
        self.version = version
        self.key = 0

    async def start(self) -> int:
        """Begin a transaction; its id."""
        answer = await self.client.ask("StartTransaction", CENTRAL_SYSTEM[self.version].requests["StartTransaction"])
        return int(answer["transactionId"])


@asynccontextmanager
async def zeep_station(rest: NodeRest, source: str, version: Version) -> AsyncIterator[ZeepStation]:
    """Booted at our CSMS, which did not know it before."""
    assert rest.node.info.soap_url is not None
    identity = new_identity()
    with listening(contract(source, version, Sender.CSMS), CHARGE_POINT[version].answers) as server:
        said = contract(source, version, Sender.STATION)
        client = ZeepClient(said, rest.node.info.soap_url, identity, server.url)
        station = ZeepStation(client, server, version)
        try:
            await client.ask("BootNotification", CENTRAL_SYSTEM[version].requests["BootNotification"])
            known = await rest.node.storage.reads.find_station(DEFAULT_TENANT, identity)
            assert known is not None
            station.key = known.key
            yield station
        finally:
            client.close()
