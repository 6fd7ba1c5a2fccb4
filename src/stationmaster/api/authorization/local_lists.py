"""Local authorization lists: how each station's one stands, what is on it, and who keeps it."""

from collections.abc import Mapping
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post, put
from litestar.params import JSONBody, QueryParameter

from stationmaster.api.http.parameters import Paging, StationKey, Wait
from stationmaster.api.http.problems import ProblemError, conflict
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.ports import Bus, Subscription
from stationmaster.api.stations import known_station
from stationmaster.clock.timeouts import within
from stationmaster.csms import subjects
from stationmaster.csms.local_list.lists import OFF, Ask
from stationmaster.domain.local_list.entries import ListEntry, ListState, ListWish, LocalListState
from stationmaster.domain.messages import AuthorizationStatus
from stationmaster.domain.queries import InvalidCursor, PageRequest

_ANSWER_S = 5.0


class LocalListResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: off (it is not kept), unknown, unsupported, in_sync, stale (to be sent), partial, or refused, and then
    ``problem``. ``left_out`` counts tokens by the reason why they are not on it. ``kept``: what was decided for this
    station, null: as the tenant's setting local_lists has it."""

    station: int
    state: ListState
    kept: bool | None
    version: int
    entries: int
    left_out: Mapping[str, int]
    problem: str | None
    checked_at: datetime | None
    sent_at: datetime | None
    resync_at: datetime | None


class LocalListLine(msgspec.Struct, frozen=True, kw_only=True):
    """As a resource, without what was decided for the station."""

    station: int
    state: ListState
    version: int
    entries: int
    problem: str | None
    checked_at: datetime | None
    sent_at: datetime | None


class ListEntryResource(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    type: str | None
    status: AuthorizationStatus
    group: str | None
    expires_at: datetime | None
    evse_ids: tuple[int, ...]


class Keeping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``kept``: whether the CSMS keeps this station's list; null: as the tenant's setting has it."""

    kept: bool | None


class Sync(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``full``: send the whole list, whatever the station has."""

    full: bool = False


@get("/{station_key:int}/local-list", summary="How the local list of a station stands")
async def get_local_list(request: ApiRequest, station_key: StationKey) -> LocalListResource:
    await known_station(request, station_key)
    return await _shown(request, station_key)


@put("/{station_key:int}/local-list", summary="Decide whether the local list of a station is kept")
async def keep_local_list(request: ApiRequest, station_key: StationKey, data: JSONBody[Keeping]) -> LocalListResource:
    await known_station(request, station_key)
    wish = ListWish(station_key=station_key, tenant=request.tenant, wanted=data.kept)
    await request.services.journal.store([wish])
    await request.services.bus.publish(subjects.LOCAL_LISTS, msgspec.json.encode(Ask(station_key)))
    return await _shown(request, station_key)


@get("/{station_key:int}/local-list/entries", summary="What is on the local list of a station, as far as it is known")
async def list_local_list_entries(
    request: ApiRequest, page: Paging, station_key: StationKey
) -> PageOf[ListEntryResource]:
    """Nothing while the station's list is being changed, or was sent by hand."""
    await known_station(request, station_key)
    known = await request.queries.local_list(request.tenant, station_key)
    content = None
    if known is not None and known.digest is not None:
        content = await request.queries.list_content(request.tenant, known.digest)
    return _some(() if content is None else content.entries, page)


@post(
    "/{station_key:int}/local-list/sync",
    status_code=202,
    summary="Look at a station's local list, and send what differs",
)
async def sync_local_list(
    request: ApiRequest, station_key: StationKey, data: JSONBody[Sync], wait: Wait = 0
) -> Response[LocalListResource]:
    """The answer tells how the list stands after at most ``wait`` seconds."""
    await known_station(request, station_key)
    bus, clock = request.services.bus, request.services.clock
    number = request.services.keys.take()
    async with aclosing(bus.subscribe(subjects.list_looked_at(station_key))) as heard:
        asked = msgspec.json.encode(Ask(station_key, full=data.full, number=number))
        if await _handed_over(bus, asked) == OFF:
            raise conflict("local-lists-off", "The local list of this station is not kept by the CSMS.")
        if wait:
            with suppress(TimeoutError):
                await within(clock, wait, _done(heard, number))
    shown = await _shown(request, station_key)
    if shown.state == "unsupported":
        raise conflict("local-list-unsupported", shown.problem or "The station has no local authorization list.")
    return JsonResponse(shown, status_code=202)


@get("/", summary="How the local lists of stations stand, by station")
async def list_local_lists(
    request: ApiRequest, page: Paging, in_state: Annotated[ListState | None, QueryParameter(name="state")] = None
) -> PageOf[LocalListLine]:
    found = await request.queries.local_lists(request.tenant, in_state, page)
    return page_of(found, lambda known: shaped(LocalListLine, known, station=known.station_key))


async def _handed_over(bus: Bus, asked: bytes) -> bytes:
    try:
        return await bus.request(subjects.LIST_DESK, asked, _ANSWER_S)
    except (LookupError, TimeoutError):
        raise ProblemError(503, "Nobody looks after local lists now.", headers={"Retry-After": "30"}) from None


async def _done(heard: Subscription, number: int) -> None:
    while number not in msgspec.json.decode((await anext(heard)).body, type=tuple[int, ...]):
        pass


async def _shown(request: ApiRequest, station_key: int) -> LocalListResource:
    known = await request.queries.local_list(request.tenant, station_key)
    if known is None:
        known = LocalListState(station_key=station_key, tenant=request.tenant)
    kept = await request.queries.local_list_wish(station_key)
    return shaped(LocalListResource, known, station=station_key, kept=kept)


def _some(entries: tuple[ListEntry, ...], page: PageRequest) -> PageOf[ListEntryResource]:
    """The cursor is a name: entries are in the order of their names. Raises InvalidCursor."""
    if page.cursor is not None and "|" not in page.cursor:
        raise InvalidCursor("not a cursor of this list")
    left = [entry for entry in entries if page.cursor is None or entry.name > page.cursor]
    items = tuple([_entry_resource(entry) for entry in left[: page.limit]])
    return PageOf(items, left[page.limit - 1].name if len(left) > page.limit else None)


def _entry_resource(entry: ListEntry) -> ListEntryResource:
    info = entry.info
    assert info is not None, "a compiled list takes nothing off"
    return ListEntryResource(
        value=entry.id_token.value,
        type=entry.id_token.type,
        status=info.status,
        group=None if info.group is None else info.group.value,
        expires_at=info.cache_expiry,
        evse_ids=info.evse_ids,
    )


local_lists_router = Router("/local-lists", route_handlers=[list_local_lists], tags=["Local lists"])
station_local_list_router = Router(
    "/stations",
    route_handlers=[get_local_list, keep_local_list, list_local_list_entries, sync_local_list],
    tags=["Local lists"],
)
