"""Conditions in words, for price texts and explanations."""

from collections.abc import Callable
from decimal import Decimal

from stationmaster.domain.cost.money import EXACT, plain
from stationmaster.domain.cost.tariff import DAYS, Conditions

ALWAYS = "always"

_RANGES: tuple[tuple[str, Callable[[Decimal], str]], ...] = (
    ("energy_wh", lambda value: f"{plain(EXACT.divide(value, Decimal(1000)))} kWh"),
    ("power_w", lambda value: f"{plain(EXACT.divide(value, Decimal(1000)))} kW"),
    ("current_a", lambda value: f"{plain(value)} A"),
    ("time_s", lambda value: f"{_minutes(value)} after the start"),
    ("charging_time_s", lambda value: f"{_minutes(value)} of charging"),
    ("idle_time_s", lambda value: f"{_minutes(value)} idle"),
)


def in_words(when: Conditions | None) -> str:
    """For example ``22:00-06:00, Mon-Fri, from 10 kWh``; ``always`` without conditions."""
    if when is None:
        return ALWAYS
    words = [_hours(when), _days(when), _dates(when), *(_range(when, name, told) for name, told in _RANGES)]
    words += [when.evse_kind or "", when.payment_brand or "", when.payment_recognition or ""]
    return ", ".join(word for word in words if word) or ALWAYS


def _minutes(seconds: Decimal) -> str:
    minutes = EXACT.divide(Decimal(seconds), Decimal(60))
    return f"{plain(minutes)} min" if minutes == minutes.to_integral_value() else f"{seconds} s"


def _hours(when: Conditions) -> str:
    if when.from_time is None and when.to_time is None:
        return ""
    return f"{when.from_time or '00:00'}-{'24:00' if when.to_time in (None, '00:00') else when.to_time}"


def _days(when: Conditions) -> str:
    """Three or more in a row as a range."""
    places = sorted({DAYS.index(day) for day in when.days})
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{DAYS[places[0]][:3]}-{DAYS[places[-1]][:3]}"
    return " ".join(DAYS[place][:3] for place in places)


def _dates(when: Conditions) -> str:
    words = [f"from {when.from_date}" if when.from_date else "", f"before {when.to_date}" if when.to_date else ""]
    return " ".join(word for word in words if word)


def _range(when: Conditions, name: str, told: Callable[[Decimal], str]) -> str:
    low, high = getattr(when, f"min_{name}"), getattr(when, f"max_{name}")
    words = [f"from {told(low)}" if low is not None else "", f"up to {told(high)}" if high is not None else ""]
    return " ".join(word for word in words if word)
