"""Values that a station tells of periodically (2.1)."""

from typing import Any

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.configuration.values import full_name
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit


def event_streams(desk: Desk) -> None:
    """The section."""
    with desk.section("Event streams") as at:
        with tools():
            at.button("Ask the station", "refresh", lambda: _refresh(at))
        listing = Listing(
            path=at.path("event-streams"),
            columns=_columns(at.visit),
            label="Event streams",
            empty="None is open.",
            kinds=("StreamOpened", "StreamClosed", "CommandChanged"),
            station_key=at.key,
            key="id",
            paged=False,
        )
        DataTable(at.visit, listing, on_select=lambda stream: _open(at, stream))


def stream_in_words(stream: Row) -> str:
    """What it tells of."""
    if stream["component"] is None or stream["variable"] is None:
        return f"stream {stream['id']}"
    return full_name({**stream, "instance": stream["component_instance"]})


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="what", label="Value", cell=stream_in_words),
        Column(name="interval", label="Every (s)", align="right", cell=lambda stream: text(stream["interval_s"])),
        Column(name="values", label="Values in a message", align="right", cell=lambda stream: text(stream["values"])),
        Column(name="last", label="Last heard", cell=lambda stream: moment(stream["last_at"], visit.zone)),
        Column(name="pending", label="Waiting", align="right", cell=lambda s: text(s["pending"]), wide_only=True),
    )


async def _refresh(at: Section) -> None:
    await at.visit.trying(at.post("event-streams/refresh", None, "Ask for the event streams"))


def _open(at: Section, stream: Row) -> None:
    fields = (
        Field(path="interval_s", label="A message every so many seconds", kind="number", value=stream["interval_s"]),
        Field(path="values", label="and as soon as there are so many values", kind="number", value=stream["values"]),
    )

    async def send(body: dict[str, Any]) -> None:
        given = await at.visit.api.patch(at.path(f"event-streams/{stream['id']}"), body)
        at.outcomes.follow(given, f"Adjust {stream_in_words(stream)}")

    ask(at.visit, stream_in_words(stream), "Adjust", fields, send)
