"""What billing needs of the store."""

from collections.abc import Sequence
from typing import Protocol

from stationmaster.domain.cost.bill import Bill, Inputs
from stationmaster.domain.cost.billing_records import BillingFacts, BookContent
from stationmaster.domain.cost.sites import PlaceState
from stationmaster.domain.transactions.transaction import Transaction


class BookRows(Protocol):
    async def book_tenants(self) -> Sequence[str]:
        """Those that have anything in their book."""
        ...

    async def book_content(self, tenant: str) -> BookContent:
        """All of a tenant's, as of one moment."""
        ...


class BillingRows(BookRows, Protocol):
    """Reads of bills and of what they are made from."""

    async def billing_facts(self, transaction_key: int, transaction: Transaction | None = None) -> BillingFacts | None:
        """``transaction``: as it is about to be stored, where it is. None: it is neither that nor stored."""
        ...

    async def ended_around(self, state: PlaceState) -> Sequence[int]:
        """The transactions, over by now, whose evidence a place's state belongs to."""
        ...

    async def unbilled(self, tenant: str, from_key: int, most: int) -> Sequence[tuple[int, int]]:
        """Station and key of a tenant's transactions that are over and have no bill, by key, from one on."""
        ...

    async def bill(self, tenant: str, key: int) -> Bill | None: ...
    async def bill_inputs(self, digest: str) -> Inputs | None: ...
