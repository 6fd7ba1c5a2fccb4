"""Rows of a tariff's form that can be added and taken away: taxes and texts; and what a session costs at least."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import plain, typed_number

Fields = dict[str, Any]


class TaxRows:
    """``value`` is the list of taxes as the API takes it."""

    def __init__(self, taxes: list[dict[str, Any]]) -> None:
        self._rows: list[tuple[ui.element, Any, Any, Any]] = []
        self._column = ui.column().classes("w-full gap-1")
        for tax in taxes:
            self.add(tax)
        ui.button("Add a tax", icon="add", on_click=lambda: self.add({"name": "VAT", "percent": "", "stack": 0})).props(
            "flat no-caps dense"
        )

    def add(self, tax: dict[str, Any]) -> None:
        with self._column, ui.row().classes("items-start gap-2 w-full") as row:
            name = ui.input("Tax", value=tax["name"]).props("maxlength=20").classes("w-32")
            percent = ui.input("Rate", value=plain(tax["percent"])).props('suffix="%" inputmode=decimal')
            percent.classes("w-28")
            stack = ui.number("On top of", value=tax.get("stack", 0), min=0, max=10, precision=0).classes("w-40")
            stack.props('hint="0: the net price; 1: that with the taxes of 0"')
            _remove(row, self._rows, "Take this tax away")
        self._rows.append((row, name, percent, stack))

    def value(self) -> list[dict[str, Any]]:
        return [
            {"name": name.value or "", "percent": typed_number(percent.value), "stack": int(stack.value or 0)}
            for _, name, percent, stack in self._rows
        ]

    def fields(self, path: str) -> Fields:
        return {
            f"{path}[{place}].{field}": element
            for place, (_, *elements) in enumerate(self._rows)
            for field, element in zip(("name", "percent", "stack"), elements, strict=True)
        }


class OwnTaxes:
    """A switch between the taxes of all, and others."""

    def __init__(self, own: list[dict[str, Any]] | None, common: list[dict[str, Any]]) -> None:
        differs = own is not None and own != common
        self._switch = ui.switch("Taxes of its own", value=differs)
        with ui.column().classes("w-full pl-4") as column:
            self._rows = TaxRows(own if differs and own is not None else [])
        column.bind_visibility_from(self._switch, "value")

    def value(self, common: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return self._rows.value() if self._switch.value else common

    def fields(self, path: str, common: TaxRows) -> Fields:
        return (self._rows if self._switch.value else common).fields(path)


class BoundForm:
    """What a session costs at least, or at most."""

    def __init__(
        self, label: str, told: dict[str, Any] | None, common: list[dict[str, Any]], currency: ui.input
    ) -> None:
        told = told or {"excl": None, "incl": None, "taxes": common}
        with ui.row().classes("items-center gap-4 w-full"):
            ui.label(label).classes("w-56")
            self._sides = {
                side: ui.input(words, value=told[side] or "").props("inputmode=decimal clearable").classes("w-44")
                for side, words in (("excl", "Without tax"), ("incl", "With tax"))
            }
        for element in self._sides.values():
            with_unit(element, currency, "")
        self._own = OwnTaxes(told["taxes"], common) if "least" in label else None

    def value(self, common: list[dict[str, Any]]) -> dict[str, Any] | None:
        given = {side: typed_number(element.value) for side, element in self._sides.items() if element.value}
        if not given:
            return None
        return given | {"taxes": common if self._own is None else self._own.value(common)}

    def fields(self, common: TaxRows) -> Fields:
        sides: Fields = {f".{side}": element for side, element in self._sides.items()}
        taxes = {} if self._own is None else self._own.fields(".taxes", common)
        return {"": self._sides["excl"], **sides, **taxes}


class TextRows:
    """An operator's own words, by language."""

    def __init__(self, texts: list[dict[str, Any]]) -> None:
        self._rows: list[tuple[ui.element, Any, Any]] = []
        self._column = ui.column().classes("w-full gap-1")
        for text in texts:
            self.add(text)
        ui.button("Add a text", icon="add", on_click=lambda: self.add({"language": "en", "content": ""})).props(
            "flat no-caps dense"
        )

    def add(self, text: dict[str, Any]) -> None:
        with self._column, ui.row().classes("items-start gap-2 w-full") as row:
            language = ui.input("Language", value=text["language"]).props('maxlength=8 hint="en, de, pt-BR"')
            language.classes("w-32")
            content = ui.input("Text", value=text["content"]).props("maxlength=512").classes("grow")
            _remove(row, self._rows, "Take this text away")
        self._rows.append((row, language, content))

    def value(self) -> list[dict[str, Any]]:
        return [{"language": lang.value or "", "content": text.value or ""} for _, lang, text in self._rows]

    def fields(self, path: str) -> Fields:
        return {
            f"{path}[{place}].{field}": element
            for place, (_, *elements) in enumerate(self._rows)
            for field, element in zip(("language", "content"), elements, strict=True)
        }


def _remove(row: ui.element, rows: list[Any], label: str) -> None:
    def gone() -> None:
        rows[:] = [each for each in rows if each[0] is not row]
        row.delete()

    remove_button(label, gone)


def remove_button(label: str, gone: Any) -> ui.button:
    return ui.button(icon="close", on_click=gone).props(f'flat round dense aria-label="{label}"').classes("mt-3")


def with_unit(element: ui.input, currency: ui.input, per: str) -> None:
    """The unit behind an amount follows the currency that is typed."""

    def shown() -> None:
        element.props["suffix"] = " ".join(word for word in (str(currency.value or ""), per) if word)

    shown()
    currency.on_value_change(shown)
