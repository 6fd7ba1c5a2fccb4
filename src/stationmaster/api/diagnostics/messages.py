"""The message log: what went over the wire, with secrets masked."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import OfStation, Paging, Text, Within
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.queries import FrameFilter, LoggedFrame


class MessageResource(msgspec.Struct, frozen=True, kw_only=True):
    """One frame. ``direction``: "in" from the station, "out" to it. ``frame`` is its text, masked."""

    key: int
    station: int
    at: datetime
    direction: str
    kind: str
    message_id: str | None
    action: str | None
    frame: str
    error: str | None


@get("/", summary="The message log, newest first")
async def list_messages(
    request: ApiRequest,
    page: Paging,
    within: Within,
    station_key: OfStation = None,
    action: Annotated[str | None, QueryParameter(max_length=50)] = None,
    direction: Annotated[
        Literal["in", "out"] | None, QueryParameter(description='"in" from the station, "out" to it.')
    ] = None,
    text: Text = None,
) -> PageOf[MessageResource]:
    query = FrameFilter(
        tenant=request.tenant,
        station_key=station_key,
        action=action,
        direction=direction,
        text=text,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    return page_of(await request.queries.frames(query, page), _resource)


def _resource(logged: LoggedFrame) -> MessageResource:
    return shaped(MessageResource, logged.frame, key=logged.key, station=logged.frame.station_key)


messages_router = Router("/messages", route_handlers=[list_messages], tags=["Messages"])
