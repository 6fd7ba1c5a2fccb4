"""What operators do to transactions: close one that never ends, say how far one may go."""

from collections.abc import Callable
from datetime import datetime

from stationmaster.csms.blocks.closing import concluded
from stationmaster.csms.blocks.limits import wished
from stationmaster.csms.connection.directory import Directory
from stationmaster.domain.decision import Decision
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.domain.transactions.transaction import Transaction

DecideOn = Callable[[Transaction, StationState, datetime], Decision | None]
"""About a transaction as it is now."""


class TransactionDesk:
    """Of one node. Each is decided in the station's lane, and on disk when it returns; where the transaction is over by
    then nothing is done."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def close(self, transaction: Transaction, detail: str) -> None:
        """Hold it to be over. Raises StorageFailed."""

        def decide(now: Transaction, state: StationState, at: datetime) -> Decision | None:
            return concluded(state, at, transaction=now, reason="operator", detail=detail)

        await self._settle(transaction, decide)

    async def limit(self, transaction: Transaction, limit: TransactionLimit) -> None:
        """Want it to go no further than this. Raises StorageFailed."""

        def decide(now: Transaction, state: StationState, at: datetime) -> Decision | None:
            return wished(state, at, transaction=now, limit=limit, source="operator")

        await self._settle(transaction, decide)

    async def _settle(self, transaction: Transaction, decide: DecideOn) -> None:
        desk = self._directory.get(transaction.station_key)
        if desk is None:
            return

        def in_lane(state: StationState, at: datetime) -> Decision | None:
            loaded = desk.loaded_generation >= 0
            now = state.open.get(transaction.wire_id, None if loaded else transaction)
            return None if now is None else decide(now, state, at)

        await desk.settle(in_lane)
