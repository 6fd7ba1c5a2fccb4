"""Sites with their time zones, and where stations and EVSEs stand."""

from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Router, delete, get, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.cost.tariffs import refused
from stationmaster.api.http.numbers import check_numbers
from stationmaster.api.http.parameters import MAX_INT32, Paging, StationKey, Text
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import PageOf, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.tariff_desk import NotValid
from stationmaster.domain.cost.sites import PlaceFacts, Site
from stationmaster.domain.cost.tariff import EvseKind
from stationmaster.domain.queries import InvalidCursor

SiteName = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\- ]{0,99}$")]
EvseNumber = Annotated[int, PathParameter(ge=0, le=MAX_INT32, description="0: the station as a whole.")]
Zone = Annotated[
    str, Meta(min_length=1, max_length=64, description="Of the time-zone database.", examples=["Europe/Berlin"])
]


Latitude = Annotated[Decimal, Meta(description="Degrees north (WGS 84), from -90 to 90.", examples=[52.5163])]
Longitude = Annotated[Decimal, Meta(description="Degrees east, from -180 to 180.", examples=[13.3777])]


class SiteDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``latitude`` and ``longitude`` come together. What is left out is not known any more."""

    zone: Zone
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    address: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class SiteResource(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    zone: str
    latitude: Decimal | None
    longitude: Decimal | None
    address: str | None


class PlaceDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a station (EVSE 0) or one EVSE. What is left out is as at the station; the zone, as at the site; else UTC.
    ``max_power_w`` is what the EVSE can deliver: a meter that claims more has its bill held. Coordinates are of a
    station that has its own place on the map."""

    site: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    zone: Zone | None = None
    evse_kind: EvseKind | None = None
    max_power_w: Decimal | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class PlaceResource(msgspec.Struct, frozen=True, kw_only=True):
    """``zone_in_force`` is the one that prices go by."""

    station: int
    evse_id: int
    site: str | None
    zone: str | None
    evse_kind: EvseKind | None
    max_power_w: Decimal | None
    latitude: Decimal | None
    longitude: Decimal | None
    zone_in_force: str


@get("/", summary="Sites, by name")
async def list_sites(request: ApiRequest, page: Paging, text: Text = None) -> PageOf[SiteResource]:
    """``text``: some part of the name or the address."""
    found = sorted(request.services.tariffs.book.content(request.tenant).sites, key=lambda each: each.name)
    if page.cursor is not None and all(site.name != page.cursor for site in found):
        raise InvalidCursor("not a cursor of this list")
    wanted = (text or "").casefold()
    left = [
        site
        for site in found
        if site.name > (page.cursor or "") and wanted in f"{site.name}\n{site.address or ''}".casefold()
    ]
    shown = left[: page.limit]
    return PageOf(tuple(map(_site, shown)), shown[-1].name if len(left) > page.limit else None)


@get("/{name:str}", summary="One site")
async def get_site(request: ApiRequest, name: SiteName) -> SiteResource:
    for site in request.services.tariffs.book.content(request.tenant).sites:
        if site.name == name:
            return _site(site)
    raise not_found("site")


@put("/{name:str}", summary="Make a site, or change its time zone and its place on the map")
async def put_site(request: ApiRequest, name: SiteName, data: JSONBody[SiteDraft]) -> SiteResource:
    """Bills that are there keep the zone they were made with."""
    check_numbers(data)
    site: Site = shaped(Site, data, tenant=request.tenant, name=name)
    try:
        return _site(await request.services.tariffs.put_site(site))
    except NotValid as error:
        raise refused(error) from None


@get("/{station_key:int}/places", summary="What is said of where a station and its EVSEs stand")
async def list_places(request: ApiRequest, station_key: StationKey) -> PageOf[PlaceResource]:
    await _known(request, station_key)
    found = request.services.tariffs.book.content(request.tenant).places
    return PageOf(tuple(place_resource(request, each) for each in found if each.station_key == station_key), None)


@put("/{station_key:int}/places/{evse_id:int}", summary="Say where a station or an EVSE stands")
async def put_place(
    request: ApiRequest, station_key: StationKey, evse_id: EvseNumber, data: JSONBody[PlaceDraft]
) -> PlaceResource:
    """All of it anew. It holds for transactions that end from now on."""
    await _known(request, station_key)
    check_numbers(data)
    if data.max_power_w is not None and data.max_power_w <= 0:
        raise invalid("body.max_power_w", "must be more than 0")
    facts: PlaceFacts = shaped(PlaceFacts, data, station_key=station_key, evse_id=evse_id)
    try:
        await request.services.tariffs.put_place(request.tenant, facts)
    except NotValid as error:
        raise refused(error) from None
    return place_resource(request, facts)


@delete("/{station_key:int}/places/{evse_id:int}", summary="Take back what was said of a place")
async def delete_place(request: ApiRequest, station_key: StationKey, evse_id: EvseNumber) -> None:
    await _known(request, station_key)
    places = request.services.tariffs.book.content(request.tenant).places
    if not any((each.station_key, each.evse_id) == (station_key, evse_id) for each in places):
        raise not_found("place")
    await request.services.tariffs.forget_place(request.tenant, station_key, evse_id)


async def _known(request: ApiRequest, station_key: int) -> None:
    if await request.queries.station(request.tenant, station_key) is None:
        raise not_found("station")


def _site(site: Site) -> SiteResource:
    return shaped(SiteResource, site)


def place_resource(request: ApiRequest, facts: PlaceFacts) -> PlaceResource:
    place, _ = request.services.tariffs.book.place(request.tenant, facts.station_key, facts.evse_id, None)
    return shaped(PlaceResource, facts, station=facts.station_key, zone_in_force=place.zone)


sites_router = Router("/sites", route_handlers=[list_sites, get_site, put_site], tags=["Tariffs"])
places_router = Router("/stations", route_handlers=[list_places, put_place, delete_place], tags=["Tariffs"])
