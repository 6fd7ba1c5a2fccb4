"""The live event stream (server-sent events)."""

from typing import Annotated

from litestar import Router, get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from stationmaster.api.http.event_stream import TooManyStreams, Wanted
from stationmaster.api.http.parameters import MAX_INT64, OfStation
from stationmaster.api.http.problems import ProblemError
from stationmaster.api.http.services import ApiRequest

MEDIA_TYPE = "text/event-stream"

LastEventId = Annotated[
    int | None,
    HeaderParameter(name="Last-Event-ID", ge=0, le=MAX_INT64, description="The last id seen: tell what came after it."),
]
Kinds = Annotated[
    list[str] | None,
    QueryParameter(name="kind", max_items=50, description="Only events of these kinds; may be given several times."),
]


@get("/", summary="Events as they happen", media_type=MEDIA_TYPE)
async def stream_events(
    request: ApiRequest, kinds: Kinds = None, station_key: OfStation = None, last_event_id: LastEventId = None
) -> Stream:
    """Server-sent events. Each has the event's kind as ``event`` and a JSON object with seq, kind, at, station (key)
    and data. Events with an ``id`` are kept for days, so that Last-Event-ID takes a stream up where it broke; each is
    told at least once. Those without (periodic readings) are told only live. An event of the kind gap says that those
    between ``after`` and ``next`` are no longer kept: read anew what you follow. A comment line comes every 15
    seconds."""
    wanted = Wanted(tenant=request.tenant, kinds=frozenset(kinds or ()), station_key=station_key, after=last_event_id)
    try:
        frames = await request.streams.open(wanted)
    except TooManyStreams:
        raise ProblemError(503, "Too many event streams are open.", headers={"Retry-After": "30"}) from None
    return Stream(frames, media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


events_router = Router("/events", route_handlers=[stream_events], tags=["Events"])
