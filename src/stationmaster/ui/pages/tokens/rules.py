"""Where, when and how often a token may charge, as a form."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.parts.form import FormDialog
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.visit import Visit

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PERIODS = {"day": "a day", "week": "a week", "month": "a month"}
_EMPTY: dict[str, Any] = {"places": [], "kinds": None, "windows": [], "time_zone": "UTC", "quota": None}
MOST_WINDOWS = 50
MOST_NAMED = 50
"""Stations of a rule that are looked up; the others are shown by their key."""


async def change_rules(visit: Visit, token: Mapping[str, Any]) -> None:
    """Open the form; without any rule in it the token may charge everywhere and at any time."""
    rules = token["rules"] or _EMPTY
    form = FormDialog(visit, "Change where and when", "Save", wide=True)
    with form:
        fields = RulesForm(visit, form, rules)
        await fields.name_stations()

    async def send() -> None:
        await visit.api.patch(f"/tokens/{token['key']}", {"rules": fields.body()})
        ui.notify("The rules hold from now on", type="positive")

    form.on_send(send)
    form.open(once=True)


async def station_names(visit: Visit, keys: Sequence[int]) -> dict[int, str]:
    """What stations are called, by key; those that are gone are left out."""
    names = {}
    for key in keys:
        with suppress(Problem):
            names[key] = (await visit.api.get(f"/stations/{key}"))["identity"]
    return names


class RulesForm:
    """Inputs for rules; ``body`` is what the API takes, None where nothing is restricted."""

    def __init__(self, visit: Visit, form: FormDialog, rules: Mapping[str, Any]) -> None:
        self._visit = visit
        self._places = {place["station"]: place for place in rules["places"]}
        self._kinds = rules["kinds"] or {}
        ui.label("What is left empty is not restricted.").classes("sm-quiet")
        self._stations = Picker(visit, STATIONS, label="Only at these stations", several=True)
        self._currents = ui.select(["AC", "DC"], multiple=True, value=list(self._kinds.get("currents", ())))
        self._currents.props('label="Only this current"').classes("w-full")
        self._zone = form.field("rules.time_zone", ui.input("Time zone of the times", value=rules["time_zone"]))
        quota = rules["quota"] or {"starts": None, "period": "month"}
        with ui.row().classes("items-center gap-2"):
            self._starts = form.field(
                "rules.quota.starts", ui.number("At most this many starts", value=quota["starts"])
            )
            self._starts.classes("w-48")
            self._period = ui.select(_PERIODS, value=quota["period"], label="In")
        self._windows: list[tuple[ui.element, Any, Any, Any]] = []
        self._rows = ui.column().classes("w-full gap-1")
        ui.button("Add a time", icon="add", on_click=lambda: self._window(None)).props("flat no-caps")
        for window in rules["windows"]:
            self._window(window)

    async def name_stations(self) -> None:
        """Those that are chosen already, by what they are called."""
        names = await station_names(self._visit, list(self._places)[:MOST_NAMED])
        for key in self._places:
            self._stations.choose_too(key, names.get(key, f"station {key}"))

    def _window(self, window: Mapping[str, Any] | None) -> None:
        if len(self._windows) >= MOST_WINDOWS:
            return
        now = window or {"days": list(DAYS), "from": "00:00", "to": "24:00"}
        with self._rows, ui.row().classes("items-center gap-2 w-full") as row:
            days = ui.select(list(DAYS), multiple=True, value=list(now["days"])).props('label="On"').classes("w-72")
            first = ui.input("From (hh:mm)", value=now["from"]).classes("w-28")
            last = ui.input("To", value=now["to"]).classes("w-28")
            away = ui.button(icon="delete").props('flat round aria-label="Take this time away"')
        line = (row, days, first, last)
        self._windows.append(line)

        def take_away() -> None:
            self._windows.remove(line)
            row.delete()

        away.on_click(take_away)

    def body(self) -> dict[str, Any] | None:
        places = [self._places.get(key, {"station": key, "evse_ids": []}) for key in self._stations.value or ()]
        types = self._kinds.get("connector_types", [])
        kinds = {"currents": self._currents.value, "connector_types": types} if self._currents.value or types else None
        quota = None
        if self._starts.value is not None:
            quota = {"starts": int(self._starts.value), "period": self._period.value}
        windows = [
            {"days": days.value, "from": first.value or "", "to": last.value or ""}
            for _, days, first, last in self._windows
        ]
        if not (places or kinds or quota or windows):
            return None
        zone = self._zone.value or "UTC"
        return {"places": places, "kinds": kinds, "windows": windows, "time_zone": zone, "quota": quota}
