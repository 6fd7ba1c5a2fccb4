"""The form of a site, new or known."""

from typing import Any
from urllib.parse import quote

from nicegui import ui

from stationmaster.ui.formats import typed_number
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.visit import Visit


def path_of(name: str) -> str:
    """Of a site's page, and of the site in the API."""
    return f"/sites/{quote(name, safe='')}"


def edit(visit: Visit, site: dict[str, Any] | None) -> None:
    """``site``: as the API has it; None: a new one."""
    told = site or {}
    form = FormDialog(visit, f"Change {told['name']}" if site else "New site", "Save" if site else "Make the site")
    with form:
        name = form.field("name", ui.input("Name", value=told.get("name", "")).props("maxlength=100").classes("w-full"))
        form.field("path.name", name)
        name.visible = site is None
        zone = ui.input("Time zone", value=told.get("zone", _zone(visit))).classes("w-full")
        zone.props('hint="By its name, such as Europe/Berlin: prices by time of day go by it"')
        form.field("zone", zone)
        address = ui.textarea("Address", value=told.get("address") or "").props("maxlength=500 autogrow")
        form.field("address", address.classes("w-full"))
        with ui.row().classes("w-full gap-4 no-wrap"):
            latitude = _degrees(form, "latitude", "Latitude, degrees north", told)
            longitude = _degrees(form, "longitude", "Longitude, degrees east", told)

    async def send() -> None:
        given = {
            "zone": zone.value or "",
            "address": address.value or None,
            "latitude": typed_number(latitude.value) or None,
            "longitude": typed_number(longitude.value) or None,
        }
        await visit.api.put(
            path_of(name.value or ""), {key: value for key, value in given.items() if value is not None}
        )
        if site is None:
            ui.navigate.to(path_of(name.value))

    form.on_send(send)
    allow(visit, form.button, "administrator")
    form.open(once=True)


def _degrees(form: FormDialog, name: str, label: str, told: dict[str, Any]) -> ui.input:
    value = told.get(name)
    element = ui.input(label, value="" if value is None else str(value)).props("inputmode=decimal").classes("w-full")
    form.field(name, element)
    return element


def _zone(visit: Visit) -> str:
    return getattr(visit.zone, "key", "UTC")
