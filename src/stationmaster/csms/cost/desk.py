"""All that tells drivers of money, put together: around the blocks that decide, and by itself while all is silent."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from stationmaster.csms.background import Background
from stationmaster.csms.blocks import Block
from stationmaster.csms.blocks.cost import RunningCosts, with_costs
from stationmaster.csms.blocks.driver_prices import with_driver_prices
from stationmaster.csms.blocks.price_messages import Submit, Teller, with_price_messages
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.cost.accruals import Accruals
from stationmaster.csms.cost.billing import Billing
from stationmaster.csms.cost.cost_watch import CostWatch
from stationmaster.csms.cost.notices import Notices
from stationmaster.csms.cost.price_choice import PriceChoice
from stationmaster.csms.cost.telling import cost_of
from stationmaster.csms.ports import Reads
from stationmaster.domain.cost.bill import Content
from stationmaster.domain.cost.telling import CostUpdated
from stationmaster.domain.messages import Request
from stationmaster.domain.transactions.transaction import Transaction


class CostDesk:
    """Of one node. ``running`` are the costs as they were told last; ``watch`` is there once stations are served."""

    watch: CostWatch

    def __init__(self, billing: Billing, reads: Reads, background: Background, submit: Submit) -> None:
        self.running = RunningCosts()
        self._billing = billing
        self._reads = reads
        self._accruals = Accruals(billing)
        self._notices = Notices(background)
        self._submit = submit

    def around(self, blocks: Mapping[type[Request], Block]) -> dict[type[Request], Block]:
        """The blocks, with bills already, and what is told of cost."""
        chosen = PriceChoice(self._billing.book, self._reads)
        teller = Teller(
            later=self._notices,
            billing=self._billing,
            accruals=self._accruals,
            costs=self.running,
            chosen=chosen,
            rows=self._reads,
            submit=self._submit,
        )
        costs = with_costs(blocks, self._billing, self._reads, self._accruals, self.running)
        return with_price_messages(with_driver_prices(costs, self._billing, chosen), teller)

    async def so_far(self, transaction: Transaction, at: datetime) -> CostUpdated | None:
        """What an open transaction costs by now, as its station is told; None: no tariff applies."""
        found = await self._accruals.until(transaction.tenant, transaction.key, at)
        return None if found is None else cost_of(transaction.wire_id, found)

    async def total(self, transaction: Transaction, at: datetime) -> Decimal | None:
        """The same, the sum alone, whether its station is told of costs or not."""
        if not self._billing.bills(transaction.tenant):
            return None
        found = await self._accruals.until(transaction.tenant, transaction.key, at)
        return None if found is None else found.content.total

    def content_so_far(self, transaction: Transaction, at: datetime) -> Content | None:
        """All of it, where memory has it."""
        found = self._accruals.known(transaction.tenant, transaction.key, at)
        return None if found is None else found.content

    async def keep_in_mind(self, transaction: Transaction) -> Content | None:
        """Read what is stored of an open transaction, and have each message bring it forward from now on. Only in its
        station's turn. None: no tariff applies."""
        if not self._billing.bills(transaction.tenant):
            return None
        found = await self._accruals.so_far(transaction.tenant, transaction.key)
        return None if found is None else found.content

    def serve(self, directory: Directory) -> None:
        """These are the desks to speak through."""
        self._notices.directory = directory
        self.watch = CostWatch(self._billing.book, self._accruals, self.running, self._notices, directory)
