"""The message log: what went over the wire, with secrets masked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation

from stationmaster.api.http.parameters import MAX_INT64, Limit, OfStation, Paging, Text, Within
from stationmaster.api.http.resources import PageOf, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.queries import FrameFilter, LoggedFrame

After = Annotated[int | None, QueryParameter(ge=0, le=MAX_INT64, description="The position of the last answer.")]


class MessageResource(msgspec.Struct, frozen=True, kw_only=True):
    """One frame. ``direction``: "in" from the station, "out" to it. ``frame`` is its text, masked. ``kind``: call,
    result, error, result_error, send, or other: what is no OCPP frame. ``error``: the code of an error."""

    key: int
    station: int
    station_identity: str | None
    at: datetime
    direction: str
    kind: str
    message_id: str | None
    action: str | None
    frame: str
    error: str | None


class MessageTail(msgspec.Struct, frozen=True, kw_only=True):
    """Frames, oldest first. ``position``: give it as ``after`` to get what comes next. ``more``: some of that is there
    already."""

    items: tuple[MessageResource, ...]
    position: int
    more: bool


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which frames a request is about, but for when."""

    station_key: int | None
    action: str | None
    direction: Literal["in", "out"] | None
    message_id: str | None
    failed: bool | None
    text: str | None


def wanted_frames(
    station_key: OfStation = None,
    action: Annotated[str | None, QueryParameter(max_length=50)] = None,
    direction: Annotated[
        Literal["in", "out"] | None, QueryParameter(description='"in" from the station, "out" to it.')
    ] = None,
    message_id: Annotated[
        str | None, QueryParameter(max_length=255, description="A call and its answer have the same.")
    ] = None,
    failed: Annotated[
        bool | None, QueryParameter(name="error", description="true: errors, and what is no OCPP frame.")
    ] = None,
    text: Text = None,
) -> Wanted:
    return Wanted(
        station_key=station_key,
        action=action,
        direction=direction,
        message_id=message_id,
        failed=failed,
        text=text,
    )


PROVIDED = {"wanted": Provide(wanted_frames, sync_to_thread=False)}
WantedFrames = NamedDependency[SkipValidation[Wanted]]


def frame_filter(
    request: ApiRequest,
    wanted: Wanted,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    *,
    oldest_first: bool = False,
) -> FrameFilter:
    named = msgspec.structs.asdict(wanted)
    return FrameFilter(tenant=request.tenant, from_at=from_at, to_at=to_at, oldest_first=oldest_first, **named)


@get("/", summary="The message log, newest first")
async def list_messages(
    request: ApiRequest, page: Paging, within: Within, wanted: WantedFrames
) -> PageOf[MessageResource]:
    query = frame_filter(request, wanted, within.from_at, within.to_at)
    found = await request.queries.frames(query, page)
    return PageOf(await message_resources(request, found.items), found.next_cursor)


@get("/tail", summary="What was added to the message log since you last asked")
async def follow_messages(
    request: ApiRequest, wanted: WantedFrames, after: After = None, limit: Limit = 50
) -> MessageTail:
    """Nothing is left out and nothing comes twice. Without ``after``: the newest there are."""
    tail = await request.queries.frame_tail(frame_filter(request, wanted), after, limit)
    items = await message_resources(request, tail.items)
    return MessageTail(items=items, position=tail.position, more=tail.more)


async def message_resources(request: ApiRequest, found: Sequence[LoggedFrame]) -> tuple[MessageResource, ...]:
    """With what their stations are called: asked once for a page."""
    identities = await request.queries.station_identities(
        request.tenant, {logged.frame.station_key for logged in found}
    )
    return tuple(message_resource(logged, identities.get(logged.frame.station_key)) for logged in found)


def message_resource(logged: LoggedFrame, identity: str | None) -> MessageResource:
    station_key = logged.frame.station_key
    return shaped(MessageResource, logged.frame, key=logged.key, station=station_key, station_identity=identity)


messages_router = Router(
    "/messages",
    route_handlers=[list_messages, follow_messages],
    dependencies=PROVIDED,
    tags=["Messages"],
)
