"""Tariffs as clients write and read them. What is misspelled is refused: a condition that is not understood would be
money."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from stationmaster.api.http.resources import shaped
from stationmaster.domain.cost.condition_words import in_words
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import (
    DIMENSIONS,
    Bound,
    Boundary,
    Component,
    Conditions,
    Day,
    EvseKind,
    Tariff,
    TaxRate,
    Text,
)
from stationmaster.domain.cost.tariff_checks import MAX_PRICES, MAX_TAXES, MAX_TEXTS, problems
from stationmaster.domain.cost.tariff_choice import Assignment, InTime, for_whom, version_at

Name = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}\Z", description="What it is called in paths and on the wire.")
]
Moment = Annotated[datetime, Meta(tz=True)]
TimeOfDay = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", description="Hour and minute, 00:00 to 23:59", examples=["22:00"]
    ),
]
Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
Word = Annotated[str, Meta(min_length=1, max_length=20)]
Currency = Annotated[
    str, Meta(pattern=r"^[A-Z]{3}\Z", description="Three capital letters (ISO 4217)", examples=["EUR"])
]


MOST_ASSIGNED = 20
"""Assignments that a tariff itself tells of; all of them are a list of their own."""


class _Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client writes."""


class TaxDraft(_Draft, frozen=True, kw_only=True):
    """``percent`` of the net price (stack 0), or on top of the stacks below."""

    name: Word
    percent: Decimal
    stack: Annotated[int, Meta(ge=0, le=10)] = 0


class ConditionsDraft(_Draft, frozen=True, kw_only=True):
    """When a price holds: all that is given must. ``from`` and ``min`` include their value, ``to`` and ``max`` do not.
    Times of day and dates are those of the clock at the station."""

    from_time: TimeOfDay | None = None
    to_time: TimeOfDay | None = None
    days: Annotated[tuple[Day, ...], Meta(max_length=7)] = ()
    from_date: date | None = None
    to_date: date | None = None
    evse_kind: EvseKind | None = None
    min_energy_wh: Decimal | None = None
    max_energy_wh: Decimal | None = None
    min_current_a: Decimal | None = None
    max_current_a: Decimal | None = None
    min_power_w: Decimal | None = None
    max_power_w: Decimal | None = None
    min_time_s: Seconds | None = None
    max_time_s: Seconds | None = None
    min_charging_time_s: Seconds | None = None
    max_charging_time_s: Seconds | None = None
    min_idle_time_s: Seconds | None = None
    max_idle_time_s: Seconds | None = None
    payment_brand: Word | None = None
    payment_recognition: Word | None = None


class PriceDraft(_Draft, frozen=True, kw_only=True):
    """Per kWh, per minute, or once."""

    amount: Decimal
    when: ConditionsDraft | None = None


class ComponentDraft(_Draft, frozen=True, kw_only=True):
    """The first price whose conditions hold counts. ``step`` (Wh, or seconds): what was used in all is rounded up to a
    multiple of it."""

    prices: Annotated[tuple[PriceDraft, ...], Meta(min_length=1, max_length=MAX_PRICES)]
    taxes: Annotated[tuple[TaxDraft, ...], Meta(max_length=MAX_TAXES)] = ()
    step: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class BoundDraft(_Draft, frozen=True, kw_only=True):
    """What a session costs at least or at most: without tax, with tax, or both."""

    excl: Decimal | None = None
    incl: Decimal | None = None
    taxes: Annotated[tuple[TaxDraft, ...], Meta(max_length=MAX_TAXES)] = ()


class TextDraft(_Draft, frozen=True, kw_only=True):
    """Your own words for the driver, in place of those made from the prices."""

    language: Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-]{2,8}\Z", description="RFC 5646", examples=["de"])]
    content: Annotated[str, Meta(min_length=1, max_length=512)]


class TariffTerms(_Draft, frozen=True, kw_only=True):
    """A version of a tariff. Prices are without tax unless ``includes_tax``.

    ``valid_from``: now where it is left out, and never in the past. ``suspended_evse``: what time counts as while the
    station holds back; ``before_charging``: time plugged in before the first energy; ``after_stop``: time plugged in
    after the transaction. ``boundary``: how energy between two readings is split where a price changes.
    """

    currency: Currency
    valid_from: Moment | None = None
    includes_tax: bool = False
    energy: ComponentDraft | None = None
    charging_time: ComponentDraft | None = None
    idle_time: ComponentDraft | None = None
    fixed: ComponentDraft | None = None
    reservation_time: ComponentDraft | None = None
    reservation_fixed: ComponentDraft | None = None
    minimum: BoundDraft | None = None
    maximum: BoundDraft | None = None
    suspended_evse: Literal["paused", "idle", "charging"] = "paused"
    before_charging: Literal["free", "idle", "charging"] = "free"
    after_stop: Literal["none", "idle"] = "none"
    free_without_energy: bool = True
    boundary: Boundary = "interpolate"
    rounding: Literal["half_up", "half_even"] = "half_up"
    texts: Annotated[tuple[TextDraft, ...], Meta(max_length=MAX_TEXTS)] = ()

    def fields(self) -> dict[str, Any]:
        """As the domain has them, without the time they begin at."""
        return {
            name: msgspec.convert(getattr(self, name), type=kind, from_attributes=True)
            for name, kind in _TYPES.items()
            if name in self.__struct_fields__ and name not in ("name", "valid_from")
        }


class TariffDraft(TariffTerms, frozen=True, kw_only=True):
    """A new tariff."""

    name: Name


_TYPES: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Tariff)}


class PriceResource(msgspec.Struct, frozen=True, kw_only=True):
    """Per kWh, per minute, or once. ``when_text``: its conditions in words."""

    amount: str
    when: Conditions | None
    when_text: str


class ComponentResource(msgspec.Struct, frozen=True, kw_only=True):
    prices: tuple[PriceResource, ...]
    taxes: tuple[TaxRate, ...]
    step: int | None


class BoundResource(msgspec.Struct, frozen=True, kw_only=True):
    excl: str | None
    incl: str | None
    taxes: tuple[TaxRate, ...]


class TariffResource(msgspec.Struct, frozen=True, kw_only=True):
    """One version. ``wire_id`` is its tariffId at stations of 2.1; ``price_text`` is what a driver is told of it.
    ``warnings``: what is odd about it, though it can be used. ``state`` in_force: a session that starts now goes by
    it, where the tariff is assigned; ``valid_to``: from when a later version holds, null: there is none.
    ``assignments`` counts those of the tariff that have not ended, ``assigned`` says of some of them for whom and where
    they are."""

    key: int
    name: str
    version: int
    wire_id: str
    valid_from: datetime
    valid_to: datetime | None
    state: InTime
    currency: str
    includes_tax: bool
    energy: ComponentResource | None
    charging_time: ComponentResource | None
    idle_time: ComponentResource | None
    fixed: ComponentResource | None
    reservation_time: ComponentResource | None
    reservation_fixed: ComponentResource | None
    minimum: BoundResource | None
    maximum: BoundResource | None
    suspended_evse: str
    before_charging: str
    after_stop: str
    free_without_energy: bool
    boundary: str
    rounding: str
    texts: tuple[Text, ...]
    price_text: str
    assignments: int
    assigned: tuple[str, ...]
    warnings: tuple[str, ...]
    created_at: datetime | None
    created_by: str | None


def money(amount: Decimal) -> str:
    """As text, exact."""
    return f"{amount:f}"


def component_resource(component: Component | None) -> ComponentResource | None:
    if component is None:
        return None
    prices = tuple(
        PriceResource(amount=money(each.amount), when=each.when, when_text=in_words(each.when))
        for each in component.prices
    )
    return ComponentResource(prices=prices, taxes=component.taxes, step=component.step)


def bound_resource(bound: Bound | None) -> BoundResource | None:
    if bound is None:
        return None
    excl, incl = (None if amount is None else money(amount) for amount in (bound.excl, bound.incl))
    return BoundResource(excl=excl, incl=incl, taxes=bound.taxes)


def tariff_resource(
    tariff: Tariff, versions: Sequence[Tariff], assignments: Sequence[Assignment], now: datetime
) -> TariffResource:
    """A version as clients read it, beside all ``versions`` of its tariff and the assignments that it has."""
    holding = version_at(versions, tariff.tenant, tariff.name, now)
    later = [each.valid_from for each in versions if each.version > tariff.version]
    return shaped(
        TariffResource,
        tariff,
        valid_to=min(later, default=None),
        state="later" if tariff.valid_from > now else "in_force" if tariff == holding else "ended",
        **{dimension: component_resource(tariff.component(dimension)) for dimension in DIMENSIONS},
        minimum=bound_resource(tariff.minimum),
        maximum=bound_resource(tariff.maximum),
        price_text=price_text(tariff),
        assignments=len(assignments),
        assigned=tuple(dict.fromkeys(for_whom(each) for each in assignments[:MOST_ASSIGNED])),
        warnings=tuple(f"{each.path}: {each.why}" for each in problems(tariff) if each.is_warning),
    )
