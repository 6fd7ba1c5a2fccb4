"""A whole CSMS in memory, to try a station or a program against."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from stationmaster.bus.memory import MemoryBus
from stationmaster.clock.wall import WallClock
from stationmaster.csms.app import CSMS
from stationmaster.csms.ports import NO_OTHERS, Clock, OtherSystems
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import IdToken, StationRef
from stationmaster.domain.station import Station
from stationmaster.ocpp.version import Version
from stationmaster.storage.memory_blobs import MemoryBlobs
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.testing.soap_wire import SoapWireClient
from stationmaster.testing.view import StationView
from stationmaster.testing.wire import WireClient
from stationmaster.transport.memory_files import MemoryFiles
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.memory_network import MemoryNetwork

HOST = "csms.test"
SOAP_HOST = f"{HOST}:9001"
SOAP_URL = f"http://{SOAP_HOST}/soap"
OPEN = CsmsSettings(default_policy=TenantPolicy(registration="open"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CsmsBench:
    """``network`` is where stations dial ``url``; ``http`` where those that speak SOAP post to ``SOAP_URL``, and listen
    themselves; ``storage`` is what the CSMS has stored;
    ``files`` is how stations bring it files and fetch them; ``clients`` are all that
    ever dialled through this bench."""

    csms: CSMS
    storage: SQLiteStorage
    files: MemoryFiles
    bus: MemoryBus
    network: MemoryNetwork
    http: MemoryHttp
    clock: Clock
    clients: list[WireClient | SoapWireClient] = field(default_factory=list)

    def url(self, identity: str, tenant: str = "default") -> str:
        return f"ws://{HOST}/ocpp/{tenant}/{identity}"

    async def dial(
        self,
        identity: str,
        version: Version,
        *,
        tenant: str = "default",
        password: bytes | None = None,
        subprotocols: tuple[str, ...] | None = None,
    ) -> WireClient:
        """Connect as a station that says only what it is told to. ``subprotocols``: other ones than the version's.

        Raises ConnectRefused where the CSMS does not let it in.
        """
        client = WireClient(version)
        client.connection = await self.network.connect(
            self.url(identity, tenant),
            subprotocols=(version.subprotocol,) if subprotocols is None else subprotocols,
            receiver_factory=lambda _: client,
            basic_auth=(identity, password) if password is not None else None,
        )
        self.clients.append(client)
        return client

    def soap(
        self,
        identity: str,
        version: Version,
        *,
        tenant: str = "default",
        password: bytes | None = None,
        address: str | None = None,
    ) -> SoapWireClient:
        """A station that speaks SOAP, and says only what it is told to. ``address``: where it listens."""
        url = SOAP_URL if tenant == "default" else f"{SOAP_URL}/{tenant}"
        listens = address or f"http://{identity.lower()}.test:8080/"
        client = SoapWireClient(version, identity, self.http, url=url, address=listens, password=password)
        self.clients.append(client)
        return client

    async def boot(self, identity: str, version: Version) -> WireClient:
        """Connect, and boot in the version's own words."""
        client = await self.dial(identity, version)
        await client.call("BootNotification", BOOTS[version.family])
        return client

    async def add_token(self, value: str, type: str | None = None, **fields: object) -> Token:
        """Make a token known."""
        token = Token(key=self.storage.keys.take(), tenant="default", id_token=IdToken(value, type))
        token = msgspec.structs.replace(token, **fields)
        await self.storage.journal.store([token])
        return token

    def station(self, identity: str, tenant: str = "default") -> Station:
        """What the CSMS knows of a station. Raises KeyError."""
        desk = self.csms.directory.find(StationRef(tenant, identity))
        if desk is None:
            raise KeyError(identity)
        return desk.state.station

    def view(self, identity: str, tenant: str = "default") -> StationView:
        """A station as its operator sees it, and what the operator may ask of it. Raises KeyError."""
        return StationView(self.csms, self.storage, self.station(identity, tenant))

    def check(self) -> None:
        """Raise BrokenRules if the CSMS has sent any client what its version does not allow."""
        for client in self.clients:
            client.check()


BOOTS: dict[int, dict[str, Any]] = {
    1: {"chargePointVendor": "Maker", "chargePointModel": "Model"},
    2: {"reason": "PowerUp", "chargingStation": {"vendorName": "Maker", "model": "Model"}},
}


@asynccontextmanager
async def csms_bench(
    settings: CsmsSettings = OPEN,
    *,
    clock: Clock | None = None,
    path: str = ":memory:",
    others: OtherSystems = NO_OTHERS,
    network: MemoryNetwork | None = None,
    http: MemoryHttp | None = None,
) -> AsyncIterator[CsmsBench]:
    """A CSMS for as long as the context lasts. It writes on the loop, so that it runs in virtual time too.

    ``network`` and ``http``: those of the CSMS before it, where stations that outlive one find the next.

    Raises BrokenRules at its end if the CSMS has sent what it must not.
    """
    clock = clock or WallClock()
    storage = await SQLiteStorage.open(path, threaded=False)
    bus = MemoryBus()
    csms = CSMS(storage, bus, clock, settings, b"a pepper for tests", MemoryBlobs(), others)
    network = network or MemoryNetwork()
    csms.files.addresses["http"] = f"http://{HOST}:9001"
    http = http or MemoryHttp()
    posts = http.serve(SOAP_HOST, csms.soap_route())
    csms.soap.url, csms.soap.client = SOAP_URL, http.client(reach=csms.soap.reach)
    await csms.start()
    server = await network.serve(HOST, admit=csms.admit, connected=csms.connected)
    bench = CsmsBench(
        csms=csms,
        storage=storage,
        files=MemoryFiles(csms.files),
        bus=bus,
        network=network,
        http=http,
        clock=clock,
    )
    try:
        yield bench
        bench.check()
    finally:
        await csms.stop()
        await server.close()
        await posts.close()
        await storage.close()
