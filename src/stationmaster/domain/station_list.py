"""The station list: what it is sorted by, what a line of it says, and the values that it can be filtered by."""

from decimal import Decimal
from typing import Literal, get_args

import msgspec

from stationmaster.domain.standing import Standing
from stationmaster.domain.station import Station

SortedBy = Literal["identity", "name", "site", "state", "version", "vendor", "firmware_version", "last_seen"]
SORTED_BY: tuple[SortedBy, ...] = get_args(SortedBy)
Facet = Literal["state", "site", "version", "vendor", "model", "firmware_version"]
FACETS: tuple[Facet, ...] = get_args(Facet)
MAX_FACET_VALUES = 500
"""Of one kind: beyond them the rarest are left out."""
POWER_HOLDS_S = 1800
"""How long a reading tells the power of a transaction: many stations send one in a quarter of an hour."""


class StationOrder(msgspec.Struct, frozen=True):
    """Stations that lack what is sorted by come last, in either direction; those that have the same, by identity."""

    by: SortedBy = "identity"
    descending: bool = False

    @property
    def name(self) -> str:
        return f"-{self.by}" if self.descending else self.by


class ListedStation(msgspec.Struct, frozen=True, kw_only=True):
    """``power_w``: of its transactions, by readings that are not too old; None: nothing tells. Where they have no
    power, it is that of the newest energy registers."""

    station: Station
    state: Standing
    site: str | None = None
    power_w: Decimal | None = None


class StationPage(msgspec.Struct, frozen=True, kw_only=True):
    """``total``: of all pages, where that was asked for."""

    items: tuple[ListedStation, ...]
    next_cursor: str | None = None
    total: int | None = None


class FacetValue(msgspec.Struct, frozen=True):
    """``value`` None: stations that have none."""

    value: str | None
    count: int
