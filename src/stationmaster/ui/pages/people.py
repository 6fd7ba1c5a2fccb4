"""People: who may sign in, and what they may do."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import count, moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, confirm
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.parts.secret import show_once
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import ROLES, Look, look_of

ROLE_CHOICES = {
    "viewer": "Viewer: sees everything but secrets",
    "operator": "Operator: acts on stations, tokens and bills as well",
    "administrator": "Administrator: manages people, keys, prices and settings as well",
}
_MAY = Look("may sign in", "good", "how_to_reg")
_MAY_NOT = Look("disabled", "bad", "block")
_CHANGES = ("PersonChanged", "SessionChanged")


@page("/people", title="People", role="administrator")
def people(visit: Visit) -> None:
    with ui.row().classes("items-center gap-3 w-full"):
        ui.label("Everybody signs in with a name of their own: the audit log says who did what.").classes(
            "sm-quiet flex-1"
        )
        ui.button("Let somebody in", icon="person_add", on_click=lambda: _add(visit)).props("no-caps")
    DataTable(
        visit,
        Listing(
            path="/people",
            columns=(
                Column(name="name", label="Name", cell=lambda person: person["name"]),
                Column(name="display_name", label="Called", cell=lambda person: shown(person["display_name"])),
                Column(name="role", label="Role", cell=lambda person: badge_cell(look_of(ROLES, person["role"]))),
                Column(name="state", label="State", cell=lambda person: badge_cell(_look(person))),
                Column(
                    name="last",
                    label="Last signed in",
                    cell=lambda person: moment(person["last_sign_in_at"], visit.zone),
                    wide_only=True,
                ),
                Column(
                    name="sessions",
                    label="Signed in now",
                    align="right",
                    cell=lambda person: count(person["sessions"]),
                    wide_only=True,
                ),
            ),
            label="People",
            empty="Nobody signs in yet. Let somebody in.",
            kinds=_CHANGES,
            every_s=30.0,
        ),
        on_select=lambda person: _open(visit, person),
    )


def _look(person: Row) -> Look:
    return _MAY if person["disabled_at"] is None else _MAY_NOT


def _add(visit: Visit) -> None:
    async def send(body: dict[str, Any]) -> None:
        made = await visit.api.post("/people", {"name": "", **body})
        if made["password"] is not None:
            _show_password(visit, made["person"]["name"], made["password"])
        else:
            ui.notify(f"{made['person']['name']} may sign in now", type="positive")

    fields = (
        Field(path="name", label="Name to sign in with"),
        Field(path="display_name", label="What the person is called"),
        Field(path="role", label="Role", kind="choice", options=ROLE_CHOICES, value="viewer"),
        Field(path="password", label="Password", kind="secret", hint="Empty: one is made, and shown to you this once."),
    )
    ask(visit, "Let somebody in", "Let in", fields, send, role="administrator")


def _open(visit: Visit, person: Row) -> None:
    """Look at a person, change what they may do, or take it from them."""
    path, name = f"/people/{person['key']}", person["name"]
    form = FormDialog(visit, name, "Save")
    with form:
        StateBadge(_look(person))
        facts = Facts("Made", "Last signed in", "Signed in now")
        facts.show(
            {
                "Made": moment(person["created_at"], visit.zone),
                "Last signed in": moment(person["last_sign_in_at"], visit.zone),
                "Signed in now": person["sessions"],
            }
        )
        called = form.field("display_name", ui.input("What the person is called", value=person["display_name"]))
        called.classes("w-full")
        role = form.field("role", ui.select(ROLE_CHOICES, value=person["role"], label="Role")).classes("w-full")
        ui.label("With another role the person has to sign in anew.").classes("sm-quiet")
        with ui.row().classes("gap-2"):
            _deeds(visit, form, person)

    async def save() -> None:
        await visit.api.patch(path, {"display_name": called.value or "", "role": role.value})
        ui.notify("Changed", type="positive")

    form.on_send(save)
    form.dialog.on("hide", form.dialog.delete)
    form.open()


def _deeds(visit: Visit, form: FormDialog, person: Row) -> None:
    path, name = f"/people/{person['key']}", person["name"]
    is_enabled = person["disabled_at"] is None

    async def reset() -> None:
        made = await visit.api.post(f"{path}/password")
        _show_password(visit, name, made["password"])

    async def sign_out() -> None:
        await visit.api.delete(f"{path}/sessions")

    async def put_enabled() -> None:
        await visit.api.patch(path, {"disabled": is_enabled})

    def asking(question: str, label: str, do: Any, *, danger: bool = False) -> None:
        form.close()
        with visit.client:
            confirm(visit, question, label, do, danger=danger)

    ui.button(
        "New password",
        icon="password",
        on_click=lambda: asking(f"Give {name} a new password? The old one ends, and all sessions.", "Give", reset),
    ).props("outline no-caps")
    ui.button(
        "Sign out everywhere", icon="logout", on_click=lambda: asking(f"Sign {name} out?", "Sign out", sign_out)
    ).props("outline no-caps")
    if is_enabled:
        question = f"Disable {name}? All sessions end, and there are no new ones until you enable them again."
        ui.button(
            "Disable", icon="block", on_click=lambda: asking(question, "Disable", put_enabled, danger=True)
        ).props("outline no-caps color=negative")
    else:
        ui.button(
            "Enable", icon="how_to_reg", on_click=lambda: asking(f"Let {name} sign in again?", "Enable", put_enabled)
        ).props("outline no-caps")


def _show_password(visit: Visit, name: str, password: str) -> None:
    show_once(visit, f"Password of {name}", f"{name} signs in with it, and can change it in the settings.", password)
