"""The message log, looked back through: by time, station, action, direction, error and text."""

from typing import Any

from nicegui import ui

from stationmaster.ui.pages.messages.exchange import open_exchange
from stationmaster.ui.pages.messages.filters import ExportLink, FilterBar, all_actions
from stationmaster.ui.pages.messages.looks import TABS, columns
from stationmaster.ui.parts.address import Address
from stationmaster.ui.parts.data_table import DataTable, Listing
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.period import Period
from stationmaster.ui.visit import Visit, page


@page("/messages/history", title="Message log", role="operator")
async def message_history(visit: Visit) -> None:
    page_tabs("Message log", TABS, "/messages/history")
    History(visit, await all_actions(visit))


class History:
    def __init__(self, visit: Visit, actions: list[str]) -> None:
        self._address = Address(visit)
        given = {name: value for name, value in self._address.values.items() if name in ("from", "to")}
        self._period: dict[str, str | None] = {**given}
        bar = FilterBar(visit, actions, address=self._address)
        bar.on_change = self._filter
        self._values: dict[str, Any] = bar.values
        with ui.row().classes("items-center gap-3 w-full"):
            Period(visit, self._between, given)
            ui.space()
            self._export = ExportLink({**bar.values, **given})
        listing = Listing(
            path="/messages",
            columns=columns(visit.zone, with_date=True),
            label="Messages, newest first",
            filters={**bar.values, **given},
            empty="No message matches.",
            rows_per_page=50,
            every_s=30.0,
        )
        self._table = DataTable(visit, listing, on_select=lambda frame: open_exchange(visit, frame["key"]))

    def _filter(self, values: dict[str, Any]) -> None:
        self._values = values
        self._ask()

    def _between(self, period: dict[str, str | None]) -> None:
        self._period = period
        self._address.put(**period)
        self._ask()

    def _ask(self) -> None:
        wanted = {**self._values, **self._period}
        self._export.show(wanted)
        self._table.filters.clear()
        self._table.filter(**wanted)
