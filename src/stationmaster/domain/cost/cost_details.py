"""What a station of 2.1 says that a transaction cost, by its own reckoning (part 2, CostDetailsType, I12)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.cost.tariff import Dimension, TaxRate

CostType = Literal["NormalCost", "MinCost", "MaxCost"]


class CostPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An amount without and with its taxes; one of both may be missing."""

    excl: Decimal | None = None
    incl: Decimal | None = None
    taxes: tuple[TaxRate, ...] = ()


class CostDimension(msgspec.Struct, frozen=True, omit_defaults=True):
    """``kind``: Energy in Wh, ChargingTime and IdleTime in seconds, MinPower, MaxCurrent and so on in W and A."""

    kind: str
    volume: Decimal


class CostPeriod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time in which the same prices held; it ends where the next one begins (I12.FR.35, .36)."""

    from_at: datetime
    tariff_id: str | None = None
    dimensions: tuple[CostDimension, ...] = ()


class CostDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``parts``: what each dimension of the tariff cost; ``total`` is their sum (I12.FR.17).

    ``failed``: it could not be reckoned, or not all of it, and why, as far as that was said (I12.FR.14).
    ``periods`` are told at the end alone.
    """

    currency: str
    total: CostPrice
    type_of_cost: CostType = "NormalCost"
    parts: Mapping[Dimension, CostPrice] = {}
    energy_wh: Decimal = Decimal(0)
    charging_s: int = 0
    idle_s: int = 0
    reservation_s: int | None = None
    periods: tuple[CostPeriod, ...] = ()
    failed: bool = False
    failure: str | None = None
