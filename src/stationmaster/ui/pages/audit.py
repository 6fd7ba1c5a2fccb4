"""The audit log: who did what, and who was refused."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from stationmaster.ui.formats import NONE, moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.parts.address import Address
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.parts.period import Period
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.parts.raw import pretty, raw_text
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import Look

_NAMES = ("actor", "operation", "station", "text", "from", "to")
_OUTCOMES = {
    2: Look("done", "good", "check"),
    4: Look("refused", "warn", "block"),
    5: Look("failed", "bad", "error"),
}
_UNTOLD = Look("nobody was told", "bad", "help")
_ACTORS = {"api_key": "key", "command_line": "the command line", "nobody": "somebody unknown"}


@page("/audit", title="Audit log", role="administrator")
def audit(visit: Visit) -> None:
    AuditLog(visit)


class AuditLog:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._address = Address(visit)
        self._values = {name: value for name, value in self._address.values.items() if name in _NAMES}
        self._operations: dict[str, str] = {}
        self._filters()
        self._table = DataTable(
            visit,
            Listing(
                path="/audit",
                columns=self._columns(),
                label="Who did what",
                empty="Nothing was done that matches.",
                filters=self._values,
                rows_per_page=50,
                every_s=10.0,
            ),
            on_select=self._open,
            on_shown=self._learn,
        )

    def _filters(self) -> None:
        visit, given = self._visit, self._values
        with ui.row().classes("items-center gap-3 w-full"):
            actor = ui.input("Who", value=given.get("actor", "")).props("dense outlined clearable debounce=400")
            actor.classes("w-44").on_value_change(lambda event: self._put(actor=(event.value or "").strip()))
            self._operation = ui.select({}, label="Did what", clearable=True, with_input=True)
            self._operation.props("dense outlined").classes("w-56")
            self._operation.on_value_change(lambda event: self._put(operation=event.value))
            self._know(given.get("operation"))
            with ui.element("div").classes("w-56"):
                station = Picker(visit, STATIONS)
            station.element.props("dense outlined")
            if given.get("station", "").isdigit():
                station.choose(int(given["station"]), f"Station {given['station']}")
            station.element.on_value_change(lambda event: self._put(station=event.value))
            text = ui.input("In what was asked", value=given.get("text", ""))
            text.props("dense outlined clearable debounce=400 maxlength=200").classes("w-48")
            text.on_value_change(lambda event: self._put(text=(event.value or "").strip()))
            Period(visit, lambda values: self._put(**values), given)
            ui.space()
            self._link = ui.link("Download as CSV").classes("sm-link").props("download")
            self._show_link()

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column(name="at", label="When", cell=lambda entry: moment(entry["at"], self._visit.zone)),
            Column(name="actor", label="Who", cell=actor_of),
            Column(name="operation", label="Did what", cell=lambda entry: deed_of(entry["operation"])),
            Column(name="status", label="Outcome", cell=lambda entry: badge_cell(outcome_of(entry["status"]))),
            Column(name="path", label="Where", cell=lambda entry: short_path(entry["path"]), wide_only=True),
            Column(name="address", label="From", cell=lambda entry: shown(entry["address"]), wide_only=True),
        )

    def _learn(self, entries: Sequence[Row]) -> None:
        """What was done can be chosen from what there is."""
        if new := {entry["operation"] for entry in entries} - set(self._operations):
            self._operations |= {name: deed_of(name) for name in new}
            self._operation.set_options(self._operations)

    def _know(self, operation: str | None) -> None:
        if operation:
            self._operations[operation] = deed_of(operation)
            self._operation.set_options(self._operations, value=operation)

    def _put(self, **values: Any) -> None:
        merged = {**self._values, **values}
        self._values = {name: value for name, value in merged.items() if value not in (None, "")}
        self._address.put(**{name: str(value) if value else None for name, value in values.items()})
        self._show_link()
        self._table.filters.clear()
        self._table.filter(**self._values)

    def _show_link(self) -> None:
        self._link.props["href"] = f"/api/v1/audit?{urlencode({**self._values, 'format': 'csv'})}"
        self._link.update()

    def _open(self, entry: Row) -> None:
        title = f"{actor_of(entry)}: {deed_of(entry['operation'])}"
        with named(ui.dialog(), title) as dialog, ui.card().classes("sm-card w-full").style("max-width: 720px"):
            heading(title, 2)
            StateBadge(outcome_of(entry["status"]))
            facts = Facts("When", "From", "Request", "Answer", "Station")
            facts.show(
                {
                    "When": moment(entry["at"], self._visit.zone),
                    "From": entry["address"],
                    "Request": f"{entry['method']} {entry['path']}".strip(),
                    "Answer": entry["status"],
                    "Station": entry["station_key"],
                }
            )
            if entry["detail"]:
                heading("What was asked", 3)
                raw_text(pretty(entry["detail"]))
            with ui.row().classes("w-full justify-end"):
                if entry["station_key"] is not None:
                    ui.link("To the station", f"/stations/{entry['station_key']}").classes("sm-link")
                ui.space()
                ui.button("Close", on_click=dialog.close).props("flat autofocus")
        dialog.on("hide", dialog.delete)
        dialog.open()


def actor_of(entry: Row) -> str:
    """Whoever did it, so that a key is told from a person of the same name."""
    kind = _ACTORS.get(entry["actor_kind"], "")
    return f"{kind} {entry['actor']}".strip() or NONE


def deed_of(operation: str) -> str:
    """The API's name of an operation, to be read."""
    return operation.replace("_", " ")


def outcome_of(status: int | None) -> Look:
    """What became of a request."""
    if status is None:
        return _UNTOLD
    look = _OUTCOMES.get(status // 100, Look("", "quiet", "label"))
    return Look(f"{look.label} ({status})", look.tone, look.icon)


def short_path(path: str) -> str:
    return path.removeprefix("/api/v1")
