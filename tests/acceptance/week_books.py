"""What the meters of a simulated week counted, against what the bills say."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import msgspec
from week_street import Post

from stationmaster.domain.authorization.prepaid import Account
from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.billing_records import BillFilter
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.domain.queries import PageRequest
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.ocpp.version import Version
from stationmaster.station.metering.readings import energy_wh
from stationmaster.testing import CsmsBench

RESOLUTION_WH = {Version.V16: Decimal(1), Version.V20: Decimal(0), Version.V201: Decimal(0), Version.V21: Decimal(0)}
"""By how much a bill may differ from the meter: 1.6 carries both registers of a transaction in whole Wh, 2.x carries
the meter's own thousandths."""
_ALL = PageRequest(limit=1000)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One EVSE: what its meter counted, and the transactions and bills there."""

    station: str
    version: Version
    evse_id: int
    metered_wh: Decimal
    transactions: tuple[Transaction, ...]
    bills: tuple[Bill, ...]

    @property
    def billed_wh(self) -> Decimal:
        return sum((bill.content.energy_wh for bill in self.bills), Decimal(0))

    def faults(self) -> list[str]:
        """What is not as it must be, in words."""
        place, numbers = (
            f"{self.station} ({self.version}) EVSE {self.evse_id}",
            Counter(b.transaction_key for b in self.bills),
        )
        known = {transaction.key for transaction in self.transactions}
        apart = abs(self.metered_wh - self.billed_wh)
        found = [f"{place}: transaction {each.wire_id} goes on" for each in self.transactions if each.is_open]
        found += [f"{place}: transaction {key} has no bill" for key in known - numbers.keys()]
        found += [f"{place}: bill of no transaction {key}" for key in numbers.keys() - known]
        found += [f"{place}: {count} bills of transaction {key}" for key, count in numbers.items() if count != 1]
        if apart > RESOLUTION_WH[self.version] * len(self.bills):
            found.append(f"{place}: {self.metered_wh} Wh metered, {self.billed_wh} Wh on {len(self.bills)} bills")
        return found


class Books(msgspec.Struct, frozen=True, kw_only=True):
    pages: tuple[Page, ...]
    accounts: tuple[tuple[Account, Decimal, Decimal], ...]
    """What each has left, and what it should have."""

    @property
    def metered_wh(self) -> Decimal:
        return sum((page.metered_wh for page in self.pages), Decimal(0))

    @property
    def billed_wh(self) -> Decimal:
        return sum((page.billed_wh for page in self.pages), Decimal(0))

    @property
    def bills(self) -> list[Bill]:
        return [bill for page in self.pages for bill in page.bills]

    @property
    def transactions(self) -> list[Transaction]:
        return [transaction for page in self.pages for transaction in page.transactions]

    def faults(self) -> list[str]:
        wrong = [fault for page in self.pages for fault in page.faults()]
        for account, left, due in self.accounts:
            if left != due:
                wrong.append(f"{account.name} has {left} instead of {due}")
        return wrong

    def summary(self) -> str:
        held = sum(bill.state == "held" for bill in self.bills)
        return (
            f"{len(self.transactions)} transactions, {len(self.bills)} bills ({held} held), "
            f"{self.metered_wh / 1000:.3f} kWh metered, {self.billed_wh / 1000:.3f} kWh billed"
        )


async def open_books(bench: CsmsBench, posts: Iterable[Post], accounts: Iterable[Account], paid_in: Decimal) -> Books:
    pages = [page for post in posts for page in await _pages(bench, post)]
    bills = {bill.transaction_key: bill for page in pages for bill in page.bills}
    funds = []
    for account in accounts:
        entries = (await bench.storage.reads.account_entries(account.key, _ALL)).items
        taken = {entry.transaction_key for entry in entries} - {None}
        due = paid_in - sum((bills[key].content.total for key in taken if key in bills), Decimal(0))
        funds.append((account, sum((entry.amount for entry in entries), Decimal(0)), due))
    return Books(pages=tuple(pages), accounts=tuple(funds))


async def _pages(bench: CsmsBench, post: Post) -> list[Page]:
    transactions = await post.view.transactions()
    query = BillFilter(tenant=DEFAULT_TENANT, station_key=post.view.key)
    bills = (await bench.storage.reads.bills(query, _ALL)).items
    assert max(len(transactions), len(bills)) < _ALL.limit
    places = {each.key: post.evse_of(each.evse) for each in transactions}
    assert None not in places.values(), f"{post.identity}: a transaction at no EVSE"
    return [
        Page(
            station=post.identity,
            version=post.version,
            evse_id=evse_id,
            metered_wh=energy_wh(post.hardware, evse_id),
            transactions=tuple(each for each in transactions if places[each.key] == evse_id),
            bills=tuple(each for each in bills if places.get(each.transaction_key, evse_id) == evse_id),
        )
        for evse_id in post.evse_ids
    ]
