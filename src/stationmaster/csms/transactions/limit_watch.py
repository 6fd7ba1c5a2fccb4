"""Stops transactions at their limits where the station does not: it cannot (before 2.1), or has not taken them."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import structlog

from stationmaster.csms.blocks.limits import concluded
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Clock, Store
from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.messages import RequestStopTransaction
from stationmaster.domain.transactions.limits import LimitState, reached
from stationmaster.domain.transactions.transaction import Transaction

log = structlog.get_logger(__name__)

EVERY_S = 10.0
AGAIN_AFTER = timedelta(minutes=2)
MOST_STOPS = 5
"""Commands to stop one transaction. A station that obeys none of them is for people to look at."""
ASKED_BY = "limit"

Cost = Callable[[Transaction, datetime], Awaitable[Decimal | None]]
"""What an open transaction costs by a moment, in its tariff's currency; None: not known."""


class LimitWatch:
    """Of one node. ``cost``: who reckons what a transaction costs, whether its station shows costs or not."""

    def __init__(self, store: Store, clock: Clock, directory: Directory, commands: CommandDesk, cost: Cost) -> None:
        self._rows = store.reads
        self._clock = clock
        self._directory = directory
        self._commands = commands
        self._stops: dict[int, tuple[int, datetime]] = {}
        """How often a transaction was to be stopped, and when last."""
        self.cost = cost

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except StorageFailed as failed:
                log.error("limits not looked at", reason=str(failed))
            await self._clock.sleep(EVERY_S)

    async def look(self) -> None:
        """At every open transaction whose limit is ours to keep, once."""
        seen = set()
        for desk in self._directory:
            for transaction in tuple(desk.state.open.values()):
                limits = transaction.limits
                if limits is not None and limits.enforced_by == "csms":
                    seen.add(transaction.key)
                    await self._look_at(desk, transaction, limits)
        self._stops = {key: stops for key, stops in self._stops.items() if key in seen}

    async def _look_at(self, desk: Desk, transaction: Transaction, limits: LimitState) -> None:
        now = self._clock.now()
        evidence = energy(transaction)
        began = transaction.started_at or transaction.first_event_at
        by = reached(
            limits.wished,
            energy_wh=None if evidence is None else evidence[0],
            seconds=int((now - began).total_seconds()),
            cost=await self._cost(transaction, now) if limits.wished.max_cost is not None else None,
            soc_pct=await self._soc_pct(transaction) if limits.wished.max_soc_pct is not None else None,
        )
        if by is None:
            return
        if limits.state != "reached":
            await desk.settle(partial(concluded, transaction=transaction, by=by))
        await self._stop(desk, transaction, now)

    async def _stop(self, desk: Desk, transaction: Transaction, now: datetime) -> None:
        count, last = self._stops.get(transaction.key, (0, None))
        if count >= MOST_STOPS or (last is not None and now - last < AGAIN_AFTER):
            return
        self._stops[transaction.key] = (count + 1, now)
        log.info("transaction is at its limit", transaction=transaction.key)
        request = RequestStopTransaction(transaction_id=transaction.wire_id)
        await self._commands.submit(transaction.tenant, desk.key, request, requested_by=ASKED_BY)

    async def _cost(self, transaction: Transaction, now: datetime) -> Decimal | None:
        try:
            return await self.cost(transaction, now)
        except StorageFailed:
            raise
        except Exception:  # a cost that cannot be reckoned keeps no other limit from being looked at
            log.exception("no running cost could be made", transaction=transaction.key)
            return None

    async def _soc_pct(self, transaction: Transaction) -> Decimal | None:
        for sample in await self._rows.newest_samples(transaction.key):
            if sample.measurand == "SoC":
                return _number(sample.value)
        return None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None
