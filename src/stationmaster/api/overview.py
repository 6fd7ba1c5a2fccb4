"""The whole fleet at a glance: now, over the day, by station, and on a map."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, cast

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import Paging
from stationmaster.api.http.problems import invalid
from stationmaster.api.http.resources import shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.zones import zone_named
from stationmaster.domain.cost.sites import UTC_ZONE
from stationmaster.domain.overview import (
    MapArea,
    Overview,
    PowerHistory,
    SiteOverview,
    StationMap,
    StationUse,
    Use,
    UseOrder,
    UseSortedBy,
)
from stationmaster.domain.standing import Standing

Zone = Annotated[
    str | None,
    QueryParameter(
        max_length=64,
        description="Of the time-zone database: where the day begins. Without it, as at most of the sites, else UTC.",
    ),
]
Hours = Annotated[int, QueryParameter(ge=1, le=744, description="Beyond 48, slots are of an hour.")]
Sites = Annotated[int, QueryParameter(ge=1, le=50, description="Those with the most energy; the others as one.")]
Days = Annotated[int, QueryParameter(ge=1, le=31)]
OfSite = Annotated[str | None, QueryParameter(max_length=200, description="The site's name. Empty: at none.")]
UseSort = Annotated[
    Literal["uptime", "-uptime", "utilisation", "-utilisation"],
    QueryParameter(description="The least first; with a minus: the greatest."),
]
Cells = Annotated[int, QueryParameter(ge=1, le=100, description="Along the longer side of the area.")]
South = Annotated[float | None, QueryParameter(ge=-90, le=90)]
West = Annotated[float | None, QueryParameter(ge=-180, le=180)]
North = Annotated[float | None, QueryParameter(ge=-90, le=90)]
East = Annotated[float | None, QueryParameter(ge=-180, le=180)]


class MoneyResource(msgspec.Struct, frozen=True, kw_only=True):
    """What bills come to of sessions that ended today. ``held``: of those that somebody has to look at first."""

    currency: str
    issued: str
    held: str


class TransactionsOfDay(msgspec.Struct, frozen=True, kw_only=True):
    """``begun`` and ``over`` are counted by the day, ``running`` by now."""

    begun: int
    over: int
    running: int


class AlarmCount(msgspec.Struct, frozen=True):
    """``severity``: 0 is the worst, 9 the least."""

    severity: int
    count: int


class SiteOverviewResource(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` null: stations that stand at no site. ``utilisation`` is the share of the last 24 hours with a
    transaction, ``uptime`` the share of the last 7 days connected, each the mean of the site's stations, from 0 to 1;
    null: nothing is known yet."""

    name: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    address: str | None
    stations: dict[Standing, int]
    power_w: int
    energy_today_wh: int
    utilisation: float | None
    uptime: float | None


class OverviewResource(msgspec.Struct, frozen=True, kw_only=True):
    """Of one moment, ``at``: ``total`` stations, of which ``online`` are connected. The day began at ``day_from``, in
    ``zone``; ``energy_today_wh`` is what was charged since, by transactions that run, too. ``unacknowledged``: of the
    open alarms, those that nobody has seen to. ``sites``: those with the most stations first; ``sites_left_out`` are
    not told one by one, but are in all sums."""

    at: datetime
    zone: str
    day_from: datetime
    total: int
    online: int
    stations: dict[Standing, int]
    connectors: dict[str, int]
    power_w: int
    energy_today_wh: int
    money_today: tuple[MoneyResource, ...]
    transactions: TransactionsOfDay
    open_alarms: int
    alarms: tuple[AlarmCount, ...]
    unacknowledged: int
    sites: tuple[SiteOverviewResource, ...]
    sites_left_out: int


class StationUseResource(msgspec.Struct, frozen=True, kw_only=True):
    """``utilisation``: the share of time with a transaction; ``uptime``: the share of time connected; from 0 to 1,
    since the station's first connection; null: it never was, or the CSMS itself was down all the time."""

    key: int
    identity: str
    name: str | None
    site: str | None
    state: Standing
    utilisation: float | None
    uptime: float | None


class StationUsePageResource(msgspec.Struct, frozen=True):
    """All pages are as of the moment of the first, ``at``."""

    items: tuple[StationUseResource, ...]
    next_cursor: str | None
    at: datetime


@get("/", summary="How the fleet does now, and what the day has brought")
async def get_overview(request: ApiRequest, zone: Zone = None) -> OverviewResource:
    """Time in which the CSMS itself was down counts for nobody's uptime."""
    name = zone or _zone_of(request)
    now = request.services.clock.now()
    day_from = await _day_from(name, now)

    async def make() -> Overview:
        return await request.queries.overview(request.tenant, now, day_from)

    async def make_use() -> Mapping[str | None, Use]:
        return await request.queries.site_use(request.tenant, now)

    found = await request.shared.get(("overview", request.tenant, day_from), make)
    uses = await request.shared.get(("site use", request.tenant), make_use)
    return _overview_resource(found, uses, name)


@get("/power", summary="The power at each site over time")
async def get_power_history(request: ApiRequest, hours: Hours = 24, sites: Sites = 12) -> PowerHistory:
    """Means of samples that are taken once a minute, in slots of five minutes."""
    now = request.services.clock.now()

    async def make() -> PowerHistory:
        return await request.queries.power_history(request.tenant, now, hours, sites)

    return await request.shared.get(("power", request.tenant, hours, sites), make)


@get("/stations", summary="Utilisation and uptime of each station, the worst first")
async def list_station_use(
    request: ApiRequest, page: Paging, days: Days = 7, sort: UseSort = "uptime", site: OfSite = None
) -> StationUsePageResource:
    """Of the last days. Time in which the CSMS itself was down counts for nobody's uptime. Stations of which nothing is
    known come last."""
    order = UseOrder(cast("UseSortedBy", sort.removeprefix("-")), sort.startswith("-"))
    now = request.services.clock.now()
    found = await request.shared.get(
        ("use", request.tenant, days, sort, site, page.limit, page.cursor),
        lambda: request.queries.station_use(request.tenant, now, days, order, page, site),
    )
    return StationUsePageResource(tuple(map(_use_resource, found.items)), found.next_cursor, found.at)


@get("/map", summary="Where stations stand, and how")
async def get_station_map(
    request: ApiRequest,
    cells: Cells = 40,
    south: South = None,
    west: West = None,
    north: North = None,
    east: East = None,
) -> StationMap:
    """By their own coordinates, or else those of their site (see Sites). Stations in one cell are one point, and so are
    those that stand at one place; without an area, the one in which all of them stand is divided into cells."""
    area = _area(south, west, north, east)
    return await request.shared.get(
        ("map", request.tenant, cells, area),
        lambda: request.queries.station_map(request.tenant, cells, area),
    )


def _area(south: float | None, west: float | None, north: float | None, east: float | None) -> MapArea | None:
    if south is None and west is None and north is None and east is None:
        return None
    if south is None or west is None or north is None or east is None:
        raise invalid("query.south", "an area needs all of south, west, north and east")
    if south > north or west > east:
        raise invalid("query.north" if south > north else "query.east", "must not be less than the other side")
    return MapArea(south, west, north, east)


def _zone_of(request: ApiRequest) -> str:
    """Where most of the sites are, as nobody says where a tenant is."""
    zones = Counter(site.zone for site in request.services.tariffs.book.content(request.tenant).sites)
    return min(zones, key=lambda zone: (-zones[zone], zone)) if zones else UTC_ZONE


async def _day_from(zone: str, now: datetime) -> datetime:
    try:
        found = await asyncio.to_thread(zone_named, zone)
    except LookupError as error:
        raise invalid("query.zone", str(error)) from None
    midnight = now.astimezone(found).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    begun = midnight.astimezone(now.tzinfo)
    return begun if begun <= now else begun - timedelta(days=1)


def _overview_resource(found: Overview, uses: Mapping[str | None, Use], zone: str) -> OverviewResource:
    return shaped(
        OverviewResource,
        found,
        zone=zone,
        stations=dict(found.states),
        connectors=dict(found.connectors),
        energy_today_wh=found.energy_wh,
        money_today=tuple(
            MoneyResource(currency=each.currency, issued=str(each.issued), held=str(each.held)) for each in found.money
        ),
        transactions=shaped(TransactionsOfDay, found),
        open_alarms=sum(found.alarms.values()),
        alarms=tuple(AlarmCount(severity, count) for severity, count in sorted(found.alarms.items())),
        unacknowledged=found.unseen,
        sites=tuple(_site_resource(site, uses.get(site.name, Use())) for site in found.sites),
    )


def _site_resource(site: SiteOverview, use: Use) -> SiteOverviewResource:
    return shaped(
        SiteOverviewResource,
        site,
        stations=dict(site.states),
        energy_today_wh=site.energy_wh,
        utilisation=use.utilisation,
        uptime=use.uptime,
    )


def _use_resource(found: StationUse) -> StationUseResource:
    return shaped(StationUseResource, found, utilisation=found.use.utilisation, uptime=found.use.uptime)


overview_router = Router(
    "/overview",
    route_handlers=[get_overview, get_power_history, list_station_use, get_station_map],
    tags=["Overview"],
)
