"""A tariff: what energy, time, idling and reserving cost, when, with which taxes, at least and at most.

The shape is OCPP 2.1's TariffType (part 2, §2.97 and following), with what operators have beside it: prices that
include tax, increments, and what suspended sessions count as. A version never changes once it exists (I08.FR.08).
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.cost.money import Rounding

Dimension = Literal["fixed", "energy", "charging_time", "idle_time", "reservation_fixed", "reservation_time"]
Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
EvseKind = Literal["AC", "DC"]
Boundary = Literal["interpolate", "bracket_start"]

DIMENSIONS: tuple[Dimension, ...] = (
    "reservation_fixed",
    "reservation_time",
    "fixed",
    "energy",
    "charging_time",
    "idle_time",
)
"""In the order of a bill's lines."""

DAYS: tuple[Day, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MAX_WIRE_NAME = 40


class TaxRate(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``percent`` on the net price (stack 0) or on top of the stacks below (I12.FR.13)."""

    name: str
    percent: Decimal
    stack: int = 0


class Conditions(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """When a price applies: all of them must hold. ``from``/``min`` include their value, ``to``/``max`` do not.

    Times of day and dates are local (I07.FR.17). ``to_time`` before ``from_time`` goes over midnight; "00:00" as
    ``to_time`` is the end of the day. ``min_idle_time_s`` counts from the start of the idle period that is under way.
    Currents are sums over the phases.
    """

    from_time: str | None = None
    to_time: str | None = None
    days: tuple[Day, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    evse_kind: EvseKind | None = None
    min_energy_wh: Decimal | None = None
    max_energy_wh: Decimal | None = None
    min_current_a: Decimal | None = None
    max_current_a: Decimal | None = None
    min_power_w: Decimal | None = None
    max_power_w: Decimal | None = None
    min_time_s: int | None = None
    max_time_s: int | None = None
    min_charging_time_s: int | None = None
    max_charging_time_s: int | None = None
    min_idle_time_s: int | None = None
    max_idle_time_s: int | None = None
    payment_brand: str | None = None
    payment_recognition: str | None = None


class Price(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Per kWh, per minute, or once."""

    amount: Decimal
    when: Conditions | None = None


class Component(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The prices of one dimension: the first whose conditions hold counts (I12.FR.33, .34).

    ``step`` in Wh or s: what was used in all is rounded up to a multiple of it, once, at the end.
    """

    prices: tuple[Price, ...]
    taxes: tuple[TaxRate, ...] = ()
    step: int | None = None


class Bound(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a session costs at least or at most, without tax, with tax, or both. ``taxes``: of what is added."""

    excl: Decimal | None = None
    incl: Decimal | None = None
    taxes: tuple[TaxRate, ...] = ()


class Text(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An operator's own words for the driver."""

    language: str
    content: str
    format: str = "UTF8"


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a tariff; ``key`` is the version's and unique for ever.

    ``suspended_evse``: what time counts as in which the station holds back. ``before_charging``: time plugged in before
    the first energy. ``after_stop``: time plugged in after the transaction. ``free_without_energy``: a session without
    energy has neither fixed price nor minimum (C20.FR.03). ``boundary``: how energy between two readings is split at a
    change of price: evenly over the charging time, or not at all (it costs what was in force at the first reading).
    """

    key: int
    tenant: str
    name: str
    version: int
    valid_from: datetime
    currency: str
    includes_tax: bool = False
    energy: Component | None = None
    charging_time: Component | None = None
    idle_time: Component | None = None
    fixed: Component | None = None
    reservation_time: Component | None = None
    reservation_fixed: Component | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    suspended_evse: Literal["paused", "idle", "charging"] = "paused"
    before_charging: Literal["free", "idle", "charging"] = "free"
    after_stop: Literal["none", "idle"] = "none"
    free_without_energy: bool = True
    boundary: Boundary = "interpolate"
    rounding: Rounding = "half_up"
    texts: tuple[Text, ...] = ()
    created_at: datetime | None = None
    created_by: str | None = None

    @property
    def wire_id(self) -> str:
        """The tariffId on the wire: other content, other id, for ever (I08.FR.08)."""
        return f"{self.name[:MAX_WIRE_NAME]}.{self.key}"

    def component(self, dimension: Dimension) -> Component | None:
        found: Component | None = getattr(self, dimension)
        return found


def without_prices(like: Tariff) -> Tariff:
    """A tariff by which nothing costs anything, in the currency of another one."""
    return Tariff(key=0, tenant=like.tenant, name="", version=1, valid_from=like.valid_from, currency=like.currency)


def components(tariff: Tariff) -> Iterator[tuple[Dimension, Component]]:
    """The dimensions that have a price, in the order of a bill's lines."""
    for dimension in DIMENSIONS:
        component = tariff.component(dimension)
        if component is not None:
            yield dimension, component


def main_taxes(tariff: Tariff) -> tuple[TaxRate, ...]:
    """The taxes of what a tariff mainly sells: of energy, else of time, else of the fixed price."""
    for dimension in ("energy", "charging_time", "fixed", "idle_time"):
        component = tariff.component(dimension)
        if component is not None:
            return component.taxes
    return ()
