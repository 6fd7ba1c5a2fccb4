"""F06 Trigger message: the CSMS asks for a message that the station would send of itself."""

from collections.abc import Awaitable, Callable

import structlog

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Answer, CommandAnswer, TriggerMessage
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.metering import TRIGGERED, Metering
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import NotTold, Spawn

log = structlog.get_logger(__name__)

Send = Callable[[Evse | None], Awaitable[None]]


class Trigger:
    """Answers first; then what was asked for follows (F06.FR.04, .10)."""

    def __init__(
        self,
        provisioning: Provisioning,
        availability: Availability,
        transactions: Transactions,
        metering: Metering,
        spawn: Spawn,
    ) -> None:
        self._provisioning = provisioning
        self._availability = availability
        self._transactions = transactions
        self._metering = metering
        self._spawn = spawn
        self._extended: dict[str, Send] = {}
        self._senders: dict[str, Send] = {
            "BootNotification": self._boot,
            "Heartbeat": self._heartbeat,
            "MeterValues": self._meter_values,
            "StatusNotification": self._status,
            "TransactionEvent": self._transaction,
        }

    def offer(self, requested: str, send: Send, *, extended: Send | None = None) -> None:
        """What another block can send. ``extended``: in the form of 1.6's security extension, if that is another."""
        self._senders[requested] = send
        if extended is not None:
            self._extended[requested] = extended

    async def trigger(self, request: TriggerMessage) -> Answer:
        send = self._senders.get(request.requested)
        if request.extended:
            send = self._extended.get(request.requested, send)
        if send is None:
            return CommandAnswer(status="NotImplemented")  # F06.FR.08
        if request.requested == "BootNotification" and self._provisioning.accepted:
            return CommandAnswer(status="Rejected")  # F06.FR.17
        evse = request.evse if request.evse is not None and request.evse.id else None
        if evse is not None and evse.id not in self._transactions.evse_ids:
            return CommandAnswer(status="Rejected", reason="UnknownEvse")
        self._spawn(self._follow(send, evse))
        return CommandAnswer(status="Accepted")

    async def _follow(self, send: Send, evse: Evse | None) -> None:
        try:
            await send(evse)
        except NotTold as failure:
            log.warning("triggered message not taken", failure=str(failure))

    async def _boot(self, evse: Evse | None) -> None:
        self._provisioning.boot_now()

    async def _heartbeat(self, evse: Evse | None) -> None:
        await self._provisioning.heartbeat(triggered=True)

    async def _meter_values(self, evse: Evse | None) -> None:
        for evse_id in self._evses(evse):
            await self._metering.trigger(evse_id)

    async def _status(self, evse: Evse | None) -> None:
        for connector in self._availability.reported:
            if evse is None or (connector.id == evse.id and evse.connector_id in (None, connector.connector_id)):
                await self._availability.report(connector)

    async def _transaction(self, evse: Evse | None) -> None:
        for evse_id in self._evses(evse):
            self._metering.update(evse_id, TRIGGERED, "Trigger")  # F06.FR.07

    def _evses(self, evse: Evse | None) -> tuple[int, ...]:
        """F06.FR.11: all of them where none is named."""
        return self._transactions.evse_ids if evse is None else (evse.id,)
