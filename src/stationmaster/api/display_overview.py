"""What stands on the displays of all stations, and one message for many of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.commands.display_drafts import MessageDraft
from stationmaster.api.display_messages import (
    DisplayMessageResource,
    DisplayMessageSet,
    display_message,
    new_id,
    set_message,
)
from stationmaster.api.http.parameters import MAX_INT64, OfStation, Paging, Text
from stationmaster.api.http.problems import invalid
from stationmaster.api.http.resources import PageOf
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.display_overview import DisplayFilter, StationDisplay

MOST_STATIONS = 200


class StationDisplayMessage(DisplayMessageResource, frozen=True, kw_only=True):
    """A message that is known to stand on a station's display; ``id`` is the station's own."""

    station: int
    station_identity: str


class DisplayMessageForMany(MessageDraft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message, and the keys of the stations that are to show it. It cannot belong to a transaction."""

    stations: Annotated[list[Annotated[int, Meta(ge=1, le=MAX_INT64)]], Meta(min_length=1, max_length=MOST_STATIONS)]


class DisplayMessagesSet(msgspec.Struct, frozen=True, kw_only=True):
    """In the order of ``stations``; each station knows it by an id of its own."""

    items: tuple[DisplayMessageSet, ...]


@get("/", summary="What is known to stand on the displays of stations, by identity")
async def list_station_displays(
    request: ApiRequest, page: Paging, station_key: OfStation = None, text: Text = None
) -> PageOf[StationDisplayMessage]:
    """``limit`` is how many stations: each comes with all that it shows. ``text`` is looked for in that."""
    query = DisplayFilter(tenant=request.tenant, station_key=station_key, text=text)
    now = request.services.clock.now()

    found = await request.queries.displays(query, page)
    items = [each for display in found.items for each in _messages(display, now)]
    return PageOf(tuple(items), found.next_cursor)


def _messages(display: StationDisplay, now: datetime) -> Iterator[StationDisplayMessage]:
    keys = display.under_way
    for known in display.messages:
        shown = display_message(known, now, keys.keys(), keys.get(known.info.transaction_id or ""))
        fields = msgspec.structs.asdict(shown)
        yield StationDisplayMessage(station=display.station_key, station_identity=display.identity, **fields)


@post("/", summary="Put a message on the displays of several stations")
async def set_display_messages(request: ApiRequest, data: JSONBody[DisplayMessageForMany]) -> DisplayMessagesSet:
    """O01. A command for each station, all of them on disk when this answers; each tells what became of it."""
    if data.transaction is not None:
        raise invalid("body.transaction", "a message for several stations belongs to no transaction")
    stations = list(dict.fromkeys(data.stations))
    known = await request.queries.station_identities(request.tenant, stations)
    for at, station_key in enumerate(data.stations):
        if station_key not in known:
            raise invalid(f"body.stations[{at}]", "there is no such station")
    data.info(0, None)
    made = [await set_message(request, key, await new_id(request, key), data, 0) for key in stations]
    return DisplayMessagesSet(items=tuple(made))


display_overview_router = Router(
    "/display-messages", route_handlers=[list_station_displays, set_display_messages], tags=["Display messages"]
)
