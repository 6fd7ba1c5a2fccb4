"""A table of the few rows that a page has at hand already: prices, lines of a bill, versions."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from stationmaster.ui.parts.data_table import BODY_CELL, Column, cell_of
from stationmaster.ui.parts.heading import named


class PlainTable:
    """``show`` sets the rows; ``empty`` is said where there are none."""

    def __init__(self, columns: Sequence[Column], *, label: str, empty: str) -> None:
        self._columns = columns
        heads = [
            {
                "name": column.name,
                "label": column.label,
                "field": column.name,
                "align": column.align,
                "classes": "sm-wide-only" if column.wide_only else "",
                "headerClasses": "sm-wide-only" if column.wide_only else "",
            }
            for column in columns
        ]
        with ui.column().classes("w-full gap-1"):
            self.table = ui.table(columns=heads, rows=[], row_key="_key").classes("w-full")
            self.table.props('flat dense wrap-cells hide-bottom :pagination="{rowsPerPage: 0}"')
            named(self.table, label)
            self.table.add_slot("body-cell", BODY_CELL)
            self._nothing = ui.label(empty).classes("sm-quiet py-2")

    def show(self, items: Sequence[dict[str, Any]]) -> None:
        self.table.rows = [
            {"_key": place, **{column.name: cell_of(column.cell(item)) for column in self._columns}}
            for place, item in enumerate(items)
        ]
        self.table.visible = bool(items)
        self._nothing.visible = not items
