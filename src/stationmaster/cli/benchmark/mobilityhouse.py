"""The reference from the field: MobilityHouse's `ocpp` on `websockets`, in the shortest server that it allows.

Messages are validated and answered as the library does it by default, and nothing is stored.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

from ocpp.routing import on  # type: ignore[import-untyped]
from ocpp.v16 import ChargePoint as ChargePoint16  # type: ignore[import-untyped]
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201  # type: ignore[import-untyped]
from ocpp.v201 import call_result as result201
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

CURRENT_TIME = "2026-01-01T00:00:00Z"
INTERVAL_S = 300

_transaction_ids = count(1)


class Station16(ChargePoint16):  # type: ignore[misc]
    """OCPP 1.6."""

    @on("BootNotification")  # type: ignore[untyped-decorator]
    def on_boot(self, **_: Any) -> Any:
        return result16.BootNotification(current_time=CURRENT_TIME, interval=INTERVAL_S, status="Accepted")

    @on("StartTransaction")  # type: ignore[untyped-decorator]
    def on_start(self, **_: Any) -> Any:
        return result16.StartTransaction(transaction_id=next(_transaction_ids), id_tag_info={"status": "Accepted"})

    @on("MeterValues")  # type: ignore[untyped-decorator]
    def on_meter_values(self, **_: Any) -> Any:
        return result16.MeterValues()


class Station201(ChargePoint201):  # type: ignore[misc]
    """OCPP 2.0.1."""

    @on("BootNotification")  # type: ignore[untyped-decorator]
    def on_boot(self, **_: Any) -> Any:
        return result201.BootNotification(current_time=CURRENT_TIME, interval=INTERVAL_S, status="Accepted")

    @on("TransactionEvent")  # type: ignore[untyped-decorator]
    def on_transaction_event(self, **_: Any) -> Any:
        return result201.TransactionEvent()


STATIONS: Mapping[str, Any] = {"ocpp1.6": Station16, "ocpp2.0.1": Station201}


async def _connected(connection: ServerConnection) -> None:
    assert connection.request is not None
    station = STATIONS[connection.subprotocol or ""](connection.request.path.rpartition("/")[2], connection)
    with suppress(ConnectionClosed):
        await station.start()


@asynccontextmanager
async def listening(host: str, backlog: int) -> AsyncIterator[int]:
    """Its port. Without pings and compression: the load asks for neither."""
    async with serve(
        _connected,
        host,
        0,
        subprotocols=list(STATIONS),  # type: ignore[arg-type]
        ping_interval=None,
        compression=None,
        backlog=backlog,
    ) as server:
        yield next(iter(server.sockets)).getsockname()[1]
