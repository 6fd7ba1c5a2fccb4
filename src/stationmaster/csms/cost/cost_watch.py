"""I02: tells a running cost that grows with time although the station says nothing, as while a car only waits."""

from datetime import datetime
from typing import Protocol

import structlog

from stationmaster.csms.blocks.cost import EVERY, RunningCosts, Told
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.cost.accruals import Accruals
from stationmaster.csms.cost.notices import Notices
from stationmaster.csms.cost.telling import cost_of, shows_costs
from stationmaster.csms.ports import Clock
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.transactions.transaction import Transaction

log = structlog.get_logger(__name__)

LOOK_S = 20.0


class Book(Protocol):
    """See ``csms.cost.tariff_book.TariffBook``."""

    def bills(self, tenant: str) -> bool: ...
    def tariff(self, tenant: str, key: int | None) -> Tariff | None: ...


class CostWatch:
    """Of one node."""

    def __init__(
        self, book: Book, accruals: Accruals, costs: RunningCosts, notices: Notices, directory: Directory
    ) -> None:
        self._book = book
        self._accruals = accruals
        self._costs = costs
        self._notices = notices
        self._directory = directory

    async def run(self, clock: Clock) -> None:
        """Until it is cancelled."""
        while True:
            await clock.sleep(LOOK_S)
            try:
                await self.look(clock.now())
            except StorageFailed as failed:
                log.error("running costs not told", reason=str(failed))

    async def look(self, now: datetime) -> None:
        """At every open transaction whose station shows costs, once."""
        for desk in self._directory:
            state = desk.state
            if desk.session is None or not state.open or not shows_costs(state) or not self._book.bills(state.tenant):
                continue
            for transaction in tuple(state.open.values()):
                await self._look_safely(desk, transaction, now)

    async def _look_safely(self, desk: Desk, transaction: Transaction, now: datetime) -> None:
        """One that cannot be reckoned keeps nobody else from being told."""
        try:
            await self._look_at(desk, transaction, now)
        except StorageFailed:
            raise
        except Exception:
            log.exception("no running cost could be made", transaction=transaction.key)

    async def _look_at(self, desk: Desk, transaction: Transaction, now: datetime) -> None:
        last = self._costs.last(transaction.key)
        if last is None or now - last.told_at < EVERY or not self._grows(transaction.tenant, last.tariff_key):
            return
        found = await self._accruals.until(transaction.tenant, transaction.key, now)
        if found is None:
            return
        total = found.content.total
        self._costs.note(transaction.key, Told(last.at, total, last.tariff_key, told_at=now, prices=last.prices))
        if total != last.total:
            self._notices.tell(desk, f"cost {transaction.key}", cost_of(transaction.wire_id, found))

    def _grows(self, tenant: str, tariff_key: int | None) -> bool:
        """Whether time alone costs anything by that tariff."""
        tariff = self._book.tariff(tenant, tariff_key)
        return tariff is None or tariff.charging_time is not None or tariff.idle_time is not None
