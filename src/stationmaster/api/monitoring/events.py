"""The live event stream (server-sent events)."""

from functools import partial
from typing import Annotated

from litestar import Router, get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from stationmaster.api.http.event_stream import TooManyStreams, Wanted
from stationmaster.api.http.parameters import MAX_INT64, OfStation
from stationmaster.api.http.problems import ProblemError
from stationmaster.api.http.services import ApiRequest, Services
from stationmaster.domain.people.person import Caller

MEDIA_TYPE = "text/event-stream"

LastEventId = Annotated[
    int | None,
    HeaderParameter(name="Last-Event-ID", ge=0, le=MAX_INT64, description="The last id seen: tell what came after it."),
]
Kinds = Annotated[
    list[str] | None,
    QueryParameter(name="kind", max_items=50, description="Only events of these kinds; may be given several times."),
]


def still_known(services: Services, caller: Caller) -> bool:
    """Whether the session or key that let a caller in is in force. To look is no use of a session."""
    if caller.kind == "api_key":
        return any(key.key == caller.key for key in services.key_ring.of_tenant(caller.tenant))
    sessions = services.people.sessions
    session = sessions.of_caller(caller)
    return session is not None and services.clock.now() < sessions.ends_at(session)


@get("/", summary="Events as they happen", media_type=MEDIA_TYPE)
async def stream_events(
    request: ApiRequest, kinds: Kinds = None, station_key: OfStation = None, last_event_id: LastEventId = None
) -> Stream:
    """Server-sent events. Each has the event's kind as ``event`` and a JSON object with seq, kind, at, station (key)
    and data. Events with an ``id`` are kept for days, so that Last-Event-ID takes a stream up where it broke; each is
    told at least once. Those without (periodic readings) are told only live. An event of the kind gap says that those
    between ``after`` and ``next`` are no longer kept: read anew what you follow. A comment line comes every 15
    seconds. Events of people, sessions and keys are told to administrators alone. The stream ends with the session or
    key that opened it."""
    wanted = Wanted(
        tenant=request.tenant,
        role=request.caller.role,
        kinds=frozenset(kinds or ()),
        station_key=station_key,
        after=last_event_id,
    )
    try:
        frames = await request.streams.open(wanted, partial(still_known, request.services, request.caller))
    except TooManyStreams:
        raise ProblemError(503, "Too many event streams are open.", headers={"Retry-After": "30"}) from None
    return Stream(frames, media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


events_router = Router("/events", route_handlers=[stream_events], tags=["Events"])
