"""A call and its answer: each member beside what the specification says of it."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE
from stationmaster.ui.pages.messages.looks import DIRECTIONS, KINDS, exact_time, specified
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Cell, Column, Row
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.parts.raw import pretty, raw_text
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import VERSIONS, Look, look_of, word_of

_INDENT = "\u00a0" * 3


@page("/messages/{message_key:int}", title="Message", role="operator")
async def message(visit: Visit, message_key: int) -> None:
    show_exchange(visit, await visit.api.get(f"/messages/{message_key}"))


async def open_exchange(visit: Visit, message_key: int) -> None:
    """The exchange that a frame belongs to, in a dialog."""
    found = await visit.trying(visit.api.get(f"/messages/{message_key}"))
    if found is None:
        return
    with named(ui.dialog().props("full-width"), "Message") as dialog, ui.card().classes("sm-card w-full"):
        with ui.row().classes("items-center w-full"):
            heading("Message", 2)
            ui.space()
            ui.link("Open as a page", f"/messages/{message_key}").classes("sm-link")
            ui.button(icon="close", on_click=dialog.close).props('flat round autofocus aria-label="Close"')
        show_exchange(visit, found)
    dialog.on("hide", dialog.delete)
    dialog.open()


def show_exchange(visit: Visit, found: dict[str, Any]) -> None:
    """``found`` is the API's MessageExchange."""
    frame = found["call"] or found["answer"]
    version = word_of(VERSIONS, found["version"])
    with ui.row().classes("items-center gap-3 w-full"):
        ui.label(f"{frame['message']['action'] or 'Unknown action'}, OCPP {version}").classes("font-semibold")
        ui.link(found["station_identity"], f"/stations/{frame['message']['station']}").classes("sm-link")
    _half(visit, "The call", found["call"], "The log does not have the call of this answer.")
    _half(visit, "The answer", found["answer"], "The log has no answer to it.")


def _half(visit: Visit, title: str, half: dict[str, Any] | None, missing: str) -> None:
    with ui.column().classes("w-full gap-1"):
        heading(title, 3)
        if half is None:
            ui.label(missing).classes("sm-quiet")
            return
        frame = half["message"]
        with ui.row().classes("items-center gap-3"):
            StateBadge(look_of(KINDS, frame["kind"]))
            ui.label(f"{exact_time(frame['at'], visit.zone)}, {DIRECTIONS[frame['direction']]}").classes("sm-quiet")
            ui.label(f"id {frame['message_id'] or NONE}").classes("sm-mono")
            _verdict(half)
        if half["unreadable"]:
            ui.label(half["unreadable"]).classes("sm-error pl-2").props("role=alert")
        else:
            table = PlainTable(
                _COLUMNS, label=f"{title}: {half['object'] or frame['error']}", empty="It has no fields."
            )
            table.table.classes("sm-wraps")
            table.show(half["lines"])
        if not half["whole"]:
            ui.label("It has more fields than are shown here.").classes("sm-quiet")
        with ui.expansion("As it was on the wire").classes("w-full"):
            raw_text(pretty(frame["frame"]))


def _verdict(half: dict[str, Any]) -> None:
    if half["unreadable"] or not half["object"]:
        return
    problems = half["problems"]
    good = Look("as specified", "good", "check_circle")
    bad = Look(f"{problems} not as specified", "bad", "error")
    StateBadge(bad if problems else good)


def _name(line: Row) -> str:
    return f"{_INDENT * line['depth']}{line['name']}"


def _problem(line: Row) -> Cell:
    if line["problem"] is None:
        return Cell(text="")
    return Cell(text=line["problem"], look=Look(line["problem"], "bad", "error"))


_COLUMNS = (
    Column(name="name", label="Field", cell=_name),
    Column(name="value", label="Value", cell=lambda line: "" if line["value"] is None else str(line["value"])),
    Column(name="problem", label="What is wrong", cell=_problem),
    Column(name="specified", label="As specified", cell=lambda line: specified(line["field"]), wide_only=True),
)
