"""A system under attack, over real sockets or in memory, and the well-behaved station that must not notice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from in_process import applications_of_nodes

from stationmaster.cli.node import running_node
from stationmaster.cli.settings import ServeSettings
from stationmaster.csms.app import CSMS
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import IdToken, StationRef
from stationmaster.domain.queries import OddityFilter, PageRequest, TransactionFilter
from stationmaster.domain.records import Oddity
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.ocpp.version import Version
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.testing import WireClient, csms_bench
from stationmaster.transport import websocket_client
from stationmaster.transport.path import station_url

Payload = dict[str, Any]
Registration = Literal["open", "closed"]
CARD = "GOOD-CARD"
NOW = "2026-03-01T12:00:00Z"
PATIENCE_S = 5.0
"""How long a good station may wait for one answer while others do their worst, on a slow and busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """``connect`` dials a URL; ``base`` is what an identity is appended to; ``port`` is 0 in memory."""

    csms: CSMS
    storage: SQLiteStorage
    connect: Callable[..., Coroutine[Any, Any, Any]]
    base: str
    port: int = 0

    async def dial(self, identity: str, version: Version = Version.V201, client: WireClient | None = None) -> Any:
        client = client or WireClient(version)
        client.connection = await self.connect(
            station_url(self.base, identity),
            subprotocols=(version.subprotocol,),
            receiver_factory=lambda _: client,
        )
        return client

    async def oddities(self, identity: str) -> list[Oddity]:
        """Everything odd that a station did, as stored. It must be connected: a heartbeat is not enough to store."""
        desk = self.csms.directory.find(StationRef("default", identity))
        assert desk is not None
        waiting = list(desk.take_oddities())
        await self.storage.journal.store(waiting)
        query = OddityFilter(tenant="default", station_key=desk.key)
        found = await self.storage.reads.oddities(query, PageRequest(limit=1000))
        return [item.oddity for item in found.items]

    async def transactions(self, identity: str) -> tuple[Transaction, ...]:
        desk = self.csms.directory.find(StationRef("default", identity))
        assert desk is not None
        query = TransactionFilter(tenant="default", station_key=desk.key)
        return (await self.storage.reads.transactions(query, PageRequest(limit=1000))).items

    async def know(self, value: str) -> None:
        """Make a token known."""
        token = Token(key=self.storage.keys.take(), tenant="default", id_token=IdToken(value, "ISO14443"))
        await self.storage.journal.store([token])


@asynccontextmanager
async def over_websocket(folder: Path, registration: Registration = "open") -> AsyncIterator[System]:
    """The node that `serve` runs, on a port of its own."""
    settings = ServeSettings(
        data_dir=folder, ocpp_port=0, api_port=0, files_port=0, pages=False, registration=registration
    )
    with applications_of_nodes():
        async with running_node(settings) as node:
            system = System(
                csms=node.csms,
                storage=node.storage,
                connect=websocket_client.connect,
                base=f"ws://127.0.0.1:{node.ocpp.port}/ocpp",
                port=node.ocpp.port,
            )
            await system.know(CARD)
            yield system


@asynccontextmanager
async def in_memory(_folder: Path, registration: Registration = "open") -> AsyncIterator[System]:
    settings = CsmsSettings(default_policy=TenantPolicy(registration=registration))
    async with csms_bench(settings) as bench:
        system = System(
            csms=bench.csms,
            storage=bench.storage,
            connect=bench.network.connect,
            base=bench.url("").rstrip("/"),
        )
        await system.know(CARD)
        yield system


def event(kind: str, number: int, transaction: str = "T", **more: Any) -> Payload:
    return {
        "eventType": kind,
        "timestamp": NOW,
        "triggerReason": "Authorized",
        "seqNo": number,
        "transactionInfo": {"transactionId": transaction},
        **more,
    }


class GoodStation:
    """Charges one car after another; every answer must come, be right, and come in time."""

    def __init__(self, system: System, identity: str = "GOOD") -> None:
        self.worst_s = 0.0
        self.done = 0
        self.enough = False
        self._system = system
        self._identity = identity
        self._client: WireClient

    async def boot(self) -> None:
        self._client = await self._system.dial(self._identity)
        boot = {"reason": "PowerUp", "chargingStation": {"vendorName": "Maker", "model": "Model"}}
        assert (await self._call("BootNotification", boot))["status"] == "Accepted"

    async def charge(self) -> None:
        """One whole transaction."""
        name = f"GOOD-{self.done}"
        token = {"idToken": CARD, "type": "ISO14443"}
        evse = {"id": 1, "connectorId": 1}
        status = {"timestamp": NOW, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
        await self._call("StatusNotification", status)
        assert (await self._call("Authorize", {"idToken": token}))["idTokenInfo"]["status"] == "Accepted"
        started = await self._call("TransactionEvent", event("Started", 0, name, evse=evse, idToken=token))
        assert started["idTokenInfo"]["status"] == "Accepted"
        for number in range(1, 6):
            value = [{"timestamp": NOW, "sampledValue": [{"value": 100 * number}]}]
            await self._call("TransactionEvent", event("Updated", number, name, meterValue=value))
        await self._call("TransactionEvent", event("Ended", 6, name))
        self.done += 1

    async def keep_charging(self) -> None:
        """Until ``enough`` is set; the car that is charging then is charged to the end."""
        while not self.enough:
            await self.charge()

    async def _call(self, action: str, payload: Payload) -> Payload:
        began = perf_counter()
        answer = await self._client.call(action, payload)
        self.worst_s = max(self.worst_s, perf_counter() - began)
        return answer


@asynccontextmanager
async def good_station(system: System) -> AsyncIterator[GoodStation]:
    """A station that charges for as long as the attack lasts, and once more after it."""
    station = GoodStation(system)
    await station.boot()
    charging = asyncio.create_task(station.keep_charging())
    try:
        yield station
    finally:
        station.enough = True
        await charging
    last = GoodStation(system, "GOOD-AFTERWARDS")
    await last.boot()
    await last.charge()
    assert station.worst_s < PATIENCE_S
    assert last.worst_s < PATIENCE_S


def resident_bytes() -> int:
    """What this process holds in memory now (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
