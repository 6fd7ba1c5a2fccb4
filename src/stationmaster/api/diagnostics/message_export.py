"""A stretch of the message log as one file, to be attached to a bug report: JSON Lines, with secrets masked."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter
from litestar.response import Stream

from stationmaster.api.diagnostics.messages import (
    PROVIDED,
    MessageResource,
    Wanted,
    WantedFrames,
    frame_filter,
    message_resources,
)
from stationmaster.api.http.parameters import Within
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.queries import MAX_PAGE, FrameFilter, PageRequest
from stationmaster.domain.station import Station

MEDIA_TYPE = "application/x-ndjson"
MOST_LINES = 100_000
_USUAL_SPAN = timedelta(days=1)
_INSTANT = timedelta(milliseconds=1)
_encode = msgspec.json.Encoder(decimal_format="number").encode

Most = Annotated[
    int, QueryParameter(name="limit", ge=1, le=MOST_LINES, description="The most frames; the oldest ones are kept.")
]


class ExportedStation(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    identity: str
    version: str | None
    vendor: str
    model: str
    firmware_version: str | None


class ExportHeader(msgspec.Struct, frozen=True, kw_only=True, tag="header", tag_field="line"):
    """What the lines are about. ``program_version``: Stationmaster's. ``station`` null: they are of all of them."""

    program_version: str
    exported_at: datetime
    station: ExportedStation | None
    from_at: datetime = msgspec.field(name="from")
    to_at: datetime = msgspec.field(name="to")
    filters: dict[str, Any]


class ExportedMessage(MessageResource, frozen=True, kw_only=True, tag="message", tag_field="line"):
    """One frame, as in the message log."""


class ExportEnd(msgspec.Struct, frozen=True, kw_only=True, tag="end", tag_field="line"):
    """A file without it was cut on its way. ``complete`` false: there are more frames in that time than were wanted."""

    messages: int
    complete: bool


@get("/export", summary="A stretch of the message log as JSON Lines, oldest first")
async def export_messages(
    request: ApiRequest, within: Within, wanted: WantedFrames, most: Most = 10_000
) -> Response[Any]:
    """For a bug report: a line of its own for each frame, before them one about station and program, behind them one
    that says whether it is all. Without ``from``: the day before ``to``, or before now."""
    station = None if wanted.station_key is None else await known_station(request, wanted.station_key)
    to_at = within.to_at or request.services.clock.now() + _INSTANT
    from_at = within.from_at or to_at - _USUAL_SPAN
    query = frame_filter(request, wanted, from_at, to_at, oldest_first=True)
    name = "messages" if station is None else f"messages-{station.key}"
    return Stream(
        _lines(request, _header(request, wanted, station, from_at, to_at), query, most),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.jsonl"'},
    )


def _header(
    request: ApiRequest, wanted: Wanted, station: Station | None, from_at: datetime, to_at: datetime
) -> ExportHeader:
    named = {"error" if name == "failed" else name: value for name, value in msgspec.structs.asdict(wanted).items()}
    return ExportHeader(
        program_version=request.services.version,
        exported_at=request.services.clock.now(),
        station=None if station is None else _exported(station),
        from_at=from_at,
        to_at=to_at,
        filters={name: value for name, value in named.items() if value is not None and name != "station_key"},
    )


def _exported(station: Station) -> ExportedStation:
    info = station.info
    return ExportedStation(
        key=station.key,
        identity=station.identity,
        version=station.version,
        vendor=info.vendor,
        model=info.model,
        firmware_version=info.firmware_version,
    )


async def _lines(request: ApiRequest, header: ExportHeader, query: FrameFilter, most: int) -> AsyncIterator[bytes]:
    yield _encode(header) + b"\n"
    told, cursor = 0, None
    while told < most:
        page = PageRequest(limit=min(MAX_PAGE, most - told), cursor=cursor)
        found = await request.queries.frames(query, page)
        if found.items:
            yield b"".join(map(_line, await message_resources(request, found.items)))
        told, cursor = told + len(found.items), found.next_cursor
        if cursor is None:
            break
    yield _encode(ExportEnd(messages=told, complete=cursor is None)) + b"\n"


def _line(message: MessageResource) -> bytes:
    return _encode(ExportedMessage(**msgspec.structs.asdict(message))) + b"\n"


message_export_router = Router("/messages", route_handlers=[export_messages], dependencies=PROVIDED, tags=["Messages"])
