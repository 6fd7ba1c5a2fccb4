"""The parts of a tariff's form together: what they hold as the API takes it, and where each of its fields is typed."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import for_input, kept_moment
from stationmaster.ui.pages.tariffs.component_form import ComponentForm
from stationmaster.ui.pages.tariffs.rows import BoundForm, TaxRows, TextRows
from stationmaster.ui.pages.tariffs.words import DIMENSIONS
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.visit import Visit

_CHOICES: tuple[tuple[str, str, dict[Any, str]], ...] = (
    (
        "suspended_evse",
        "Time in which the station holds back counts as",
        {"paused": "nothing", "idle": "idle time", "charging": "charging time"},
    ),
    (
        "before_charging",
        "Time plugged in before charging counts as",
        {"free": "nothing", "idle": "idle time", "charging": "charging time"},
    ),
    ("after_stop", "Time plugged in after the session counts as", {"none": "nothing", "idle": "idle time"}),
    (
        "boundary",
        "Energy between two readings, where a price changes",
        {"interpolate": "is split evenly over the time", "bracket_start": "costs what held at the first of them"},
    ),
    ("rounding", "Halves of the smallest coin", {"half_up": "are rounded up", "half_even": "go to the even one"}),
    (
        "free_without_energy",
        "A session without energy",
        {True: "costs no start price and no minimum", False: "costs its start price and the minimum"},
    ),
)


class TariffEditor:
    """``existing``: the version to begin from."""

    def __init__(self, visit: Visit, existing: dict[str, Any] | None) -> None:
        self._visit = visit
        told = existing or {}
        taxes = common_taxes(told)
        with panel("Basics"):
            self._basics(told, is_new=existing is None)
        with panel("Taxes"):
            ui.label("On all prices, unless one has taxes of its own below.").classes("sm-quiet")
            self._taxes = TaxRows(taxes)
        with panel("Prices"):
            ui.label("For each, the first price whose conditions hold counts; the last one should have none.").classes(
                "sm-quiet"
            )
            self._components = {
                dimension.name: ComponentForm(dimension, told.get(dimension.name), taxes, self._currency)
                for dimension in DIMENSIONS
            }
        with panel("At least and at most"):
            self._bounds = {
                name: BoundForm(label, told.get(name), taxes, self._currency)
                for name, label in (("minimum", "A session costs at least"), ("maximum", "A session costs at most"))
            }
        with panel("How time and energy count"), ui.grid().classes("w-full grid-cols-1 md:grid-cols-2 gap-x-4"):
            self._choices = {
                name: ui.select(options, value=told.get(name, next(iter(options))), label=label)
                for name, label, options in _CHOICES
            }
        with panel("Own words for drivers"):
            ui.label("In place of the text that is made from the prices.").classes("sm-quiet")
            self._texts = TextRows(told.get("texts", []))

    def _basics(self, told: dict[str, Any], *, is_new: bool) -> None:
        with ui.grid().classes("w-full grid-cols-1 sm:grid-cols-2 lg:grid-cols-4 gap-x-4"):
            self._name = ui.input("Name").props('maxlength=40 hint="Letters, digits and . _ -; it never changes"')
            self._name.visible = is_new
            self._currency = ui.input("Currency", value=told.get("currency", "EUR"))
            self._currency.props('maxlength=3 hint="Three letters, such as EUR"')
            self._includes_tax = ui.select(
                {False: "without tax", True: "with tax"}, value=told.get("includes_tax", False), label="Prices are"
            )
            self._was_valid_from = told.get("valid_from") if _is_later(told) else None
            valid_from = for_input(self._was_valid_from, self._visit.zone)
            self._valid_from = ui.input("Valid from (now where it is empty)", value=valid_from)
            self._valid_from.props(f"type=datetime-local stack-label {'step=1' if valid_from else ''}")

    def body(self) -> dict[str, Any]:
        """As the API takes it; a name only where the tariff is new."""
        taxes = self._taxes.value()
        body: dict[str, Any] = {
            "currency": self._currency.value or "",
            "includes_tax": self._includes_tax.value,
            "valid_from": kept_moment(self._was_valid_from, self._valid_from.value, self._visit.zone),
            "texts": self._texts.value(),
        }
        if self._name.visible:
            body["name"] = self._name.value or ""
        body |= {name: part.value(taxes) for name, part in self._components.items()}
        body |= {name: part.value(taxes if name == "minimum" else []) for name, part in self._bounds.items()}
        body |= {name: select.value for name, select in self._choices.items()}
        return {name: value for name, value in body.items() if value is not None}

    def fields(self) -> dict[str, Any]:
        """Where each field of ``body`` was typed."""
        found: dict[str, Any] = {
            "name": self._name,
            "currency": self._currency,
            "includes_tax": self._includes_tax,
            "valid_from": self._valid_from,
            **self._choices,
            **self._texts.fields("texts"),
        }
        parts: dict[str, ComponentForm | BoundForm] = {**self._components, **self._bounds}
        for name, part in parts.items():
            found |= {f"{name}{path}": element for path, element in part.fields(self._taxes).items()}
        return found

    def open_faults(self) -> None:
        """Open the prices in which something is wrong: it would not be seen."""
        for part in self._components.values():
            part.open_faults()


def _is_later(told: dict[str, Any]) -> bool:
    return told.get("state") == "later"


def common_taxes(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the first price that has some: the form keeps them once for all."""
    parts = [told.get(dimension.name) for dimension in DIMENSIONS]
    taxes: list[dict[str, Any]] = next((part["taxes"] for part in parts if part), [])
    return taxes
