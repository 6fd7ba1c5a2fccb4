"""Stations: who is admitted, what is known of them, who knocks."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Meta, UnsetType

from stationmaster.api.http.parameters import Paging, PartyId, StationKey
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.station_callback import CallbackResource, Override, callback_resource
from stationmaster.api.station_query import STATION_QUERY, StationQuery, StationSort, order_of
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import RegistrationStatus
from stationmaster.domain.queries import CallerSeen
from stationmaster.domain.standing import Standing
from stationmaster.domain.station import Station, Strictness
from stationmaster.domain.station_list import FACETS, FacetValue, ListedStation
from stationmaster.ocpp.version import JSON_VERSIONS
from stationmaster.security.station_passwords import MAX_LENGTH, MIN_LENGTH, new_password

Identity = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9*\-_=:+|@.]{1,48}\Z",
        description="As in the URL that the station calls: 1 to 48 of A-Z, a-z, 0-9 and * - _ = : + | @ .",
        examples=["CS-0001"],
    ),
]
Password = Annotated[str, Meta(min_length=MIN_LENGTH, max_length=MAX_LENGTH, description="HTTP Basic password.")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
WireVersion = Annotated[str, Meta(max_length=5, description="As the wire spells it.", examples=["2.0.1"])]


class StationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A station to admit. ``generate``: make a password, which the answer holds this once."""

    identity: Identity
    password: Password | None = None
    generate: bool = False
    name: Name | None = None
    registration: RegistrationStatus = "Accepted"
    strictness: Strictness | None = None
    default_version: WireVersion | None = None
    party_id: PartyId | None = None


class StationChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays; null takes a value away."""

    password: Password | UnsetType = UNSET
    generate: bool = False
    name: Name | UnsetType | None = UNSET
    registration: RegistrationStatus | UnsetType = UNSET
    strictness: Strictness | UnsetType | None = UNSET
    default_version: WireVersion | UnsetType | None = UNSET
    party_id: PartyId | UnsetType | None = UNSET
    callback_override: Override | UnsetType | None = UNSET


class StationInfoResource(msgspec.Struct, frozen=True, kw_only=True):
    """What the station said of itself when it booted."""

    vendor: str
    model: str
    serial_number: str | None
    firmware_version: str | None
    iccid: str | None
    imsi: str | None
    meter_type: str | None
    meter_serial_number: str | None
    box_serial_number: str | None


class StationResource(msgspec.Struct, frozen=True, kw_only=True):
    """``skew_s``: the station's clock minus ours. ``connected`` is as last stored by the station's node. ``callback``:
    where it is called; null for one that keeps a line."""

    key: int
    identity: str
    name: str | None
    registration: RegistrationStatus
    strictness: Strictness | None
    default_version: str | None
    version: str | None
    connected: bool
    connected_at: datetime | None
    disconnected_at: datetime | None
    last_seen_at: datetime | None
    booted_at: datetime | None
    boot_reason: str | None
    created_at: datetime
    skew_s: float | None
    party_id: str | None
    has_password: bool
    callback: CallbackResource | None
    info: StationInfoResource


class ListedStationResource(StationResource, frozen=True, kw_only=True):
    """``state``: how the station stands, in one word. ``power_w`` is that of its transactions by now, as far as
    readings of the last half hour tell; null: they do not."""

    state: Standing
    site: str | None
    power_w: Decimal | None


class StationListPage(msgspec.Struct, frozen=True):
    """Some of the stations; ``next_cursor`` asks for those that follow, null: there are none. ``total`` is of all
    pages, if ``count`` was asked for."""

    items: tuple[ListedStationResource, ...]
    next_cursor: str | None
    total: int | None


class StationFacets(msgspec.Struct, frozen=True, kw_only=True):
    """The values that stations have, the most frequent first, at most 500 of each; null: those that have none."""

    state: tuple[FacetValue, ...]
    site: tuple[FacetValue, ...]
    version: tuple[FacetValue, ...]
    vendor: tuple[FacetValue, ...]
    model: tuple[FacetValue, ...]
    firmware_version: tuple[FacetValue, ...]


class StationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``password`` is set where one was generated: it can be read this once."""

    station: StationResource
    password: str | None = None


def station_resource(station: Station) -> StationResource:
    return shaped(StationResource, station, **_made_of(station))


def listed_station_resource(listed: ListedStation) -> ListedStationResource:
    own = {"state": listed.state, "site": listed.site, "power_w": listed.power_w}
    return shaped(ListedStationResource, listed.station, **own, **_made_of(listed.station))


def _made_of(station: Station) -> dict[str, Any]:
    return {
        "connected": station.is_connected,
        "has_password": station.password_hash is not None,
        "callback": callback_resource(station),
        "info": shaped(StationInfoResource, station.info),
    }


async def known_station(request: ApiRequest, station_key: int) -> Station:
    """The caller's station; a ProblemError of 404 where it is none, or another tenant's."""
    station = await request.queries.station(request.tenant, station_key)
    if station is None:
        raise not_found("station")
    return station


@get("/", summary="Stations, searched, filtered and sorted")
async def list_stations(
    request: ApiRequest,
    page: Paging,
    wanted: StationQuery,
    sort: StationSort = "identity",
    count: FromQuery[bool] = False,
) -> StationListPage:
    """Stations that lack what is sorted by come last. ``count``: tell how many there are on all pages, too; that is
    known after the first one."""
    now = request.services.clock.now()
    found = await request.queries.listed_stations(wanted.of(request.tenant), now, order_of(sort), page, count=count)
    return StationListPage(tuple(map(listed_station_resource, found.items)), found.next_cursor, found.total)


@get("/facets", summary="What stations can be filtered by, and how many have it")
async def get_station_facets(request: ApiRequest) -> StationFacets:
    found = await request.queries.station_facets(request.tenant)
    return StationFacets(**{name: tuple(found[name]) for name in FACETS})


@post("/", summary="Admit a station")
async def admit_station(request: ApiRequest, data: JSONBody[StationDraft]) -> Response[StationAnswer]:
    password = _password(data.password, generate=data.generate)
    station = await request.services.stations.create(
        StationRef(request.tenant, data.identity),
        password,
        name=data.name,
        registration=data.registration,
        strictness=data.strictness,
        default_version=_checked_version(data.default_version),
        party_id=data.party_id,
    )
    answer = StationAnswer(station=station_resource(station), password=password if data.generate else None)
    return JsonResponse(answer, headers={"Location": f"/api/v1/stations/{station.key}"})


@get("/unknown", summary="Callers that are no stations, to admit or to ignore")
async def list_unknown_callers(
    request: ApiRequest,
    page: Paging,
) -> PageOf[CallerSeen]:
    found = await request.queries.unknown_callers(request.tenant, page)
    return page_of(found, lambda caller: caller)


@get("/{station_key:int}", summary="One station")
async def get_station(request: ApiRequest, station_key: StationKey) -> ListedStationResource:
    found = await request.queries.listed_station(request.tenant, station_key, request.services.clock.now())
    if found is None:
        raise not_found("station")
    return listed_station_resource(found)


@patch("/{station_key:int}", summary="Change what an operator decides of a station")
async def change_station(request: ApiRequest, station_key: StationKey, data: JSONBody[StationChange]) -> StationAnswer:
    station = await known_station(request, station_key)
    given = None if data.password is UNSET else data.password
    password = _password(given, generate=data.generate)
    fields: dict[str, Any] = {
        name: value
        for name in ("name", "registration", "strictness", "default_version", "party_id", "callback_override")
        if (value := getattr(data, name)) is not UNSET
    }
    _checked_version(fields.get("default_version"))
    changed = await request.services.stations.change(station, password, **fields)
    return StationAnswer(station=station_resource(changed), password=password if data.generate else None)


def _password(given: str | None, *, generate: bool) -> str | None:
    if generate and given is not None:
        raise invalid("body.generate", "give a password or have one generated, not both")
    return new_password() if generate else given


def _checked_version(version: str | None) -> str | None:
    if version is not None and version not in JSON_VERSIONS:
        raise invalid("body.default_version", f"one of {', '.join(JSON_VERSIONS)}")
    return version


stations_router = Router(
    "/stations",
    route_handlers=[
        list_stations,
        admit_station,
        list_unknown_callers,
        get_station_facets,
        get_station,
        change_station,
    ],
    dependencies=STATION_QUERY,
    tags=["Stations"],
)
