"""The tab "Display": what the station shows to its drivers."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.panel import empty
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of, word_of

STANDINGS: dict[str, Look] = {
    "waiting": Look("waiting for its time", "quiet", "schedule"),
    "shown": Look("shown", "good", "visibility"),
    "over": Look("over", "quiet", "visibility_off"),
}
PRIORITIES = {"NormalCycle": "in turn with others", "InFront": "before others", "AlwaysFront": "always in front"}
STATES = {
    "": "always",
    "Charging": "charging",
    "Idle": "idle",
    "Suspended": "suspended",
    "Faulted": "faulted",
    "Unavailable": "unavailable",
    "Discharging": "discharging",
}
_FORMATS = {"UTF8": "text", "ASCII": "plain letters (ASCII)", "HTML": "HTML", "URI": "link", "QRCODE": "QR code"}


def build(visit: Visit, station: dict[str, Any]) -> None:
    with Desk(visit, station).section("On the display") as at:
        if at.speaks_1x:
            empty(
                "Stations of 1.6 take no messages for their display.",
                "Their tariff texts are variables: see Configuration.",
            )
            return
        with tools():
            at.button("Show a message", "add_comment", lambda: _set(at))
            at.button("Ask the station", "refresh", lambda: _refresh(at))
        listing = Listing(
            path=at.path("display-messages"),
            columns=_columns(visit),
            label="Messages on the display",
            empty="None is known: set one, or ask the station what it shows.",
            kinds=("DisplayMessagesChanged",),
            station_key=at.key,
            key="id",
            paged=False,
        )
        DataTable(visit, listing, on_select=lambda message: _open(at, message))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="text", label="Message", cell=lambda message: str(message["message"]["content"])),
        Column(name="standing", label="State", cell=lambda m: badge_cell(look_of(STANDINGS, m["standing"]))),
        Column(name="while", label="While", cell=lambda m: word_of(STATES, m["state"] or "")),
        Column(name="priority", label="Place", cell=lambda m: word_of(PRIORITIES, m["priority"]), wide_only=True),
        Column(name="from", label="From", cell=lambda message: moment(message["from"], visit.zone), wide_only=True),
        Column(name="to", label="To", cell=lambda message: moment(message["to"], visit.zone), wide_only=True),
        Column(name="evse", label="EVSE", cell=lambda message: text(message["evse_id"]), wide_only=True),
    )


def message_fields(visit: Visit, message: Row | None = None) -> tuple[Field, ...]:
    """The inputs of a message, as it is at present."""
    is_, said = message or {}, (message or {}).get("message", {})
    return (
        Field(path="message.content", label="Text", kind="area", value=said.get("content")),
        Field(path="message.format", label="Form", kind="choice", options=_FORMATS, value=said.get("format", "UTF8")),
        Field(path="message.language", label="Language", value=said.get("language"), hint="Such as en or de"),
        Field(
            path="priority", label="Place", kind="choice", options=PRIORITIES, value=is_.get("priority", "NormalCycle")
        ),
        Field(path="state", label="While", kind="choice", options=STATES, value=is_.get("state") or ""),
        Field(path="from", label="From", kind="moment", value=is_.get("from")),
        Field(path="to", label="To", kind="moment", value=is_.get("to")),
        Field(
            path="evse_id", label="EVSE", kind="number", value=is_.get("evse_id"), hint="Empty: the station's display"
        ),
    )


def _set(at: Section) -> None:
    async def send(body: dict[str, Any]) -> None:
        given = await at.visit.api.post(at.path("display-messages"), body)
        at.outcomes.follow(given["command"], "Show a message")

    ask(at.visit, "Show a message", "Show", message_fields(at.visit), send)


async def _refresh(at: Section) -> None:
    await at.visit.trying(at.post("display-messages/refresh", {}, "Ask for the messages on the display"))


def _open(at: Section, message: Row) -> None:
    path = f"display-messages/{message['id']}"

    async def replace(body: dict[str, Any]) -> None:
        given = await at.visit.api.put(at.path(path), {**_kept(message), **body})
        at.outcomes.follow(given["command"], "Replace a message")

    form = ask(at.visit, f"Message {message['id']}", "Replace", message_fields(at.visit, message), replace)

    async def clear() -> None:
        form.close()
        await at.visit.trying(at.delete(path, "Clear a message"))

    with form:
        allow(at.visit, ui.button("Clear it", icon="delete", on_click=clear).props("flat no-caps"), "operator")


def _kept(message: Row) -> dict[str, Any]:
    """What the form does not show and a replacement would lose."""
    return {name: message[name] for name in ("transaction", "extra") if message[name]}
