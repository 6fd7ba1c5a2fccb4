"""Firmware: images, updates and their evidence, publications."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from stationmaster.domain.firmware.images import FirmwareImage
from stationmaster.domain.firmware.queries import UpdateFilter
from stationmaster.domain.firmware.updates import FirmwareStatusRecord, FirmwareUpdate, Publication
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.domain.station import MAX_UPDATES
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.schema.firmware import (
    OPEN,
    firmware_campaigns,
    firmware_images,
    firmware_statuses,
    firmware_updates,
    publications,
)
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.firmware import to_image, to_publication, to_status, to_update

Found = TypeVar("Found")

_i, _u, _p = firmware_images.c, firmware_updates.c, publications.c
_NEWEST = compiled(
    sa.select(_u.body)
    .where(_u.station_key == sa.bindparam("station_key"))
    .order_by(_u.key.desc())
    .limit(sa.literal_column(str(MAX_UPDATES)))
)
_NEWEST_PUBLICATIONS = compiled(
    sa.select(_p.body)
    .where(_p.station_key == sa.bindparam("station_key"))
    .order_by(_p.key.desc())
    .limit(sa.literal_column(str(MAX_UPDATES)))
)
_OPEN = compiled(sa.select(_u.body).where(OPEN).order_by(_u.key))
_STATUSES = compiled(
    sa.select(*list(firmware_statuses.c)[1:])
    .where(firmware_statuses.c.update_key == sa.bindparam("update_key"))
    .order_by(firmware_statuses.c.key)
)


def newest_updates(connection: sqlite3.Connection, station_key: int) -> tuple[FirmwareUpdate, ...]:
    """A station's last few, oldest first."""
    found = fetch(connection, _NEWEST, station_key=station_key)
    return tuple(to_update(row[0]) for row in reversed(found))


def newest_publications(connection: sqlite3.Connection, station_key: int) -> tuple[Publication, ...]:
    """A station's last few, oldest first."""
    found = fetch(connection, _NEWEST_PUBLICATIONS, station_key=station_key)
    return tuple(to_publication(row[0]) for row in reversed(found))


class FirmwareReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def firmware_image(self, tenant: str, key: int) -> FirmwareImage | None:
        """None where it is another tenant's."""
        return await self._one(sa.select(_i.body).where(_i.key == key, _i.tenant == tenant), to_image)

    async def firmware_images(self, tenant: str, request: PageRequest = FIRST_PAGE) -> Page[FirmwareImage]:
        """Newest first."""
        statement = sa.select(_i.body).where(_i.tenant == tenant)
        return await self._page(statement, _i.key, request, to_image)

    async def firmware_update(self, tenant: str, key: int) -> FirmwareUpdate | None:
        """None where it is another tenant's."""
        return await self._one(sa.select(_u.body).where(_u.key == key, _u.tenant == tenant), to_update)

    async def firmware_updates(self, query: UpdateFilter, request: PageRequest = FIRST_PAGE) -> Page[FirmwareUpdate]:
        """Newest first."""
        given = matching(
            [
                (_u.tenant, query.tenant),
                (_u.station_key, query.station_key),
                (_u.campaign_key, query.campaign_key),
                (_u.state, query.state),
            ]
        )
        return await self._page(sa.select(_u.body).where(*given), _u.key, request, to_update)

    async def open_firmware_updates(self) -> Sequence[FirmwareUpdate]:
        """Those of every tenant that something is still to come of."""
        return await self._run(lambda connection: [to_update(row[0]) for row in fetch(connection, _OPEN)])

    async def uses_of_image(self, image_key: int) -> int:
        """How many open updates and campaigns that are not over are about an image."""
        updates = sa.select(sa.func.count()).select_from(firmware_updates).where(_u.image_key == image_key, OPEN)
        campaigns = (
            sa.select(sa.func.count())
            .select_from(firmware_campaigns)
            .where(
                firmware_campaigns.c.image_key == image_key, firmware_campaigns.c.state.not_in(("aborted", "finished"))
            )
        )
        found = await self._run(lambda connection: (fetch(connection, updates), fetch(connection, campaigns)))
        return sum(int(rows[0][0]) for rows in found)

    async def firmware_statuses(self, update_key: int) -> Sequence[FirmwareStatusRecord]:
        """What was told of an update, in the order of arrival."""
        return await self._run(
            lambda connection: [to_status(row) for row in fetch(connection, _STATUSES, update_key=update_key)]
        )

    async def publication(self, tenant: str, key: int) -> Publication | None:
        return await self._one(sa.select(_p.body).where(_p.key == key, _p.tenant == tenant), to_publication)

    async def publications(self, tenant: str, station_key: int, request: PageRequest = FIRST_PAGE) -> Page[Publication]:
        """Newest first."""
        statement = sa.select(_p.body).where(_p.tenant == tenant, _p.station_key == station_key)
        return await self._page(statement, _p.key, request, to_publication)

    async def _one(self, statement: sa.Select[Any], read: Callable[[Any], Found]) -> Found | None:
        found = await self._run(lambda connection: fetch(connection, statement))
        return read(found[0][0]) if found else None

    async def _page(
        self, statement: sa.Select[Any], key: sa.ColumnElement[Any], request: PageRequest, read: Callable[[Any], Found]
    ) -> Page[Found]:
        return await self._run(
            lambda connection: page(connection, statement, (key,), request, lambda row: read(row[0]), newest_first=True)
        )
