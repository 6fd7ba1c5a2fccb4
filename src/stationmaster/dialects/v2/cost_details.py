"""I12 in 2.1: the cost that a station has reckoned by itself, CostDetailsType."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.words import clip, whole, words
from stationmaster.domain.cost.cost_details import CostDetails, CostDimension, CostPeriod, CostPrice, CostType
from stationmaster.domain.cost.tariff import Dimension, TaxRate
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_PARTS: Mapping[Dimension, str] = {
    "fixed": "fixed",
    "energy": "energy",
    "charging_time": "charging_time",
    "idle_time": "idle_time",
    "reservation_time": "reservation_time",
    "reservation_fixed": "reservation_fixed",
}
_TYPES: Mapping[str | None, CostType] = words(CostType)
_KINDS: Mapping[str, v21.CostDimensionEnumType] = {
    ("IdleTime" if word == "IdleTIme" else word): word for word in words(v21.CostDimensionEnumType)
}
"""The schema spells one of them IdleTIme."""
_OUR_KINDS: Mapping[str | None, str] = {theirs: ours for ours, theirs in _KINDS.items()}
_NOTHING = Decimal(0)


def write_cost_details(details: CostDetails | None) -> v21.CostDetailsType | None:
    if details is None:
        return None
    parts: dict[str, Any] = {_PARTS[name]: _write_price(price) for name, price in details.parts.items()}
    return v21.CostDetailsType(
        charging_periods=tuple(map(_write_period, details.periods)),
        total_cost=v21.TotalCostType(
            currency=details.currency,
            type_of_cost=details.type_of_cost,
            total=v21.TotalPriceType(excl_tax=details.total.excl, incl_tax=details.total.incl),
            **parts,
        ),
        total_usage=v21.TotalUsageType(
            energy=details.energy_wh,
            charging_time=details.charging_s,
            idle_time=details.idle_s,
            reservation_time=details.reservation_s,
        ),
        failure_to_calculate=details.failed or None,
        failure_reason=clip(details.failure, 500),
    )


def _write_price(price: CostPrice) -> v21.PriceType:
    taxes = tuple(v21.TaxRateType(type=tax.name[:20], tax=tax.percent, stack=tax.stack) for tax in price.taxes)
    return v21.PriceType(excl_tax=price.excl, incl_tax=price.incl, tax_rates=taxes)


def _write_period(period: CostPeriod) -> v21.ChargingPeriodType:
    return v21.ChargingPeriodType(
        start_period=period.from_at,
        tariff_id=whole(period.tariff_id, 60),
        dimensions=tuple(
            v21.CostDimensionType(type=_KINDS[each.kind], volume=each.volume) for each in period.dimensions
        ),
    )


def read_cost_details(told: wire.CostDetailsType | None) -> CostDetails | None:
    """What can be read of it; None where it names no currency, as no amount means anything then."""
    cost = None if told is None else told.total_cost
    if told is None or cost is None or not cost.currency:
        return None
    parts = {
        ours: _read_price(price) for ours, theirs in _PARTS.items() if (price := getattr(cost, theirs)) is not None
    }
    usage = told.total_usage or wire.TotalUsageType()
    return CostDetails(
        currency=cost.currency,
        total=CostPrice() if cost.total is None else _read_price(cost.total),
        type_of_cost=_TYPES.get(cost.type_of_cost, "NormalCost"),
        parts=parts,
        energy_wh=_finite(usage.energy) or _NOTHING,
        charging_s=usage.charging_time or 0,
        idle_s=usage.idle_time or 0,
        reservation_s=usage.reservation_time,
        periods=tuple(map(_read_period, told.charging_periods)),
        failed=bool(told.failure_to_calculate),
        failure=told.failure_reason,
    )


def _read_price(price: wire.PriceType | wire.TotalPriceType) -> CostPrice:
    rates = price.tax_rates if isinstance(price, wire.PriceType) else ()
    taxes = tuple(TaxRate(each.type or "", each.tax, each.stack or 0) for each in rates if each.tax is not None)
    return CostPrice(excl=_finite(price.excl_tax), incl=_finite(price.incl_tax), taxes=taxes)


def _read_period(period: wire.ChargingPeriodType) -> CostPeriod:
    dimensions = tuple(
        CostDimension(_OUR_KINDS.get(each.type, each.type), each.volume)
        for each in period.dimensions
        if each.type is not None and each.volume is not None and each.volume.is_finite()
    )
    return CostPeriod(from_at=utc_or(period.start_period), tariff_id=period.tariff_id, dimensions=dimensions)


def _finite(number: Decimal | None) -> Decimal | None:
    return number if number is not None and number.is_finite() else None
