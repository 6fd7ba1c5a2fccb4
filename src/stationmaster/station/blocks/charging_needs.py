"""R02, R03: what a car told over ISO 15118-20 goes on to the CSMS, once for each transaction.

It is told a little after energy may flow: by then car and station have found out about each other, and the transaction
has been told of (K15.FR.16). What cannot be told is told when there is a line again, with its time (K15.FR.20).
"""

from datetime import datetime

import msgspec
import structlog

from stationmaster.domain.charging_needs import NotifyEVChargingNeeds
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Clock, Hardware, Line, NotTold, Offline, Spawn

log = structlog.get_logger(__name__)

DISCOVERY_S = 2.0
"""From the authorization to the end of ISO 15118-20 ChargeParameterDiscovery."""


class Untold(msgspec.Struct, frozen=True):
    """Needs that the CSMS has not heard of. ``transaction_id``: whose they are."""

    transaction_id: str
    request: NotifyEVChargingNeeds
    since: datetime


class ChargingNeeds:
    """Fulfils ``transactions.Observer``."""

    def __init__(self, hardware: Hardware, transactions: Transactions, line: Line, clock: Clock, spawn: Spawn) -> None:
        self._hardware = hardware
        self._transactions = transactions
        self._line = line
        self._clock = clock
        self._spawn = spawn
        self._known: dict[int, str] = {}
        self._untold: dict[int, Untold] = {}

    def on_evse(self, evse_id: int) -> None:
        """A car may have begun to charge."""
        state = self._transactions.state(evse_id)
        running = None if state.transaction is None else state.transaction.id
        if running is None or not state.situation.path_closed or self._known.get(evse_id) == running:
            return
        self._known[evse_id] = running
        self._spawn(self._discover(evse_id, running))

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """Nothing to do with needs."""

    def resume(self) -> None:
        """There is a line again."""
        for evse_id in tuple(self._untold):
            self._spawn(self._tell(evse_id, late=True))

    async def _discover(self, evse_id: int, transaction_id: str) -> None:
        await self._clock.sleep(DISCOVERY_S)
        needs = self._hardware.ev_needs(evse_id)
        if needs is None or not self._runs(evse_id, transaction_id):
            return
        request = NotifyEVChargingNeeds(evse_id=evse_id, needs=dict(needs))
        self._untold[evse_id] = Untold(transaction_id, request, self._clock.now())
        await self._tell(evse_id)

    async def _tell(self, evse_id: int, *, late: bool = False) -> None:
        untold = self._untold.pop(evse_id, None)
        if untold is None or not self._runs(evse_id, untold.transaction_id):
            return
        request = msgspec.structs.replace(untold.request, timestamp=untold.since if late else None)
        try:
            answer = await self._line.perform(request)
        except Offline:
            self._untold.setdefault(evse_id, untold)
        except NotTold as failure:
            log.info("charging needs not taken", evse=evse_id, failure=str(failure))
        else:
            log.debug("charging needs told", evse=evse_id, answer=answer)

    def _runs(self, evse_id: int, transaction_id: str) -> bool:
        running = self._transactions.state(evse_id).transaction
        return running is not None and running.id == transaction_id
