"""Stations and their connectors; the whole aggregate of one."""

import sqlite3
from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest, StationFilter
from stationmaster.domain.station import Connector, Place, Station, StationState
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.aggregate import open_transactions
from stationmaster.storage.reads.battery_swap import newest_swaps
from stationmaster.storage.reads.der import load_der
from stationmaster.storage.reads.display import known_messages
from stationmaster.storage.reads.event_streams import open_streams
from stationmaster.storage.reads.firmware import newest_publications, newest_updates
from stationmaster.storage.reads.inquiries import inquiries
from stationmaster.storage.reads.local_list import known_list
from stationmaster.storage.reads.monitoring import watched
from stationmaster.storage.reads.paging import page
from stationmaster.storage.reads.registers import known_registers
from stationmaster.storage.reads.reservation import open_reservations
from stationmaster.storage.reads.station_filter import station_conditions
from stationmaster.storage.rows import to_connector, to_station
from stationmaster.storage.schema.core import connectors, evse_names, learned, stations
from stationmaster.storage.statements import compiled

STATION_COLUMNS = (
    stations.c.body,
    stations.c.generation,
    stations.c.version,
    stations.c.info,
    stations.c.boot_reason,
    stations.c.booted_at,
    stations.c.connected_at,
    stations.c.disconnected_at,
    stations.c.last_seen_at,
    stations.c.skew_s,
    stations.c.callback,
)
_ALL = compiled(sa.select(*STATION_COLUMNS).order_by(stations.c.key))
_ONE = compiled(sa.select(*STATION_COLUMNS).where(stations.c.key == sa.bindparam("key")))
_BY_IDENTITY = compiled(
    sa.select(*STATION_COLUMNS).where(
        stations.c.tenant == sa.bindparam("tenant"), stations.c.identity == sa.bindparam("identity")
    )
)
_CONNECTORS = compiled(
    sa.select(connectors.c.body)
    .where(connectors.c.station_key == sa.bindparam("key"))
    .order_by(connectors.c.evse_id, connectors.c.connector_id)
)
_CONNECTORS_OF = compiled(
    sa.select(connectors.c.body)
    .join(stations, stations.c.key == connectors.c.station_key)
    .where(stations.c.key == sa.bindparam("key"), stations.c.tenant == sa.bindparam("tenant"))
    .order_by(connectors.c.evse_id, connectors.c.connector_id)
)
_EVSE_NAMES = compiled(
    sa.select(evse_names.c.evse_id, evse_names.c.connector_id, evse_names.c.eid).where(
        evse_names.c.station_key == sa.bindparam("key"), evse_names.c.eid.is_not(None)
    )
)
_LEARNED = compiled(sa.select(learned.c.name, learned.c.value).where(learned.c.station_key == sa.bindparam("key")))


class StationReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def all_stations(self) -> Sequence[Station]:
        """Those of every tenant, for the directory in memory."""
        return await self._run(lambda connection: [to_station(row) for row in fetch(connection, _ALL)])

    async def load(self, station_key: int) -> StationState | None:
        """The aggregate as it was in memory after the last commit."""
        return await self._run(lambda connection: _load(connection, station_key))

    async def evse_names(self, station_key: int) -> dict[Place, str]:
        """What roaming partners call the station's EVSEs, by place; of any tenant."""
        return await self._run(lambda connection: evse_names_of(connection, station_key))

    async def find_station(self, tenant: str, identity: str) -> Station | None:
        return await self._run(
            lambda connection: next(
                map(to_station, fetch(connection, _BY_IDENTITY, tenant=tenant, identity=identity)), None
            )
        )

    async def station(self, tenant: str, station_key: int) -> Station | None:
        """None where it is another tenant's."""

        def read(connection: sqlite3.Connection) -> Station | None:
            found = next(map(to_station, fetch(connection, _ONE, key=station_key)), None)
            return found if found is not None and found.tenant == tenant else None

        return await self._run(read)

    async def stations(self, query: StationFilter, request: PageRequest = FIRST_PAGE) -> Page[Station]:
        statement = sa.select(*STATION_COLUMNS).where(*station_conditions(query))
        return await self._run(
            lambda connection: page(connection, statement, (stations.c.identity,), request, to_station)
        )

    async def connectors(self, tenant: str, station_key: int) -> Sequence[Connector]:
        """Those of one station, by EVSE and connector."""
        return await self._run(
            lambda connection: [
                to_connector(row[0]) for row in fetch(connection, _CONNECTORS_OF, key=station_key, tenant=tenant)
            ]
        )


def _load(connection: sqlite3.Connection, station_key: int) -> StationState | None:
    found = fetch(connection, _ONE, key=station_key)
    if not found:
        return None
    known = connectors_of(connection, station_key)
    return StationState(
        station=to_station(found[0]),
        connectors={(c.evse_id, c.connector_id): c for c in known},
        open={t.wire_id: t for t in open_transactions(connection, station_key)},
        eids=evse_names_of(connection, station_key),
        learned=dict(fetch(connection, _LEARNED, key=station_key)),
        der=load_der(connection, station_key),
        swaps=newest_swaps(connection, station_key),
        streams=open_streams(connection, station_key),
        watched=watched(connection, station_key),
        updates=newest_updates(connection, station_key),
        publications=newest_publications(connection, station_key),
        inquiries=inquiries(connection, station_key),
        local_list=known_list(connection, station_key),
        messages=known_messages(connection, station_key),
        reservations=open_reservations(connection, station_key),
        registers=known_registers(connection, station_key),
    )


def connectors_of(connection: sqlite3.Connection, station_key: int) -> list[Connector]:
    """By EVSE and connector; of a station of any tenant."""
    return [to_connector(row[0]) for row in fetch(connection, _CONNECTORS, key=station_key)]


def evse_names_of(connection: sqlite3.Connection, station_key: int) -> dict[Place, str]:
    """By place; of a station of any tenant."""
    found = fetch(connection, _EVSE_NAMES, key=station_key)
    return {(evse_id, connector_id): eid for evse_id, connector_id, eid in found}
