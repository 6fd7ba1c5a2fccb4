"""What is stored of billing beside the bills, and what is asked of it."""

from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.cost.bill import Bill, BillState, Inputs
from stationmaster.domain.cost.corrections import Correction
from stationmaster.domain.cost.evidence import Evidence
from stationmaster.domain.cost.sites import PlaceFacts, PlaceState, Site
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.transactions.transaction import Transaction


class FrozenInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Inputs as they are kept, named by their content: bills that were made from the same share them."""

    digest: str
    body: bytes


class CorrectionMade(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    transaction_key: int
    correction: Correction


class Unplugged(msgspec.Struct, frozen=True, kw_only=True):
    """When the car of a transaction left, as a station of 1.6 tells of it beside the transaction."""

    transaction_key: int
    at: datetime


class PlaceForgotten(msgspec.Struct, frozen=True, kw_only=True):
    """An operator takes back what was said of a place."""

    station_key: int
    evse_id: int


class BookContent(msgspec.Struct, frozen=True, kw_only=True):
    """All that a tenant's prices are chosen by: every version of every tariff, assignments, sites and places.
    ``holds``: the flags that keep its bills back, None: as the program has it."""

    tariffs: tuple[Tariff, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    sites: tuple[Site, ...] = ()
    places: tuple[PlaceFacts, ...] = ()
    holds: tuple[str, ...] | None = None


class BillingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a transaction that a bill may be made from. ``evidence`` is what its events and readings tell;
    ``states`` are those of its place, beginning with the last one before it. ``bill``: the current one, ``inputs`` what
    that was made from."""

    transaction: Transaction
    evidence: Evidence
    states: tuple[PlaceState, ...] = ()
    bill: Bill | None = None
    inputs: Inputs | None = None
    corrections: tuple[Correction, ...] = ()


class BillFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``token``: a token's value, however spelled. ``from_at`` <= start of the session < ``to_at``. ``after``: only
    those with a higher key. Newest first."""

    tenant: str
    states: tuple[BillState, ...] = ("issued", "held")
    station_key: int | None = None
    transaction_key: int | None = None
    token: str | None = None
    flag: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    after: int | None = None


class Charged(msgspec.Struct, frozen=True, kw_only=True):
    """What a transaction's current bill comes to."""

    bill_key: int
    state: BillState
    currency: str
    total: Decimal


class BillSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A bill with all that a charge detail record is made from."""

    bill: Bill
    inputs: Inputs
    transaction: Transaction
    station: str
