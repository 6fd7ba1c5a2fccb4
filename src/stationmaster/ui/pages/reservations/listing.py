"""All reservations, and asking for one."""

from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import from_input, moment
from stationmaster.ui.pages.reservations.wording import CHANGES, became_cell, place, state_cell, station_cell
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.period import Period
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.parts.token_input import TokenInput
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import RESERVATIONS

_OPEN = "open"
_STATES = {_OPEN: "Not over yet", "": "All", **{state: look.label for state, look in RESERVATIONS.items()}}
_LENGTHS = {15: "15 minutes", 30: "30 minutes", 60: "1 hour", 120: "2 hours", 480: "8 hours", 0: "Until a moment"}


@page("/reservations", title="Reservations")
def reservations(visit: Visit) -> None:
    with ui.row().classes("items-center gap-4 w-full"):
        state = ui.select(_STATES, value=_OPEN, label="State").classes("w-52")
        with ui.element("div").classes("w-56"):
            station = Picker(visit, STATIONS)
        token = ui.input("Token").props("clearable debounce=300").classes("w-44")
        Period(visit, lambda values: table.filter(**values))
        ui.space()
        add = ui.button("Reserve", icon="event_available", on_click=lambda: reserve(visit, outcomes))
        allow(visit, add, "operator")
    outcomes: Outcomes = Outcomes(visit)
    table: DataTable = DataTable(
        visit,
        Listing(
            path="/reservations",
            columns=_columns(visit),
            label="Reservations",
            empty="No reservation matches. Reserve keeps a place at a station for a token.",
            kinds=CHANGES,
            filters=_filters(_OPEN),
            total=True,
        ),
    )
    state.on_value_change(lambda event: table.filter(**_filters(event.value)))
    station.element.on_value_change(lambda event: table.filter(station=event.value))
    token.on_value_change(lambda event: table.filter(token=event.value))


def _filters(state: str) -> dict[str, Any]:
    return {"open": True, "state": None} if state == _OPEN else {"open": None, "state": state}


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(
            name="token", label="For", cell=lambda each: Cell(text=each["token"], href=f"/reservations/{each['key']}")
        ),
        Column(name="station", label="Station", cell=station_cell),
        Column(name="place", label="Place", cell=place, wide_only=True),
        Column(name="state", label="State", cell=state_cell),
        Column(name="became", label="What became of it", cell=became_cell, wide_only=True),
        Column(name="until", label="Until", cell=lambda each: moment(each["expires_at"], visit.zone)),
        Column(name="asked", label="Asked", cell=lambda each: moment(each["asked_at"], visit.zone), wide_only=True),
    )


def reserve(visit: Visit, outcomes: Outcomes) -> None:
    """The form for a new one."""
    form = FormDialog(visit, "Reserve a place", "Reserve")
    with form:
        station = Picker(visit, STATIONS)
        token = TokenInput(visit, "For the token")
        length = ui.select(_LENGTHS, value=60, label="How long").classes("w-full")
        until = ui.input("Until").props("type=datetime-local stack-label").classes("w-full")
        until.bind_visibility_from(length, "value", value=0)
        evse = ui.number("EVSE (any where it is empty)", min=1, precision=0).classes("w-full")
        kind = ui.input("With a connector of the type (OCPP 2.x), such as cCCS2").props("maxlength=20")
        connector = ui.number("Connector (where an EVSE has several)", min=1, precision=0).classes("w-full")
        group = ui.input("Its group may use it too: name of the group").classes("w-full")
    for path, element in (
        ("station_key", station.element),
        ("id_token.value", token.input),
        ("id_token", token.input),
        ("minutes", length),
        ("expires_at", until),
        ("evse_id", evse),
        ("connector_type", kind.classes("w-full")),
        ("connector_id", connector),
        ("group", group),
    ):
        form.field(path, element)

    async def send() -> None:
        if station.value is None:
            raise Problem(422, "", (("path.station_key", "choose a station"),))
        body = {
            "id_token": token.id_token,
            "expires_at": from_input(until.value, visit.zone) if length.value == 0 else None,
            "minutes": length.value or None,
            "evse_id": whole(evse.value),
            "connector_id": whole(connector.value),
            "connector_type": kind.value,
            "group": group.value,
        }
        given = {name: value for name, value in body.items() if value not in (None, "")}
        made = await visit.api.post(f"/stations/{station.value}/reservations", given)
        await follow(visit, outcomes, made, f"Reserve at {made['station_identity']} for {made['token']}")

    form.on_send(send)
    form.open(once=True)


async def follow(visit: Visit, outcomes: Outcomes, reservation: dict[str, Any], title: str) -> None:
    """Show how its newest command goes on."""
    path = f"/stations/{reservation['station']}/commands/{reservation['command']}"
    outcomes.follow(await visit.api.get(path), title)


def whole(value: float | None) -> int | None:
    """Of an input of numbers."""
    return None if value is None else int(value)
