"""CSMS made with MobilityHouse's `ocpp`: one class of theirs per version, each recording what a station says.

Their library checks all that it sends and receives against the schemas. In 2.1 it leaves a call that it has no handler
for without any answer, so there is one for everything that a station may say here.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from typing import Any

import ocpp.v16
import ocpp.v21
import ocpp.v201
from mobilityhouse_scripted import Scripted
from ocpp.routing import on
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from stationmaster.ocpp.version import Version

INTERVAL_S = 300
ACCEPTED = {"status": "Accepted"}
_ONLY_ACKNOWLEDGED = (
    *("MeterValues", "StatusNotification", "SecurityEventNotification"),
    *("LogStatusNotification", "FirmwareStatusNotification"),
)
_OF_16 = ("DiagnosticsStatusNotification", "SignedFirmwareStatusNotification")
_REPORTS = ("NotifyEvent", "NotifyReport", "NotifyMonitoringReport", "NotifyCustomerInformation")


class Csms16(Scripted, ocpp.v16.ChargePoint):
    """OCPP 1.6. ``register_wh`` of a transaction's begin and end is what 1.6 has fields of its own for."""

    def __init__(self, identity: str, connection: Any) -> None:
        super().__init__(identity, connection)
        self._numbers = count(1)
        for action in (*_ONLY_ACKNOWLEDGED, *_OF_16):
            self.says(action, {})
        self.says("SignCertificate", ACCEPTED)
        self.says("DataTransfer", {"status": "UnknownVendorId"})

    @on("BootNotification")
    def boot(self, **payload: Any) -> Any:
        self.heard.note("BootNotification", payload)
        return ocpp.v16.call_result.BootNotification(current_time=_now(), interval=INTERVAL_S, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self, **payload: Any) -> Any:
        self.heard.note("Heartbeat", payload)
        return ocpp.v16.call_result.Heartbeat(current_time=_now())

    @on("Authorize")
    def authorize(self, **payload: Any) -> Any:
        self.heard.note("Authorize", payload)
        return ocpp.v16.call_result.Authorize(id_tag_info=ACCEPTED)

    @on("StartTransaction")
    def start_transaction(self, **payload: Any) -> Any:
        self.heard.note("StartTransaction", payload)
        return ocpp.v16.call_result.StartTransaction(transaction_id=next(self._numbers), id_tag_info=ACCEPTED)

    @on("StopTransaction")
    def stop_transaction(self, **payload: Any) -> Any:
        self.heard.note("StopTransaction", payload)
        return ocpp.v16.call_result.StopTransaction(id_tag_info=ACCEPTED)

    async def began(self) -> str:
        """Wait for a transaction; its id."""
        await self.heard.first("StartTransaction")
        return "1"

    async def measured(self, wire_id: str, times: int) -> None:
        await self.heard.first("MeterValues", times, transaction_id=int(wire_id))

    async def ended(self, wire_id: str) -> tuple[str, float]:
        """Wait for the end; its reason, and the energy in Wh by the registers at both ends."""
        end = await self.heard.first("StopTransaction", transaction_id=int(wire_id))
        (start,) = self.heard.all("StartTransaction")
        return end.get("reason", "Local"), end["meter_stop"] - start["meter_start"]

    async def start_remotely(self, card: str) -> str:
        request = ocpp.v16.call.RemoteStartTransaction(id_tag=card, connector_id=1)
        return (await self.call(request, suppress=False)).status

    async def stop_remotely(self, wire_id: str) -> str:
        request = ocpp.v16.call.RemoteStopTransaction(transaction_id=int(wire_id))
        return (await self.call(request, suppress=False)).status


class _SecondGeneration(Scripted):
    """What 2.0.1 and 2.1 have in common; ``library`` is the version's package."""

    library: Any

    def __init__(self, identity: str, connection: Any) -> None:
        super().__init__(identity, connection)
        for action in (*_ONLY_ACKNOWLEDGED, *_REPORTS):
            self.says(action, {})
        self.says("SignCertificate", ACCEPTED)
        self.says("DataTransfer", {"status": "UnknownVendorId"})

    @on("BootNotification")
    def boot(self, **payload: Any) -> Any:
        self.heard.note("BootNotification", payload)
        return self.library.call_result.BootNotification(current_time=_now(), interval=INTERVAL_S, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self, **payload: Any) -> Any:
        self.heard.note("Heartbeat", payload)
        return self.library.call_result.Heartbeat(current_time=_now())

    @on("Authorize")
    def authorize(self, **payload: Any) -> Any:
        self.heard.note("Authorize", payload)
        return self.library.call_result.Authorize(id_token_info=ACCEPTED)

    @on("TransactionEvent")
    def transaction_event(self, **payload: Any) -> Any:
        self.heard.note("TransactionEvent", payload)
        info = ACCEPTED if "id_token" in payload else None
        return self.library.call_result.TransactionEvent(id_token_info=info)

    async def began(self) -> str:
        start = await self.heard.first("TransactionEvent", event_type="Started")
        return str(start["transaction_info"]["transaction_id"])

    async def measured(self, wire_id: str, times: int) -> None:
        await self.heard.first("TransactionEvent", times, trigger_reason="MeterValuePeriodic")

    async def ended(self, wire_id: str) -> tuple[str, float]:
        end = await self.heard.first("TransactionEvent", event_type="Ended")
        assert end["transaction_info"]["transaction_id"] == wire_id
        registers = {
            sample["context"]: sample["value"]
            for value in end["meter_value"]
            for sample in value["sampled_value"]
            if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
        }
        wh = registers["Transaction.End"] - registers["Transaction.Begin"]
        return end["transaction_info"].get("stopped_reason", "Local"), wh

    async def start_remotely(self, card: str) -> str:
        request = self.library.call.RequestStartTransaction(
            id_token={"id_token": card, "type": "ISO14443"}, remote_start_id=7, evse_id=1
        )
        return (await self.call(request, suppress=False)).status

    async def stop_remotely(self, wire_id: str) -> str:
        request = self.library.call.RequestStopTransaction(transaction_id=wire_id)
        return (await self.call(request, suppress=False)).status


class Csms201(_SecondGeneration, ocpp.v201.ChargePoint):
    """OCPP 2.0.1."""

    library = ocpp.v201


class Csms21(_SecondGeneration, ocpp.v21.ChargePoint):
    """OCPP 2.1."""

    library = ocpp.v21


SYSTEMS: dict[Version, Any] = {Version.V16: Csms16, Version.V201: Csms201, Version.V21: Csms21}


@asynccontextmanager
async def foreign_csms(version: Version) -> AsyncIterator[tuple[str, "asyncio.Future[Any]"]]:
    """Its address, and the station's first session there once it has connected. What is heard in later ones is noted
    with the first one's."""
    connected: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def accept(connection: ServerConnection) -> None:
        assert connection.request is not None and connection.subprotocol == version.subprotocol
        csms = SYSTEMS[version](connection.request.path.rpartition("/")[2], connection)
        if connected.done():
            csms.heard = connected.result().heard
        else:
            connected.set_result(csms)
        with suppress(ConnectionClosed):
            await csms.start()

    async with serve(accept, "127.0.0.1", 0, subprotocols=[version.subprotocol]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ocpp", connected


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
