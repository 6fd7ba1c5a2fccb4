"""The prices of one dimension in a tariff's form: each with its conditions, which are added and taken away."""

from functools import partial
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import plain, scaled, typed_number, unscaled
from stationmaster.ui.pages.tariffs.rows import Fields, OwnTaxes, TaxRows, remove_button, with_unit
from stationmaster.ui.pages.tariffs.words import CONDITIONS, DAYS, Condition, Dimension, Field


class ComponentForm:
    """Without a price, the dimension costs nothing."""

    def __init__(
        self, dimension: Dimension, told: dict[str, Any] | None, common: list[dict[str, Any]], currency: ui.input
    ) -> None:
        self._dimension, self._currency = dimension, currency
        self._prices: list[PriceRow] = []
        self._panel = ui.expansion(dimension.label, caption=dimension.help, value=told is not None).classes("w-full")
        with self._panel:
            self._column = ui.column().classes("w-full gap-3")
            for price in [] if told is None else told["prices"]:
                self._add(price)
            label = f"Add a price for {dimension.label.lower()}"
            ui.button(label, icon="add", on_click=lambda: self._add({"amount": "", "when": None})).props(
                "flat no-caps dense"
            )
            self._step = ui.input("Rounded up to a multiple of", value=plain(told["step"]) if told else "")
            self._step.props(f'suffix="{dimension.step_unit}" inputmode=numeric').classes("w-64")
            self._step.visible = bool(dimension.step_unit)
            self._own = OwnTaxes(None if told is None else told["taxes"], common)

    def _add(self, price: dict[str, Any]) -> None:
        with self._column:
            self._prices.append(PriceRow(self._dimension, price, self._currency, self._prices))

    def value(self, common: list[dict[str, Any]]) -> dict[str, Any] | None:
        """As the API takes it."""
        if not self._prices:
            return None
        body: dict[str, Any] = {"prices": [row.value() for row in self._prices], "taxes": self._own.value(common)}
        if self._step.value:
            body["step"] = _whole(self._step.value)
        return body

    def fields(self, common: TaxRows) -> Fields:
        found: Fields = {".step": self._step, **self._own.fields(".taxes", common)}
        for place, row in enumerate(self._prices):
            found |= {f".prices[{place}]{path}": element for path, element in row.fields().items()}
        return found

    def open_faults(self) -> None:
        elements = [self._step, *(element for row in self._prices for element in row.fields().values())]
        if any(element.error for element in elements):
            self._panel.value = True


class PriceRow:
    """An amount, and when it holds."""

    def __init__(self, dimension: Dimension, price: dict[str, Any], currency: ui.input, rows: list["PriceRow"]) -> None:
        self._conditions: dict[str, ConditionRow] = {}
        self._rows = rows
        name = dimension.label
        with ui.card().classes("sm-card w-full p-3 gap-2").props(f'role=group aria-label="Price for {name}"') as card:
            self._card = card
            with ui.row().classes("items-center gap-2 w-full"):
                self._amount = ui.input(f"{name}: price", value=price["amount"]).props("inputmode=decimal")
                self._amount.classes("w-56")
                with_unit(self._amount, currency, dimension.per)
                with ui.button("Only when", icon="add").props("flat no-caps dense"), ui.menu():
                    for condition in CONDITIONS:
                        if condition.at_start or dimension.step_unit:
                            ui.menu_item(condition.label, partial(self._add, condition, {}))
                ui.space()
                remove_button("Take this price away", self._remove)
            self._column = ui.column().classes("w-full gap-1")
        when = price["when"] or {}
        for condition in CONDITIONS:
            if any(when.get(field.name) not in (None, []) for field in condition.fields):
                self._add(condition, when)

    def _add(self, condition: Condition, when: dict[str, Any]) -> None:
        if condition.name not in self._conditions:
            with self._column:
                self._conditions[condition.name] = ConditionRow(condition, when, self._conditions)

    def _remove(self) -> None:
        self._rows[:] = [row for row in self._rows if row is not self]
        self._card.delete()

    def value(self) -> dict[str, Any]:
        when: dict[str, Any] = {}
        for row in self._conditions.values():
            when |= row.value()
        return {"amount": typed_number(self._amount.value)} | ({"when": when} if when else {})

    def fields(self) -> Fields:
        found: Fields = {"": self._amount, ".amount": self._amount, ".when": self._amount}
        for row in self._conditions.values():
            found |= {f".when.{name}": element for name, element in row.fields().items()}
        return found


class ConditionRow:
    """One condition: its inputs, and away with it."""

    def __init__(self, condition: Condition, when: dict[str, Any], rows: dict[str, "ConditionRow"]) -> None:
        self._condition, self._rows = condition, rows
        with ui.row().classes("items-start gap-2 w-full pl-4") as self._row:
            with ui.column().classes("w-44 gap-0 pt-3"):
                ui.label(condition.label)
                ui.label(condition.help).classes("sm-quiet text-xs")
            self._inputs = {field.name: _input(condition, field, when.get(field.name)) for field in condition.fields}
            remove_button(f"Take the condition {condition.label} away", self._remove)

    def _remove(self) -> None:
        del self._rows[self._condition.name]
        self._row.delete()

    def value(self) -> dict[str, Any]:
        given = {field.name: _read(field, self._inputs[field.name].value) for field in self._condition.fields}
        return {name: value for name, value in given.items() if value not in (None, "", [])}

    def fields(self) -> Fields:
        """Those of the range as a whole are told at its first input."""
        first = next(iter(self._inputs.values()))
        return {self._condition.name: first, **self._inputs}


def _input(condition: Condition, field: Field, value: Any) -> Any:
    label = field.label if len(condition.fields) == 1 else f"{condition.label}: {field.label.lower()}"
    if field.kind == "days":
        element: Any = ui.select(list(DAYS), value=list(value or []), multiple=True, label=label).props("use-chips")
        return element.classes("w-80")
    if field.kind == "choice":
        return ui.select(list(field.choices), value=value or field.choices[0], label=label).classes("w-44")
    element = ui.input(label, value=_shown(field, value))
    if field.kind in ("time", "date"):
        element.props(f"type={field.kind} stack-label")
    elif field.kind == "number":
        element.props(f'suffix="{field.unit}" inputmode=decimal')
    return element.classes("w-52")


def _shown(field: Field, value: Any) -> str:
    if value is None:
        return ""
    return unscaled(value, field.factor) if field.kind == "number" else str(value)


def _read(field: Field, typed: Any) -> Any:
    """As the API takes it."""
    if field.kind != "number" or not typed:
        return typed
    number = scaled(typed, field.factor)
    return _whole(number) if field.name.endswith("_s") else number


def _whole(number: str) -> int | str:
    """Seconds and steps are whole numbers to the API; what is none goes on as it is."""
    return int(number) if number.strip().isdecimal() else number
