"""The tab "Data transfer": vendors' own messages, in both directions, and sending one."""

import json
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.parts.raw import shown_raw
from stationmaster.ui.visit import Visit

_DIRECTIONS = {"": "Both ways", "in": "From the station", "out": "To the station"}
_MOST = 120


def build(visit: Visit, station: dict[str, Any]) -> None:
    with Desk(visit, station).section("Vendors' messages") as at:
        with tools():
            at.button("Send a message", "send", lambda: _send(at))
        direction = ui.select(_DIRECTIONS, value="", label="Show").classes("w-44")
        listing = Listing(
            path=at.path("data-transfers"),
            columns=_columns(visit),
            label="Vendors' messages",
            empty="None so far.",
            kinds=("DataTransfer", "CommandChanged"),
            station_key=at.key,
        )
        table = DataTable(visit, listing, on_select=_open)
        direction.on_value_change(lambda event: table.filter(direction=event.value or None))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="When", cell=lambda message: moment(message["at"], visit.zone)),
        Column(name="way", label="Direction", cell=lambda message: _DIRECTIONS[message["direction"]]),
        Column(name="vendor", label="Vendor", cell=lambda message: str(message["vendor_id"])),
        Column(name="message", label="Message", cell=lambda message: text(message["message_id"])),
        Column(name="status", label="Answer", cell=lambda message: str(message["status"])),
        Column(name="data", label="Data", cell=lambda message: shortened(message["data"]), wide_only=True),
    )


def shortened(data: Any) -> str:
    """The beginning of it."""
    if data is None:
        return text(None)
    whole = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return whole if len(whole) <= _MOST else f"{whole[:_MOST]}…"


def _open(message: Row) -> None:
    shown_raw(
        f"{message['vendor_id']} {text(message['message_id'])}",
        [("Data", message["data"]), ("Answer", message["answer"])],
    )


def _send(at: Section) -> None:
    fields = (
        Field(path="vendor_id", label="Vendor", hint="As the station's vendor names it, such as com.example"),
        Field(path="message_id", label="Message"),
        Field(path="data", label="Data", kind="area", hint="JSON; anything else is sent as the text it is"),
    )

    async def send(body: dict[str, Any]) -> None:
        command = {"type": "DataTransfer", **body}
        if "data" in body:
            command["data"] = read_data(body["data"])
        await at.command(command, f"Send {body.get('message_id') or 'a message'} of {body.get('vendor_id')}")

    ask(at.visit, "Send a vendor's message", "Send", fields, send)


def read_data(typed: str) -> Any:
    """As JSON where it is some."""
    try:
        return json.loads(typed)
    except ValueError:
        return typed
