"""How a real station reaches a node in memory, in whichever way its version is spoken."""

from typing import Any

from stationmaster.cli.soap_site import SoapSite
from stationmaster.ocpp.version import Version
from stationmaster.station.connection.lines import ToCsms
from stationmaster.testing import CsmsBench
from stationmaster.testing.bench import SOAP_URL
from stationmaster.transport.errors import ConnectRefused


def way_to(bench: CsmsBench, identity: str, version: Version) -> ToCsms:
    """A WebSocket, or SOAP with a listener of the station's own at ``called_at(identity)``."""
    if version.is_soap:
        site = SoapSite(bench.http.client())
        site.base = f"http://{called_at(identity)}"
        bench.http.serve(called_at(identity), site.route())
        return site.place(SOAP_URL, identity)

    async def dial(receive: Any) -> Any:
        try:
            return await bench.network.connect(
                bench.url(identity), subprotocols=(version.subprotocol,), receiver_factory=receive
            )
        except ConnectRefused as refused:
            raise OSError(str(refused)) from refused

    return dial


def called_at(identity: str) -> str:
    """The authority under which a station that speaks SOAP is called."""
    return f"{identity.lower()}.stations.test:8080"
