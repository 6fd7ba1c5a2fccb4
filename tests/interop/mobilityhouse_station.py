"""Charging stations made with MobilityHouse's `ocpp`: one class of theirs per version, behind one way to drive them.

Their library checks all that it sends and receives against the schemas. Its conversion of names between snake_case and
the wire's goes wrong for some messages of 2.1, none of which is needed here, so everything goes through their classes.
"""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import ocpp.v16
import ocpp.v21
import ocpp.v201
from mobilityhouse_scripted import Scripted
from ocpp.routing import on
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from stationmaster.ocpp.version import Version

CARD = {"id_token": "CARD", "type": "ISO14443"}
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class Received:
    """What the CSMS asked for, in their snake_case."""

    def __init__(self) -> None:
        self.starts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.stops: asyncio.Queue[dict[str, Any]] = asyncio.Queue()


class Station16(Scripted, ocpp.v16.ChargePoint):
    """OCPP 1.6."""

    def __init__(self, identity: str, connection: Any) -> None:
        super().__init__(identity, connection)
        self.received = Received()

    @on("RemoteStartTransaction")
    def remote_start(self, **payload: Any) -> Any:
        self.received.starts.put_nowait(payload)
        return ocpp.v16.call_result.RemoteStartTransaction(status="Accepted")

    @on("RemoteStopTransaction")
    def remote_stop(self, **payload: Any) -> Any:
        self.received.stops.put_nowait(payload)
        return ocpp.v16.call_result.RemoteStopTransaction(status="Accepted")

    async def boot(self) -> Any:
        request = ocpp.v16.call.BootNotification(charge_point_model="Foreign", charge_point_vendor="House")
        return await self.call(request, suppress=False)

    async def authorize(self, card: str) -> str:
        answer = await self.call(ocpp.v16.call.Authorize(id_tag=card), suppress=False)
        return answer.id_tag_info["status"]

    async def begin(self, minute: int, register_wh: int, remote_start_id: int | None = None) -> str:
        """Start a transaction; its id on the wire."""
        request = ocpp.v16.call.StartTransaction(
            connector_id=1, id_tag="CARD", meter_start=register_wh, timestamp=text(at(minute))
        )
        answer = await self.call(request, suppress=False)
        assert answer.id_tag_info["status"] == "Accepted"
        return str(answer.transaction_id)

    async def measure(self, wire_id: str, minute: int, register_wh: int) -> None:
        value = {"timestamp": text(at(minute)), "sampled_value": [{"value": str(register_wh), "unit": "Wh"}]}
        request = ocpp.v16.call.MeterValues(connector_id=1, transaction_id=int(wire_id), meter_value=[value])
        await self.call(request, suppress=False)

    async def end(self, wire_id: str, minute: int, register_wh: int, reason: str = "Local") -> None:
        request = ocpp.v16.call.StopTransaction(
            meter_stop=register_wh,
            timestamp=text(at(minute)),
            transaction_id=int(wire_id),
            reason=reason,
            id_tag="CARD",
        )
        await self.call(request, suppress=False)


class _SecondGeneration(Scripted):
    """What 2.0.1 and 2.1 have in common; ``library`` is the version's package."""

    library: Any

    def __init__(self, identity: str, connection: Any) -> None:
        super().__init__(identity, connection)
        self.received = Received()
        self._seq_no = 0
        self._begun = 0

    @on("RequestStartTransaction")
    def remote_start(self, **payload: Any) -> Any:
        self.received.starts.put_nowait(payload)
        return self.library.call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")
    def remote_stop(self, **payload: Any) -> Any:
        self.received.stops.put_nowait(payload)
        return self.library.call_result.RequestStopTransaction(status="Accepted")

    async def boot(self) -> Any:
        request = self.library.call.BootNotification(
            charging_station={"model": "Foreign", "vendor_name": "House"}, reason="PowerUp"
        )
        return await self.call(request, suppress=False)

    async def authorize(self, card: str) -> str:
        request = self.library.call.Authorize(id_token={"id_token": card, "type": "ISO14443"})
        return (await self.call(request, suppress=False)).id_token_info["status"]

    async def begin(self, minute: int, register_wh: int, remote_start_id: int | None = None) -> str:
        self._begun += 1
        self._seq_no = 0
        wire_id = f"{self.id}-{self._begun}"
        info = {"transaction_id": wire_id, "charging_state": "Charging", "remote_start_id": remote_start_id}
        evse = {"id": 1, "connector_id": 1}
        answer = await self._tell("Started", minute, register_wh, info, evse=evse, id_token=CARD)
        assert answer.id_token_info["status"] == "Accepted"
        return wire_id

    async def measure(self, wire_id: str, minute: int, register_wh: int) -> None:
        await self._tell("Updated", minute, register_wh, {"transaction_id": wire_id, "charging_state": "Charging"})

    async def end(self, wire_id: str, minute: int, register_wh: int, reason: str = "Local") -> None:
        await self._tell("Ended", minute, register_wh, {"transaction_id": wire_id, "stopped_reason": reason})

    async def _tell(self, kind: str, minute: int, register_wh: int, info: dict[str, Any], **more: Any) -> Any:
        request = self.library.call.TransactionEvent(
            event_type=kind,
            timestamp=text(at(minute)),
            trigger_reason={"Started": "Authorized", "Updated": "MeterValuePeriodic", "Ended": "EVDeparted"}[kind],
            seq_no=self._seq_no,
            transaction_info={name: value for name, value in info.items() if value is not None},
            meter_value=[{"timestamp": text(at(minute)), "sampled_value": [_sample(kind, register_wh)]}],
            **more,
        )
        self._seq_no += 1
        return await self.call(request, suppress=False)


class Station201(_SecondGeneration, ocpp.v201.ChargePoint):
    """OCPP 2.0.1."""

    library = ocpp.v201


class Station21(_SecondGeneration, ocpp.v21.ChargePoint):
    """OCPP 2.1."""

    library = ocpp.v21


STATIONS: dict[Version, Any] = {Version.V16: Station16, Version.V201: Station201, Version.V21: Station21}


@asynccontextmanager
async def foreign_station(url: str, identity: str, version: Version) -> Any:
    """Connected, and answering, for as long as the context lasts."""
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connect(f"{url}/{identity}", subprotocols=[version.subprotocol]))
        station = STATIONS[version](identity, connection)
        listening = asyncio.create_task(station.start())
        stack.callback(listening.cancel)
        yield station
    with suppress(ConnectionClosed, asyncio.CancelledError):
        await listening


def _sample(kind: str, register_wh: int) -> dict[str, Any]:
    context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
    return {"value": register_wh, "context": context, "measurand": "Energy.Active.Import.Register"}
