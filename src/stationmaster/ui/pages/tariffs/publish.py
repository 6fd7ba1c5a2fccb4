"""A tariff's price told to stations, and what each of them said to that."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import counted, moment
from stationmaster.ui.pages.tariffs.words import path_of
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.form import FormDialog
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.parts.pickers import SITES, STATIONS, Picker
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import COMMANDS, Look, look_of

_WHERE = {"all": "All stations", "site": "The stations of a site", "stations": "Some stations"}
_UNTOLD = Look("cannot be told", "quiet", "block")
_FORGOTTEN = Look("no longer kept", "quiet", "auto_delete")
_ENDED = frozenset({"accepted", "rejected", "failed", "unsupported", "timed_out", "effect_seen", "no_effect"})
_SHOWN = 20
"""Stations on a page of outcomes: each is followed while it is shown."""


def publish(visit: Visit, name: str, outcomes: "PublishOutcomes") -> None:
    """Ask where; what came of it is shown in ``outcomes``."""
    form = FormDialog(visit, f"Show the price of {name} at stations", "Show it")
    with form:
        ui.label(
            "Each station shows it by what its version has for that. Who pays by it is another thing: that goes by "
            "assignments."
        ).classes("sm-quiet")
        where = ui.radio(_WHERE, value="all").props('aria-label="Where"')
        site, stations = Picker(visit, SITES), Picker(visit, STATIONS, label="Stations", several=True)
        evse = ui.number("At one EVSE alone (OCPP 2.1)", min=1, precision=0).classes("w-full")
        offline = ui.input("Text while nobody can say the price (1.6)").props("maxlength=255").classes("w-full")
        total = ui.input("Text where the total cannot be told (2.x)").props("maxlength=255").classes("w-full")
    site.element.bind_visibility_from(where, "value", value="site")
    stations.element.bind_visibility_from(where, "value", value="stations")
    fields = {"site": site.element, "stations": stations.element, "evse_id": evse}
    for path, element in (fields | {"offline_text": offline, "total_text": total}).items():
        form.field(path, element)

    async def send() -> None:
        places = {"all": True, "site": site.value, "stations": stations.value}
        body = {
            where.value: places[where.value],
            "evse_id": None if evse.value is None else int(evse.value),
            "offline_text": offline.value,
            "total_text": total.value,
        }
        given = {key: value for key, value in body.items() if value not in (None, "")}
        outcomes.show(await visit.api.post(f"{path_of(name)}/publish", given))

    form.on_send(send)
    form.open(once=True)


class PublishOutcomes:
    """A line for each station: why it cannot be told, or how its commands go on. Of the newest publication only."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown = 0
        self._stations: list[dict[str, Any]] = []
        self._first = 0
        self._stops: list[Callable[[], None]] = []
        self._place = ui.column().classes("w-full")

    def follow(self, name: str) -> None:
        """Show the newest publication of a tariff, whoever makes it."""

        def show(answer: dict[str, Any]) -> None:
            for publication in answer["items"]:
                self.show(publication)

        path = f"{path_of(name)}/publications"
        self._visit.watch(path, show, query={"limit": 1}, kinds=("PricePublished",), every_s=60.0)

    def show(self, answer: dict[str, Any]) -> None:
        """A publication, unless it is shown already or older than what is."""
        if answer["key"] <= self._shown:
            return
        self._shown = answer["key"]
        self._stop()
        self._place.clear()
        self._stations, self._first = answer["stations"], 0
        untold = sum(1 for each in self._stations if each["unsupported"])
        with self._place, panel("Shown at stations"):
            being_told = counted(len(self._stations) - untold, "station is being told", "stations are being told")
            when = f"{moment(answer['at'], self._visit.zone)} by {answer['published_by']}"
            ui.label(f"Version {answer['version']}, {when}: {being_told}, {untold} cannot be.")
            self._lines = ui.column().classes("w-full gap-1").props('role=status data-testid="published"')
            with ui.row().classes("items-center") as turning:
                ui.button(icon="chevron_left", on_click=lambda: self._turn(-_SHOWN)).props(
                    'flat round aria-label="Previous stations"'
                )
                ui.button(icon="chevron_right", on_click=lambda: self._turn(_SHOWN)).props(
                    'flat round aria-label="Next stations"'
                )
            turning.visible = len(self._stations) > _SHOWN
        self._show_page()

    def _turn(self, by: int) -> None:
        if 0 <= self._first + by < len(self._stations):
            self._first += by
            self._show_page()

    def _stop(self) -> None:
        for stop in self._stops:
            stop()
        self._stops.clear()

    def _show_page(self) -> None:
        self._stop()
        self._lines.clear()
        with self._lines:
            for told in self._stations[self._first : self._first + _SHOWN]:
                self._line(told)

    def _line(self, told: dict[str, Any]) -> None:
        with ui.row().classes("items-center gap-2 w-full"):
            name = told["station_identity"] or str(told["station"])
            ui.link(name, f"/stations/{told['station']}").classes("sm-link")
            if told["unsupported"]:
                StateBadge(_UNTOLD)
                ui.label(told["unsupported"]).classes("sm-quiet")
            for key, state in zip(told["commands"], told["states"], strict=True):
                if state is None:
                    StateBadge(_FORGOTTEN)
                else:
                    self._follow(told["station"], key, state)

    def _follow(self, station: int, key: int, state: str) -> None:
        badge, detail = StateBadge(look_of(COMMANDS, state)), ui.label().classes("sm-quiet")
        watched: list[Callable[[], None]] = []

        def show(command: dict[str, Any]) -> None:
            badge.show(look_of(COMMANDS, command["state"]))
            said = [word for word in (command["type"], command["status"], command["detail"]) if word]
            detail.set_text(" · ".join(said))
            if command["state"] in _ENDED:
                for stop in watched:
                    stop()

        path = f"/stations/{station}/commands/{key}"
        watched.append(self._visit.watch(path, show, kinds=("CommandChanged",), station_key=station, every_s=10.0))
        self._stops += watched
