"""Which price holds for whom at a place, and why no other."""

from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import from_input
from stationmaster.ui.pages.tariffs.assignments import where_in_words, who_in_words
from stationmaster.ui.pages.tariffs.words import path_of, tabs_of
from stationmaster.ui.parts.data_table import Cell, Column, Row
from stationmaster.ui.parts.field_problems import FieldProblems
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.parts.token_input import TokenInput
from stationmaster.ui.visit import Visit, page


@page("/tariffs/_/choice", title="Which price holds")
def choice(visit: Visit) -> None:
    page_tabs("Tariffs", tabs_of(visit), "/tariffs/_/choice")
    Choice(visit)


class Choice:
    """The question, and its answer below."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with panel("A session that starts"):
            with ui.grid().classes("w-full grid-cols-1 md:grid-cols-3 gap-x-4"):
                self._station = Picker(visit, STATIONS, label="At the station")
                self._evse = ui.number("EVSE", value=1, min=1, precision=0)
                self._connector = ui.number("Connector (any where it is empty)", min=1, precision=0)
                self._token = TokenInput(visit, "With the token (none: a driver nobody knows)")
                self._at = ui.input("At (now where it is empty)").props("type=datetime-local stack-label")
            self._problems = FieldProblems(visit)
            self._problems.fields = {
                "station": self._station.element,
                "evse_id": self._evse,
                "connector_id": self._connector,
                "token": self._token.input,
                "at": self._at,
            }
            ui.button("Look", icon="search", on_click=self._look)
        with panel("Its price") as self._answer:
            self._price = ui.label().classes("text-lg").props('data-testid="price"')
            self._link = ui.link("", "/tariffs").classes("sm-link")
            self._facts = Facts("Why", "Site", "Times of day by the clock of")
            self._table = PlainTable(_COLUMNS, label="Assignments, the one that holds first", empty="None is made.")
        self._answer.visible = False

    async def _look(self) -> None:
        self._problems.clear()
        token = self._token.id_token if self._token.value else {}
        query = {
            "station": self._station.value,
            "evse_id": _whole(self._evse.value),
            "connector_id": _whole(self._connector.value),
            "token": token.get("value"),
            "token_type": token.get("type"),
            "at": from_input(self._at.value, self._visit.zone),
        }
        try:
            self._show(await self._visit.api.get("/tariff-choice", query))
        except Problem as problem:
            self._answer.visible = False
            self._problems.tell(problem)

    def _show(self, found: dict[str, Any]) -> None:
        name = found["tariff"]
        self._price.set_text(found["price_text"] or "None: no tariff holds here, and the bill would be held.")
        self._link.visible = name is not None
        if name is not None:
            self._link.set_text(f"Tariff {name}, version {found['version']}")
            self._link.props["href"] = path_of(name)
        self._facts.show({"Why": found["why"], "Site": found["site"], "Times of day by the clock of": found["zone"]})
        first = next((each for each in found["candidates"] if not each["why_not"]), None)
        self._table.show([{**each, "holds": each is first} for each in found["candidates"][:_MOST]])
        self._answer.visible = True


_MOST = 100
"""Candidates that are shown; the one that holds is the first."""


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _verdict(candidate: Row) -> str:
    if candidate["why_not"]:
        return str(candidate["why_not"])
    return "holds" if candidate["holds"] else "fits, but another goes before it"


_COLUMNS = (
    Column(
        name="tariff",
        label="Tariff",
        cell=lambda each: Cell(text=each["assignment"]["tariff"], href=f"/tariffs/{each['assignment']['tariff']}"),
    ),
    Column(name="verdict", label="Here", cell=_verdict),
    Column(name="who", label="For whom", cell=lambda each: who_in_words(each["assignment"])),
    Column(name="where", label="Where", cell=lambda each: where_in_words(each["assignment"])),
    Column(name="priority", label="Priority", align="right", cell=lambda each: str(each["assignment"]["priority"])),
)
