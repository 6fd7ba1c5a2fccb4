"""What is said of where a station or one of its EVSEs stands."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import power, scaled, typed_number, unscaled
from stationmaster.ui.formats import text as shown
from stationmaster.ui.parts.data_table import Column, Row
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.pickers import SITES, STATIONS, Picker
from stationmaster.ui.visit import Visit

_KINDS = {None: "as the station's", "AC": "AC", "DC": "DC"}


def place_columns() -> tuple[Column, ...]:
    return (
        Column(name="place", label="Place", cell=place),
        Column(name="kind", label="Kind", cell=lambda each: shown(each["evse_kind"])),
        Column(name="power", label="Can deliver", align="right", cell=lambda each: power(each["max_power_w"])),
        Column(name="zone", label="Prices go by the clock of", cell=lambda each: each["zone_in_force"], wide_only=True),
    )


def place(facts: Row) -> str:
    """``CS-0001``, ``CS-0001, EVSE 2``."""
    name = facts["station_identity"] or f"station {facts['station']}"
    return f"{name}, EVSE {facts['evse_id']}" if facts["evse_id"] else str(name)


def edit_place(visit: Visit, facts: dict[str, Any]) -> None:
    """``facts``: as the API has them; without a station: of one that is chosen then."""
    known = "station" in facts
    form = FormDialog(visit, place(facts) if known else "Put an EVSE here", "Save")
    with form:
        if not known:
            station = form.field("station_key", Picker(visit, STATIONS).element)
            evse = ui.number("EVSE (0: the station as a whole)", value=1, min=0, precision=0).classes("w-full")
            form.field("evse_id", evse)
        site = Picker(visit, SITES)
        site.choose(facts["site"], facts["site"])
        form.field("site", site.element)
        zone = ui.input("Time zone of its own", value=facts.get("zone") or "").props('hint="Empty: the site\'s"')
        kind = ui.select(_KINDS, value=facts.get("evse_kind"), label="AC or DC").classes("w-full")
        most = ui.input("Can deliver", value=unscaled(facts.get("max_power_w"), 1000)).props(
            'suffix="kW" inputmode=decimal'
        )
        most.props('hint="A meter that claims more has its bill held"')
        degrees = {
            name: ui.input(label, value="" if facts.get(name) is None else str(facts[name])).classes("w-full")
            for name, label in (("latitude", "Latitude of its own"), ("longitude", "Longitude of its own"))
        }
    for path, element in (("zone", zone), ("evse_kind", kind), ("max_power_w", most), *degrees.items()):
        form.field(path, element.classes("w-full"))

    async def send() -> None:
        key = facts["station"] if known else station.value
        number = facts["evse_id"] if known else int(evse.value or 0)
        body = {
            "site": site.value,
            "zone": zone.value,
            "evse_kind": kind.value,
            "max_power_w": scaled(most.value, 1000),
        }
        body |= {name: typed_number(element.value) for name, element in degrees.items()}
        given = {name: value for name, value in body.items() if value not in (None, "")}
        await visit.api.put(f"/stations/{key or 0}/places/{number}", given)
        ui.notify("Saved: it holds for sessions that end from now on", type="positive")

    form.on_send(send)
    allow(visit, form.button, "administrator")
    form.open(once=True)
