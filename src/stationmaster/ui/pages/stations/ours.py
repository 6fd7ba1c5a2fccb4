"""What we decide of a station: its name, whether it may charge, its password, where it stands."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import text
from stationmaster.ui.pages.stations.callback import CallbackPanel
from stationmaster.ui.pages.stations.credentials import connection_facts, shown_once
from stationmaster.ui.pages.stations.header import STATION_CHANGES
from stationmaster.ui.pages.stations.place import PlacePanel
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit

REGISTRATIONS = {
    "Accepted": "Accepted: it may charge",
    "Pending": "Pending: it may only be configured",
    "Rejected": "Rejected: it is to stay away",
}
STRICTNESSES = {
    "": "As all stations",
    "strict": "Strict: refuse messages that are not as specified",
    "lenient": "Lenient: take what can be understood",
    "observe": "Observe: take it, and note what is wrong",
}
VERSIONS = {
    "": "None: such a station is refused",
    "1.6": "OCPP 1.6",
    "2.0": "OCPP 2.0",
    "2.0.1": "OCPP 2.0.1",
    "2.1": "OCPP 2.1",
}


async def build(visit: Visit, station: dict[str, Any]) -> None:
    Decided(visit, station)
    address = await visit.api.get(f"/stations/{station['key']}/address")
    _password(visit, station, address)
    CallbackPanel(visit, station)
    PlacePanel(visit, station)


class Decided:
    """What an operator decides of a station, as it is now, with the form to change it."""

    def __init__(self, visit: Visit, station: dict[str, Any]) -> None:
        self._visit = visit
        self._station = station
        with panel("Decided by us"):
            self._facts = Facts("Name", "Registration", "Strictness", "Version without sub-protocol", "Party")
            allow(visit, ui.button("Change", icon="edit", on_click=self._change).props("outline no-caps"), "operator")
        path = f"/stations/{station['key']}"
        visit.watch(path, self._show, kinds=STATION_CHANGES, station_key=station["key"])

    def _show(self, station: dict[str, Any]) -> None:
        self._station = station
        self._facts.show(
            {
                "Name": text(station["name"]),
                "Registration": REGISTRATIONS[station["registration"]],
                "Strictness": STRICTNESSES[station["strictness"] or ""],
                "Version without sub-protocol": VERSIONS[station["default_version"] or ""],
                "Party": text(station["party_id"]),
            }
        )

    def _change(self) -> None:
        before = self._station
        form = FormDialog(self._visit, "Change what we decide of the station", "Save")
        with form:
            inputs = {
                "name": ui.input("Name", value=before["name"] or "").props("maxlength=200 autofocus"),
                "registration": ui.select(REGISTRATIONS, value=before["registration"], label="Registration"),
                "strictness": ui.select(STRICTNESSES, value=before["strictness"] or "", label="Strictness"),
                "default_version": ui.select(
                    VERSIONS, value=before["default_version"] or "", label="Version of a station that names none"
                ),
                "party_id": ui.input("Party id (roaming)", value=before["party_id"] or "").props("maxlength=20"),
            }
            for name, element in inputs.items():
                form.field(name, element.classes("w-full"))

        async def send() -> None:
            body = {name: element.value or None for name, element in inputs.items()}
            answer = await self._visit.api.patch(f"/stations/{before['key']}", body)
            self._show(answer["station"])
            ui.notify("Saved", type="positive")

        form.on_send(send)
        form.dialog.on("hide", form.dialog.delete)
        form.open()


def _password(visit: Visit, station: dict[str, Any], address: dict[str, Any]) -> None:
    with panel("How the station connects"):
        facts = Facts(*connection_facts(address))
        facts.show(connection_facts(address))

        def ask() -> None:
            form = FormDialog(visit, "Make a new password?", "Make it", danger=True)
            with form:
                ui.label("The station cannot connect again until it has the new one. It is shown once.")

            async def send() -> None:
                answer = await visit.api.patch(f"/stations/{station['key']}", {"generate": True})
                now = await visit.api.get(f"/stations/{station['key']}/address")
                facts.show(connection_facts(now))
                with visit.client:
                    shown_once(now, answer["password"])

            form.on_send(send)
            form.dialog.on("hide", form.dialog.delete)
            form.open()

        button = ui.button("New password", icon="key", on_click=ask).props("outline no-caps")
        allow(visit, button, "operator")
