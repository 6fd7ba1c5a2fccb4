"""Admitting a station: the form, and what is to be entered in the station."""

from typing import Any

from nicegui import ui

from stationmaster.ui.pages.stations.credentials import shown_once
from stationmaster.ui.parts.form import FormDialog
from stationmaster.ui.visit import Visit

_PASSWORDS = {
    "generate": "Make one, and show it once",
    "given": "The station has one already: type it",
    "none": "None: security profile 0, or certificates",
}


def admit(visit: Visit, identity: str = "") -> None:
    """Open the form. ``identity``: as it stands in the URL that the station calls."""
    form = FormDialog(visit, "Admit a station", "Admit")
    with form:
        inputs = {
            "identity": ui.input("Identity", value=identity).props("maxlength=48 autofocus"),
            "name": ui.input("Name for people, if any").props("maxlength=200"),
        }
        inputs["identity"].props["hint"] = "As in the URL that the station calls: A-Z, a-z, 0-9 and * - _ = : + | @ ."
        chosen = ui.select(_PASSWORDS, value="generate", label="Password").classes("w-full")
        inputs["password"] = ui.input("The station's password", password=True).props("maxlength=40 autocomplete=off")
        inputs["password"].bind_visibility_from(chosen, "value", lambda value: value == "given")
        inputs["party_id"] = ui.input("Party id (roaming), if any").props("maxlength=20")
        for name, element in inputs.items():
            form.field(name, element.classes("w-full"))

    async def send() -> None:
        body: dict[str, Any] = {name: element.value.strip() for name, element in inputs.items() if element.value}
        if chosen.value != "given":
            body.pop("password", None)
        answer = await visit.api.post("/stations", body | {"generate": chosen.value == "generate"})
        address = await visit.api.get(f"/stations/{answer['station']['key']}/address")
        with visit.client:
            shown_once(address, answer["password"], f"/stations/{answer['station']['key']}")

    form.on_send(send)
    form.dialog.on("hide", form.dialog.delete)
    form.open()
