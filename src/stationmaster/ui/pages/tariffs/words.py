"""What the parts of a tariff are called, for tables and for the form: one table each. Nothing is reckoned here."""

from typing import Any, Literal
from urllib.parse import quote

import msgspec

from stationmaster.ui.formats import money
from stationmaster.ui.parts.page_tabs import Tab
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look

NEW = "/tariffs/_/new"
"""No tariff's name is an underscore."""
_TABS = (
    ("Tariffs", "/tariffs"),
    ("Assignments", "/tariffs/_/assignments"),
    ("Which price holds", "/tariffs/_/choice"),
)
_PAYMENTS = ("Payments", "/tariffs/_/payments")


def tabs_of(visit: Visit) -> tuple[Tab, ...]:
    """The pages around tariffs; payments are for operators."""
    return (*_TABS, _PAYMENTS) if visit.may("operator") else _TABS


def path_of(name: str) -> str:
    """Of a tariff's page, and of the tariff in the API."""
    return f"/tariffs/{quote(name, safe='')}"


class Dimension(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has a price. ``name`` is the API's; ``step_unit``: of its increments, where it may have some."""

    name: str
    label: str
    per: str
    help: str
    step_unit: str = ""


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(name="energy", label="Energy", per="per kWh", help="What each kilowatt-hour costs.", step_unit="Wh"),
    Dimension(name="charging_time", label="Charging time", per="per minute", help="While energy flows.", step_unit="s"),
    Dimension(
        name="idle_time", label="Idle time", per="per minute", help="Plugged in, without charging.", step_unit="s"
    ),
    Dimension(name="fixed", label="Start", per="once", help="Once for each session."),
    Dimension(name="reservation_fixed", label="Reservation", per="once", help="Once, where it was reserved before."),
    Dimension(
        name="reservation_time", label="Reserved time", per="per minute", help="From the reservation to the session."
    ),
)

Kind = Literal["time", "date", "number", "days", "choice", "text"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """An input of a condition. ``factor``: how many of the API's units one of the input's ``unit`` is."""

    name: str
    label: str
    kind: Kind
    unit: str = ""
    factor: int = 1
    choices: tuple[str, ...] = ()


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """``at_start``: it is known when a session starts, so prices that are paid once may go by it."""

    name: str
    label: str
    help: str
    fields: tuple[Field, ...]
    at_start: bool = False


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _range(name: str, label: str, text: str, unit: str, factor: int) -> Condition:
    low = Field(name=f"min_{name}", label="From", kind="number", unit=unit, factor=factor)
    high = Field(name=f"max_{name}", label="Below", kind="number", unit=unit, factor=factor)
    return Condition(name=name, label=label, help=text, fields=(low, high))


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        name="time",
        label="Time of day",
        help="By the clock at the station; it may go over midnight.",
        fields=(Field(name="from_time", label="From", kind="time"), Field(name="to_time", label="Until", kind="time")),
        at_start=True,
    ),
    Condition(
        name="days",
        label="Days of the week",
        help="By the calendar at the station.",
        fields=(Field(name="days", label="Days", kind="days"),),
        at_start=True,
    ),
    Condition(
        name="date",
        label="Dates",
        help="The first day counts, the last does not.",
        fields=(
            Field(name="from_date", label="From", kind="date"),
            Field(name="to_date", label="Before", kind="date"),
        ),
        at_start=True,
    ),
    Condition(
        name="evse_kind",
        label="AC or DC",
        help="Of the EVSE.",
        fields=(Field(name="evse_kind", label="Kind", kind="choice", choices=("AC", "DC")),),
        at_start=True,
    ),
    _range("energy_wh", "Energy so far", "Charged in this session by then.", "kWh", 1000),
    _range("power_w", "Power", "Drawn at the time.", "kW", 1000),
    _range("current_a", "Current", "Drawn at the time, all phases together.", "A", 1),
    _range("time_s", "Time since the start", "Of the session.", "min", 60),
    _range("charging_time_s", "Charging time so far", "In which energy flowed.", "min", 60),
    _range("idle_time_s", "Idle time so far", "Of the idle period that is under way.", "min", 60),
    Condition(
        name="payment_brand",
        label="Payment brand",
        help="Of a card that was paid with at the station, such as VISA.",
        fields=(Field(name="payment_brand", label="Brand", kind="text"),),
        at_start=True,
    ),
    Condition(
        name="payment_recognition",
        label="Payment recognition",
        help="How the card was recognized there, such as Credit.",
        fields=(Field(name="payment_recognition", label="Recognition", kind="text"),),
        at_start=True,
    ),
)

LOOKS = {
    "in_force": Look("holds now", "good", "check_circle"),
    "later": Look("begins later", "busy", "schedule"),
    "ended": Look("has ended", "quiet", "history"),
}
"""How an assignment or a version stands."""


def price_rows(tariff: dict[str, Any]) -> list[dict[str, str]]:
    """A version's prices as a table has them: one row each, in the order in which they are looked at."""
    return [
        {
            "what": dimension.label if place == 0 else "",
            "price": f"{money(price['amount'], tariff['currency'])} {dimension.per}",
            "when": _when(price, place),
            "taxes": taxes_in_words(component["taxes"]),
            "step": f"{component['step']} {dimension.step_unit}" if component["step"] and place == 0 else "",
        }
        for dimension in DIMENSIONS
        if (component := tariff[dimension.name]) is not None
        for place, price in enumerate(component["prices"])
    ]


def _when(price: dict[str, Any], place: int) -> str:
    always = price["when"] is None or not price["when"]
    return ("otherwise" if place else "always") if always else str(price["when_text"])


def taxes_in_words(taxes: list[dict[str, Any]]) -> str:
    """``VAT 19 %``."""
    return ", ".join(f"{tax['name']} {tax['percent']:g} %" for tax in taxes)


def bounds_in_words(tariff: dict[str, Any]) -> dict[str, str]:
    """What a session costs at least and at most."""
    return {
        label: ", ".join(
            f"{money(bound[side], tariff['currency'])} {words}"
            for side, words in (("excl", "without tax"), ("incl", "with tax"))
            if bound[side] is not None
        )
        for name, label in (("minimum", "At least"), ("maximum", "At most"))
        if (bound := tariff[name]) is not None
    }
