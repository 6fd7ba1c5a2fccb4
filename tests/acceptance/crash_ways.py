"""How stations of ours reach a server that is killed and started again, whichever version they speak."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crash_server import CsmsProcess

from stationmaster.cli.called_at import CalledAt
from stationmaster.cli.dial import websocket_dial
from stationmaster.cli.soap_site import soap_site
from stationmaster.ocpp.version import Version
from stationmaster.simulator.fleet import WayFor
from stationmaster.station.connection.lines import ToCsms


@asynccontextmanager
async def ways_to(server: CsmsProcess) -> AsyncIterator[WayFor]:
    """Those that speak SOAP have a listener of their own as long as this lasts."""
    async with soap_site(CalledAt()) as site:

        def way(identity: str, version: Version) -> ToCsms:
            if version.is_soap:
                return site.place(server.soap_url, identity)
            return websocket_dial(server.url, identity, version)

        yield way
