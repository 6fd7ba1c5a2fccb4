"""API keys: which programs may use the API."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import confirm
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.parts.secret import show_once
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import ROLES, look_of

_CHOICES = {
    "viewer": "Viewer: reads",
    "operator": "Operator: acts as well",
    "administrator": "Administrator: manages people and keys as well",
}


@page("/api-keys", title="API keys", role="administrator")
def api_keys(visit: Visit) -> None:
    with ui.row().classes("items-center gap-3 w-full"):
        ui.label(
            "A program shows its key with each request. Give each one of its own: it can be revoked alone."
        ).classes("sm-quiet flex-1")
        ui.link("What the API can do", "/api/v1/openapi.json").classes("sm-link")
        ui.button("Make a key", icon="add", on_click=lambda: _make(visit)).props("no-caps")
    DataTable(
        visit,
        Listing(
            path="/api-keys",
            columns=(
                Column(name="name", label="Name", cell=lambda key: key["name"]),
                Column(name="role", label="Role", cell=lambda key: badge_cell(look_of(ROLES, key["role"]))),
                Column(name="made", label="Made", cell=lambda key: moment(key["created_at"], visit.zone)),
            ),
            label="API keys",
            empty="There is no key. Make one for each program.",
            kinds=("ApiKeyChanged",),
            every_s=60.0,
            paged=False,
        ),
        on_select=lambda key: _revoke(visit, key),
    )


def _make(visit: Visit) -> None:
    async def send(body: dict[str, Any]) -> None:
        made = await visit.api.post("/api-keys", {"name": "", **body})
        name = made["api_key"]["name"]
        show_once(visit, f"Key of {name}", "The program sends it as: Authorization: Bearer <key>", made["secret"])

    fields = (
        Field(path="name", label="Name of the program"),
        Field(path="role", label="Role", kind="choice", options=_CHOICES, value="viewer"),
    )
    ask(visit, "Make a key", "Make", fields, send, role="administrator")


def _revoke(visit: Visit, key: Row) -> None:
    async def revoke() -> None:
        await visit.api.delete(f"/api-keys/{key['key']}")
        ui.notify("It is refused from now on", type="positive")

    question = f"Revoke the key {key['name']}? Whatever uses it is refused at once."
    confirm(visit, question, "Revoke", revoke, danger=True)
