"""Groups of tokens: what holds for all of a group."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.tokens.looks import STATUSES, left_out, status_cell, tabs
from stationmaster.ui.parts.data_table import Column, DataTable, Listing
from stationmaster.ui.parts.form import allow, confirm
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit, page


@page("/tokens/groups", title="Token groups")
def groups(visit: Visit) -> None:
    page_tabs("Tokens", tabs(visit), "/tokens/groups")
    with ui.row().classes("items-center gap-3 w-full"):
        ui.label(
            "A group is there as soon as a token names it. Tokens of one may stop what another of them began; what is "
            "said here holds for all of them."
        ).classes("sm-quiet flex-1")
        adding = ui.button("Say what holds for a group", icon="add", on_click=lambda: _ask(visit, None))
        allow(visit, adding.props("no-caps"), "operator")
    DataTable(
        visit,
        Listing(
            path="/token-groups",
            columns=(
                Column(name="name", label="Group", cell=lambda group: group["name"]),
                Column(name="status", label="Status of all its tokens", cell=status_cell),
                Column(
                    name="most",
                    label="At one time",
                    align="right",
                    cell=lambda group: left_out(group["max_concurrent"]),
                ),
                Column(name="master", label="Master passes", cell=lambda group: shown(group["is_master"])),
                Column(name="note", label="Note", cell=lambda group: shown(group["note"]), wide_only=True),
            ),
            label="Token groups",
            empty="Nothing is said of any group yet.",
            kinds=("TokenGroupChanged",),
            key="name",
        ),
        on_select=lambda group: _ask(visit, group),
    )


def _ask(visit: Visit, group: Mapping[str, Any] | None) -> None:
    now = group or {"status": "Accepted", "max_concurrent": None, "is_master": False, "note": None}
    name = () if group else (Field(path="name", label="Name of the group"),)
    fields = (
        *name,
        Field(path="status", label="Status of all its tokens", kind="choice", options=STATUSES, value=now["status"]),
        Field(
            path="max_concurrent",
            label="Transactions of all at one time",
            kind="number",
            value=now["max_concurrent"],
            hint="Empty: no limit.",
        ),
        Field(path="is_master", label="Master passes: they stop any transaction", kind="check", value=now["is_master"]),
        Field(path="note", label="Note", kind="area", value=now["note"]),
    )

    async def send(body: dict[str, Any]) -> None:
        named = group["name"] if group else str(body.pop("name", "")).strip()
        if not named or "/" in named:
            raise Problem(422, "", (("body.name", "a name is needed, without a slash"),))
        await visit.api.put(f"/token-groups/{quote(named, safe='')}", body)
        ui.notify("It holds from now on", type="positive")

    form = ask(visit, group["name"] if group else "Say what holds for a group", "Save", fields, send)
    if group is not None:
        with form:
            forget = ui.button("Say nothing of it any more", icon="delete", on_click=lambda: _forget(visit, group))
            allow(visit, forget.props("flat no-caps color=negative"), "operator")
            forget.on_click(form.close)


def _forget(visit: Visit, group: Mapping[str, Any]) -> None:
    async def forget() -> None:
        await visit.api.delete(f"/token-groups/{quote(group['name'], safe='')}")

    question = "Say nothing of this group any more? Its tokens stay in it."
    with visit.client:  # not in the form, which closes, and all in it
        confirm(visit, question, "Say nothing", forget, danger=True)
