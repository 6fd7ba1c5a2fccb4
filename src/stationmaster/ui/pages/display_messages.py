"""Display messages: what stands on the displays of all stations, setting one on many, and clearing."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.pages.stations.display import PRIORITIES, STANDINGS, STATES, message_fields
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow, confirm
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.parts.question import ask
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import look_of


@page("/display-messages", title="Display messages")
def display_messages(visit: Visit) -> None:
    Displays(visit)


class Displays:
    """The list, and what can be done with what is ticked in it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with ui.row().classes("items-center gap-3 w-full"):
            text = ui.input("Search what is shown").props("dense outlined clearable debounce=400").classes("w-64")
            station = Picker(visit, STATIONS)
            station.element.classes(remove="w-full", add="w-64").props("dense outlined")
            ui.space()
            self._button("Show a message", "add_comment", self._set)
            self._button("Clear the ticked ones", "delete", self._clear)
        self._outcomes = Outcomes(visit)
        listing = Listing(
            path="/display-messages",
            columns=_columns(visit),
            label="Messages on displays",
            empty="None is known. Show one here; what a station shows by itself is asked for on its own page.",
            kinds=("DisplayMessagesChanged",),
            key=lambda message: f"{message['station']}/{message['id']}",
            selectable=True,
        )
        self._table = DataTable(visit, listing)
        text.on_value_change(lambda event: self._table.filter(text=event.value))
        station.element.on_value_change(lambda event: self._table.filter(station=event.value))

    def _button(self, label: str, icon: str, do: Any) -> None:
        allow(self._visit, ui.button(label, icon=icon, on_click=do).props("outline no-caps"), "operator")

    def _set(self) -> None:
        async def send(body: dict[str, Any]) -> None:
            made = await self._visit.api.post("/display-messages", body | {"stations": picker.value or []})
            for each in reversed(made["items"]):
                self._outcomes.follow(
                    each["command"], f"Show a message on {picker.label_of(each['command']['station'])}"
                )

        form = ask(self._visit, "Show a message", "Show", message_fields(self._visit), send)
        with form:
            picker = Picker(self._visit, STATIONS, label="On which stations", several=True)
            form.field("stations", picker.element)

    def _clear(self) -> None:
        ticked = self._table.selected
        if not ticked:
            ui.notify("Tick the messages that are to go.")
            return

        async def send() -> None:
            while ticked:  # what is taken is not asked again where a later one fails
                message = ticked[0]
                path = f"/stations/{message['station']}/display-messages/{message['id']}"
                command = await self._visit.api.delete(path)
                self._outcomes.follow(command, f"Clear a message on {message['station_identity']}")
                self._table.untick(ticked.pop(0))

        what = "this message" if len(ticked) == 1 else f"these {len(ticked)} messages"
        confirm(self._visit, f"Clear {what}?", "Clear", send, danger=True)


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="station", label="Station", cell=_station),
        Column(name="text", label="Message", cell=lambda message: str(message["message"]["content"])),
        Column(name="standing", label="State", cell=lambda m: badge_cell(look_of(STANDINGS, m["standing"]))),
        Column(name="while", label="While", cell=lambda m: STATES.get(m["state"] or "", str(m["state"]))),
        Column(
            name="priority",
            label="Place",
            cell=lambda m: PRIORITIES.get(m["priority"], str(m["priority"])),
            wide_only=True,
        ),
        Column(name="from", label="From", cell=lambda message: moment(message["from"], visit.zone), wide_only=True),
        Column(name="to", label="To", cell=lambda message: moment(message["to"], visit.zone), wide_only=True),
    )


def _station(message: Row) -> Cell:
    return Cell(text=message["station_identity"], href=f"/stations/{message['station']}?tab=display")
