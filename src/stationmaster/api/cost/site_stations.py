"""What stands at a site: putting stations there, and all that is said of places there."""

from typing import Annotated

import msgspec
from litestar import Router, get, patch
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.cost.sites import PlaceResource, SiteName, place_resource
from stationmaster.api.cost.tariffs import refused
from stationmaster.api.http.parameters import MAX_INT64, Paging
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import PageOf, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.tariff_desk import NotValid
from stationmaster.domain.queries import InvalidCursor

MOST = 1000
Keys = Annotated[tuple[Annotated[int, Meta(ge=1, le=MAX_INT64)], ...], Meta(max_length=MOST)]


class SiteStationsChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of stations. What else is said of their places stays."""

    add: Keys = ()
    remove: Keys = ()


class SiteStationsResource(msgspec.Struct, frozen=True, kw_only=True):
    """Those that stand there now and did not, and the other way round."""

    site: str
    added: tuple[int, ...]
    removed: tuple[int, ...]


class SitePlaceResource(PlaceResource, frozen=True, kw_only=True):
    """EVSE 0 is the station as a whole."""

    station_identity: str | None


@get("/{name:str}/places", summary="The stations and EVSEs that are said to stand at a site, by station")
async def list_site_places(request: ApiRequest, page: Paging, name: SiteName) -> PageOf[SitePlaceResource]:
    _check_site(request, name)
    found = request.services.tariffs.book.content(request.tenant).places
    there = sorted((each for each in found if each.site == name), key=lambda each: (each.station_key, each.evse_id))
    after = _position(page.cursor)
    left = [each for each in there if (each.station_key, each.evse_id) > after]
    shown = left[: page.limit]
    identities = await request.queries.station_identities(request.tenant, {each.station_key for each in shown})
    items = tuple(
        shaped(
            SitePlaceResource,
            place_resource(request, each),
            station_identity=identities.get(each.station_key),
        )
        for each in shown
    )
    more = len(left) > page.limit
    return PageOf(items, f"{shown[-1].station_key}.{shown[-1].evse_id}" if more else None)


@patch("/{name:str}/stations", summary="Put stations at a site, or take them off it")
async def change_site_stations(
    request: ApiRequest, name: SiteName, data: JSONBody[SiteStationsChange]
) -> SiteStationsResource:
    """It holds for transactions that end from now on. All of it is done, or nothing."""
    _check_site(request, name)
    for field in ("add", "remove"):
        keys = getattr(data, field)
        known = await request.queries.station_identities(request.tenant, keys)
        unknown = [place for place, key in enumerate(keys) if key not in known]
        if unknown:
            raise invalid(f"body.{field}[{unknown[0]}]", "there is no such station")
    try:
        added, removed = await request.services.tariffs.put_stations(request.tenant, name, data.add, data.remove)
    except NotValid as error:
        raise refused(error) from None
    return SiteStationsResource(site=name, added=added, removed=removed)


def _check_site(request: ApiRequest, name: str) -> None:
    if all(site.name != name for site in request.services.tariffs.book.content(request.tenant).sites):
        raise not_found("site")


def _position(cursor: str | None) -> tuple[int, int]:
    """Raises InvalidCursor."""
    if cursor is None:
        return (0, -1)
    station, _, evse = cursor.partition(".")
    if not (station.isdecimal() and evse.isdecimal() and len(cursor) < 40):
        raise InvalidCursor("not a cursor of this list")
    return (int(station), int(evse))


site_stations_router = Router("/sites", route_handlers=[list_site_places, change_site_stations], tags=["Tariffs"])
