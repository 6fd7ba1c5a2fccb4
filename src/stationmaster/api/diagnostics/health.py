"""How well one station gets along with this system."""

from datetime import datetime

import msgspec
from litestar import Router, get

from stationmaster.api.connectors import OddityResource
from stationmaster.api.http.parameters import StationKey
from stationmaster.api.http.resources import shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.queries import OddityCount, OddityFilter, PageRequest

_NEWEST = PageRequest(limit=10)
_VIOLATION = "schema_violation"


class StationHealth(msgspec.Struct, frozen=True, kw_only=True):
    """``connections``: how often it has connected, ever. ``reconnects_day`` and ``_week``: how often it came back after
    it was offline, in the last 24 hours and 7 days; ``offline_s``: how long it was that in those 7 days, seconds.
    ``skew_s``: its clock minus ours. ``schema_violations``: messages that were not as their schema has them, ever;
    ``oddities``: all that was odd, by kind, the most frequent first, and ``newest_oddities`` what it was lately.
    ``worst_alarm``: the severity of the worst open alarm, 0 the worst of all."""

    station: int
    station_identity: str
    connected: bool
    connected_at: datetime | None
    disconnected_at: datetime | None
    last_seen_at: datetime | None
    connections: int
    reconnects_day: int
    reconnects_week: int
    offline_s: int
    skew_s: float | None
    schema_violations: int
    oddities: tuple[OddityCount, ...]
    newest_oddities: tuple[OddityResource, ...]
    open_alarms: int
    worst_alarm: int | None


@get("/{station_key:int}/health", summary="How well a station gets along: connections, clock, oddities, alarms")
async def get_station_health(request: ApiRequest, station_key: StationKey) -> StationHealth:
    station = await known_station(request, station_key)
    queries, now = request.queries, request.services.clock.now()
    faults = await queries.station_faults(station_key, now)
    counts = await queries.oddity_counts(request.tenant, station_key)
    newest = await queries.oddities(OddityFilter(tenant=request.tenant, station_key=station_key), _NEWEST)
    return shaped(
        StationHealth,
        station,
        station=station.key,
        station_identity=station.identity,
        connected=station.is_connected,
        connections=station.generation,
        **msgspec.structs.asdict(faults),
        schema_violations=sum(each.count for each in counts if each.kind == _VIOLATION),
        oddities=tuple(counts),
        newest_oddities=tuple(shaped(OddityResource, logged.oddity, key=logged.key) for logged in newest.items),
    )


station_health_router = Router("/stations", route_handlers=[get_station_health], tags=["Stations"])
