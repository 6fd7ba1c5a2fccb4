"""A tariff in 2.1's words: TariffType. What they cannot say is refused, as a station would reckon something else."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import Bound, Component, Conditions, Price, Tariff, TaxRate, Text, components
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_CONDITIONS: Mapping[str, str] = {
    "from_time": "start_time_of_day",
    "to_time": "end_time_of_day",
    "days": "day_of_week",
    "from_date": "valid_from_date",
    "to_date": "valid_to_date",
    "evse_kind": "evse_kind",
}
_OF_USE: Mapping[str, str] = {
    "min_energy_wh": "min_energy",
    "max_energy_wh": "max_energy",
    "min_current_a": "min_current",
    "max_current_a": "max_current",
    "min_power_w": "min_power",
    "max_power_w": "max_power",
    "min_time_s": "min_time",
    "max_time_s": "max_time",
    "min_charging_time_s": "min_charging_time",
    "max_charging_time_s": "max_charging_time",
    "min_idle_time_s": "min_idle_time",
    "max_idle_time_s": "max_idle_time",
}
_OF_PAYMENT: Mapping[str, str] = {"payment_brand": "payment_brand", "payment_recognition": "payment_recognition"}
"""Fields of our conditions, and what they are called on the wire."""


def write_tariff(tariff: Tariff, *, dated: bool = True) -> v21.TariffType:
    """``dated``: with the moment from which it is valid. Raises Unsupported."""
    why = next(_unsayable(tariff), None)
    if why is not None:
        raise Unsupported(f"OCPP 2.1 has no tariffs with {why}")
    return v21.TariffType(
        tariff_id=tariff.wire_id,
        currency=tariff.currency,
        valid_from=tariff.valid_from if dated else None,
        description=_texts(tariff),
        energy=_energy(tariff.energy),
        charging_time=_time(tariff.charging_time),
        idle_time=_time(tariff.idle_time),
        fixed_fee=_fixed(tariff.fixed),
        reservation_time=_time(tariff.reservation_time),
        reservation_fixed=_fixed(tariff.reservation_fixed),
        min_cost=_bound(tariff.minimum),
        max_cost=_bound(tariff.maximum),
    )


def _unsayable(tariff: Tariff) -> Iterator[str]:
    if tariff.includes_tax:
        yield "prices that include tax"
    if tariff.suspended_evse != "paused":
        yield f"{tariff.suspended_evse} time while the station holds back"
    if tariff.before_charging != "free":
        yield f"{tariff.before_charging} time before the first energy"
    if tariff.after_stop != "none":
        yield "idle time after the transaction"
    if not tariff.free_without_energy:
        yield "fixed prices of sessions without energy"
    if tariff.boundary != "interpolate":
        yield "energy that is not split where the price changes"
    if tariff.rounding != "half_up":
        yield f"rounding {tariff.rounding}"
    for dimension, component in components(tariff):
        if component.step is not None:
            yield f"steps ({dimension})"
    for text in tariff.texts[10:]:
        yield f"more than 10 texts ({text.language})"


def _texts(tariff: Tariff) -> tuple[v21.MessageContentType, ...]:
    if not tariff.texts:
        return (v21.MessageContentType(format="UTF8", language="en", content=price_text(tariff)),)
    return tuple(
        v21.MessageContentType(format="UTF8", language=text.language[:8], content=price_text(tariff, text.language))
        for text in tariff.texts
    )


def _energy(component: Component | None) -> v21.TariffEnergyType | None:
    if component is None:
        return None
    prices = [
        v21.TariffEnergyPriceType(price_kwh=price.amount, conditions=_conditions(price)) for price in component.prices
    ]
    return v21.TariffEnergyType(prices=tuple(prices), tax_rates=_taxes(component.taxes))


def _time(component: Component | None) -> v21.TariffTimeType | None:
    if component is None:
        return None
    prices = [
        v21.TariffTimePriceType(price_minute=price.amount, conditions=_conditions(price)) for price in component.prices
    ]
    return v21.TariffTimeType(prices=tuple(prices), tax_rates=_taxes(component.taxes))


def _fixed(component: Component | None) -> v21.TariffFixedType | None:
    if component is None:
        return None
    prices = [
        v21.TariffFixedPriceType(price_fixed=price.amount, conditions=_conditions_of_fixed(price))
        for price in component.prices
    ]
    return v21.TariffFixedType(prices=tuple(prices), tax_rates=_taxes(component.taxes))


def _conditions(price: Price) -> v21.TariffConditionsType | None:
    if price.when is None:
        return None
    return v21.TariffConditionsType(**_written(price.when, {**_CONDITIONS, **_OF_USE}))


def _conditions_of_fixed(price: Price) -> v21.TariffConditionsFixedType | None:
    if price.when is None:
        return None
    return v21.TariffConditionsFixedType(**_written(price.when, {**_CONDITIONS, **_OF_PAYMENT}))


def _written(conditions: Conditions, names: Mapping[str, str]) -> dict[str, Any]:
    """Raises Unsupported for a condition that this kind of price cannot have."""
    said: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(conditions).items() if value not in (None, ())
    }
    unsayable = sorted(said.keys() - names.keys())
    if unsayable:
        raise Unsupported(f"OCPP 2.1 has no tariffs whose prices of this kind depend on {unsayable[0]}")
    dates: dict[str, Any] = {name: said[name].isoformat() for name in ("from_date", "to_date") if name in said}
    return {names[name]: value for name, value in {**said, **dates}.items()}


def _taxes(taxes: tuple[TaxRate, ...]) -> tuple[v21.TaxRateType, ...]:
    return tuple(v21.TaxRateType(type=tax.name[:20], tax=tax.percent, stack=tax.stack) for tax in taxes)


def _bound(bound: Bound | None) -> v21.PriceType | None:
    if bound is None:
        return None
    return v21.PriceType(excl_tax=bound.excl, incl_tax=bound.incl, tax_rates=_taxes(bound.taxes))


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_tariff(told: wire.TariffType | None) -> Tariff:
    """A tariff that a CSMS sends, named by its id. Raises Unattributable for one that cannot be reckoned with."""
    if told is None or not told.tariff_id or not told.currency:
        raise Unattributable("tariff")
    return Tariff(
        key=0,
        tenant="",
        name=told.tariff_id,
        version=1,
        valid_from=utc_or(told.valid_from),
        currency=told.currency,
        energy=_read_component(told.energy, "price_kwh"),
        charging_time=_read_component(told.charging_time, "price_minute"),
        idle_time=_read_component(told.idle_time, "price_minute"),
        fixed=_read_component(told.fixed_fee, "price_fixed"),
        reservation_time=_read_component(told.reservation_time, "price_minute"),
        reservation_fixed=_read_component(told.reservation_fixed, "price_fixed"),
        minimum=_read_bound(told.min_cost),
        maximum=_read_bound(told.max_cost),
        texts=tuple(Text(each.language or "en", each.content) for each in told.description if each.content),
    )


def _read_component(told: Any, price: str) -> Component | None:
    if told is None:
        return None
    amounts = [getattr(each, price) for each in told.prices]
    if not amounts or None in amounts:
        raise Unattributable(f"tariff: {price}")
    prices = zip(amounts, [_read_conditions(each.conditions) for each in told.prices], strict=True)
    return Component(tuple(Price(amount, when) for amount, when in prices), _read_taxes(told.tax_rates))


def _read_conditions(told: Any) -> Conditions | None:
    if told is None:
        return None
    names = {**_CONDITIONS, **_OF_USE, **_OF_PAYMENT}
    said = {ours: getattr(told, theirs, None) for ours, theirs in names.items()}
    known = {ours: value for ours, value in said.items() if value not in (None, ())}
    try:
        dates: dict[str, Any] = {
            name: date.fromisoformat(known[name]) for name in ("from_date", "to_date") if name in known
        }
        return msgspec.convert({**known, **dates}, Conditions)
    except ValueError as error:
        raise Unattributable("tariff: conditions") from error


def _read_taxes(told: tuple[wire.TaxRateType, ...]) -> tuple[TaxRate, ...]:
    return tuple(TaxRate(each.type or "", each.tax, each.stack or 0) for each in told if each.tax is not None)


def _read_bound(told: wire.PriceType | None) -> Bound | None:
    if told is None:
        return None
    return Bound(excl=told.excl_tax, incl=told.incl_tax, taxes=_read_taxes(told.tax_rates))
