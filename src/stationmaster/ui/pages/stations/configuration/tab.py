"""All values of a station in one table that can be searched, read anew and set, one or several at once."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import counted, moment
from stationmaster.ui.pages.stations.configuration.answers import Answers
from stationmaster.ui.pages.stations.configuration.edit import MOST, edit
from stationmaster.ui.pages.stations.configuration.templates import Templates
from stationmaster.ui.pages.stations.configuration.values import (
    Setting,
    item_key,
    key_columns,
    settings_of,
    variable_columns,
)
from stationmaster.ui.parts.data_table import DataTable, Listing, Row
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import word_of

CHANGES = ("CommandChanged", "ReportReceived")
_EMPTY = "Nothing is known yet, or nothing matches: clear the search, or read all from the station."
_MUTABILITIES = {"": "All", "ReadWrite": "can be set", "ReadOnly": "read only", "WriteOnly": "written only"}
_REPORTS = {
    "asked": "asked for",
    "open": "coming in",
    "complete": "complete",
    "incomplete": "incomplete: parts did not come",
    "empty": "the station says that it is empty",
    "refused": "refused by the station",
}


def build(visit: Visit, station: dict[str, Any]) -> None:
    Configuration(visit, station)


class Configuration:
    """The tab."""

    def __init__(self, visit: Visit, station: dict[str, Any]) -> None:
        self._visit, self._key = visit, station["key"]
        self._has_keys = str(station["version"] or "").startswith("1.")
        self._outcomes = Outcomes(visit)
        self._answers = Answers()
        with ui.row().classes("items-center gap-3 w-full"):
            self._filters()
            ui.space()
            self._buttons()
        self._report = ui.label().classes("sm-quiet")
        listing = Listing(
            path=f"/stations/{self._key}/{'configuration' if self._has_keys else 'variables'}",
            columns=key_columns(visit.zone) if self._has_keys else variable_columns(visit.zone),
            label="Configuration keys" if self._has_keys else "Variables",
            empty=_EMPTY,
            kinds=CHANGES,
            station_key=self._key,
            rows_per_page=25,
            every_s=30.0,
            key=item_key,
            selectable=True,
        )
        self._table = DataTable(visit, listing, on_select=self._open)
        self._table.table.classes("sm-wraps").props("dense")
        Templates(visit, station, self._ticked)
        self._watch_report()

    def _filters(self) -> None:
        search = ui.input("Search by name").props("debounce=300 clearable").classes("w-64")
        search.on_value_change(lambda event: self._table.filter(text=event.value or None))
        if not self._has_keys:
            kinds = ui.select(_MUTABILITIES, value="", label="Changes").classes("w-36")
            kinds.on_value_change(lambda event: self._table.filter(mutability=event.value or None))

    def _buttons(self) -> None:
        for label, icon, do in (
            ("Change ticked", "edit", self._change_ticked),
            ("Read ticked anew", "refresh", self._read_ticked),
            ("Read all anew", "sync", self._read_all),
        ):
            allow(self._visit, ui.button(label, icon=icon, on_click=do).props("outline no-caps"), "operator")

    def _ticked(self) -> list[Setting]:
        return [setting for item in self._table.selected for setting in settings_of(item)]

    def _open(self, item: Row) -> None:
        edit(self._visit, settings_of(item), self._set)

    def _change_ticked(self) -> None:
        writable = [setting for setting in self._ticked() if setting.is_writable]
        if not writable:
            ui.notify("Tick rows whose values can be set first.", type="warning")
        elif len(writable) > MOST:
            ui.notify(f"At most {MOST} values at once. For more, make a template of them.", type="warning")
        else:
            edit(self._visit, writable, self._set)

    async def _set(self, changed: list[tuple[Setting, str]]) -> None:
        settings = [{**setting.address, "value": value} for setting, value in changed]
        names = changed[0][0].name if len(changed) == 1 else f"{len(changed)} values"
        command = {"type": "SetVariables", "settings": settings}
        await self._give(command, f"Set {names}", [setting for setting, _ in changed])

    async def _read_ticked(self) -> None:
        asked = [setting for setting in self._ticked() if setting.mutability != "WriteOnly"]
        if not asked:
            ui.notify("Tick the rows to read anew first.", type="warning")
            return
        command = {"type": "GetVariables", "variables": [setting.address for setting in asked]}
        await self._visit.trying(self._give(command, f"Read {counted(len(asked), 'value')}", asked))

    async def _read_all(self) -> None:
        command = {"type": "GetBaseReport", "report_base": "FullInventory"}
        await self._outcomes.try_give(self._key, command, "Read all values")

    async def _give(self, command: dict[str, Any], title: str, asked: Sequence[Setting]) -> None:
        given = await self._visit.api.post(f"/stations/{self._key}/commands", command)
        self._outcomes.follow(given, title, self._showing(asked))

    def _showing(self, asked: Sequence[Setting]) -> Callable[[dict[str, Any]], None]:
        return lambda command: self._answers.show(command, asked)

    def _watch_report(self) -> None:
        def show(page: Any) -> None:
            self._report.set_text(_report(page["items"], self._visit))

        path = f"/stations/{self._key}/reports"
        self._visit.watch(
            path, show, query={"limit": 1}, kinds=("ReportReceived",), station_key=self._key, every_s=30.0
        )


def _report(reports: list[Row], visit: Visit) -> str:
    if not reports:
        return ""
    last = reports[0]
    state = word_of(_REPORTS, last["state"])
    return f"Last report of the station: {state}, {moment(last['updated_at'], visit.zone)}"
