"""One's own account: the password, and where one is signed in. Nothing here is a feed: feeds are shared by all of a
role, and this is one person's alone."""

from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.settings.tabs import tabs
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.form import FormDialog, confirm
from stationmaster.ui.parts.heading import named
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import ROLES, Look, look_of

_HERE = Look("this browser", "good", "computer")


@page("/settings", title="Settings")
async def account(visit: Visit) -> None:
    page_tabs("Settings", tabs(visit), "/settings")
    who = await visit.api.get("/session")
    with panel("Your account"):
        StateBadge(look_of(ROLES, who["role"]))
        facts = Facts("Name", "Called", "Tenant", "Signed in until", "Without use until")
        facts.show(
            {
                "Name": who["name"],
                "Called": who["display_name"],
                "Tenant": who["tenant"],
                "Signed in until": moment(who["ends_at"], visit.zone),
                "Without use until": moment(who["expires_at"], visit.zone),
            }
        )
        ui.button("Change your password", icon="password", on_click=lambda: _change(visit)).props("outline no-caps")
    with panel("Where you are signed in"):
        sessions = OwnSessions(visit)
        await sessions.load()


class OwnSessions:
    """Each with a button that ends it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        ui.label("End what you do not know, and change your password then.").classes("sm-quiet")
        self._rows = named(ui.element("ul"), "Your sessions").classes("w-full p-0 m-0 grid gap-3")
        self._rows.style("grid-template-columns: minmax(0, 1fr)")
        self._rows.style("list-style: none")

    async def load(self) -> None:
        """Raises Problem."""
        found = await self._visit.api.get("/session/all")
        if self._rows.is_deleted:
            return
        self._rows.clear()
        with self._rows:
            for session in found:
                self._row(session)

    def _row(self, session: dict[str, Any]) -> None:
        used = moment(session["used_at"], self._visit.zone)
        with ui.element("li").classes("w-full"), ui.row().classes("items-center w-full gap-3"):
            with ui.column().classes("gap-0 flex-1").style("min-width: 220px; overflow-wrap: anywhere"):
                ui.label(shown(session["agent"]))
                ui.label(f"from {shown(session['address'])}, last used {used}").classes("sm-quiet")
            if session["is_this"]:
                StateBadge(_HERE)
            else:
                end = ui.button("End", icon="logout", on_click=lambda: self._ask(session)).props("outline no-caps")
                named(end, f"End the session last used {used}")

    def _ask(self, session: dict[str, Any]) -> None:
        async def end() -> None:
            await self._visit.api.delete(f"/session/all/{session['key']}")
            await self.load()

        with self._visit.client:
            confirm(self._visit, "End this session? Whoever uses it has to sign in anew.", "End", end, danger=True)


def _change(visit: Visit) -> None:
    form = FormDialog(visit, "Change your password", "Change")
    with form:
        ui.label("You will have to sign in anew, everywhere.").classes("sm-quiet")
        old = _secret(form, "old", "Your password now").props("autocomplete=current-password")
        new = _secret(form, "new", "The new one, of 12 characters or more").props("autocomplete=new-password")
        again = _secret(form, "again", "The new one again").props("autocomplete=new-password")

    async def send() -> None:
        if again.value != new.value:
            raise Problem(422, "", (("body.again", "it is not the same"),))
        await visit.api.put("/session/password", {"old": old.value or "", "new": new.value or ""})
        ui.navigate.to("/sign-out")

    form.on_send(send)
    form.open(once=True)


def _secret(form: FormDialog, path: str, label: str) -> ui.input:
    element: ui.input = form.field(path, ui.input(label, password=True, password_toggle_button=True))
    return element.classes("w-full")
