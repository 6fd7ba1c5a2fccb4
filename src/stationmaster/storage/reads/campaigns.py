"""Firmware campaigns and their members."""

import sqlite3
from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.firmware.campaign import Campaign, CampaignState
from stationmaster.domain.firmware.queries import CampaignLoad, MemberFilter, MemberSeen
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.schema.core import stations
from stationmaster.storage.schema.firmware import campaign_members, firmware_campaigns, firmware_updates
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.firmware import to_campaign, to_info, to_member, to_update
from stationmaster.storage.writes.stations import CONNECTED

_c, _m, _u, _s = firmware_campaigns.c, campaign_members.c, firmware_updates.c, stations.c
_RUNNING = ("running", "paused")
_UNDER_WAY = "under_way"
_WAVE: sa.ColumnElement[int] = sa.func.json_extract(_m.body, sa.literal_column("'$.wave'"))

_LOAD = compiled(sa.select(_c.body).where(_c.key == sa.bindparam("key")))
_MEMBERS = compiled(sa.select(_m.body).where(_m.campaign_key == sa.bindparam("key")).order_by(_m.place))
_UPDATES = compiled(sa.select(_u.body).where(_u.campaign_key == sa.bindparam("key")))
_HERE = compiled(
    sa.select(_s.key)
    .join(campaign_members, _m.station_key == _s.key)
    .where(_m.campaign_key == sa.bindparam("key"), CONNECTED)
)
_BUSY = compiled(
    sa.select(_m.station_key)
    .join(firmware_campaigns, _c.key == _m.campaign_key)
    .where(_c.state.in_(_RUNNING), _m.state.in_(("waiting", _UNDER_WAY)))
)
_TO_FOLLOW = compiled(
    sa.select(_c.key)
    .where(
        sa.or_(
            _c.state == "running",
            sa.exists().where(_m.campaign_key == _c.key, _m.state == _UNDER_WAY).correlate(firmware_campaigns),
        )
    )
    .order_by(_c.key)
)


class CampaignReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def campaign(self, tenant: str, key: int) -> Campaign | None:
        """None where it is another tenant's."""
        found = await self._run(lambda connection: fetch(connection, _LOAD, key=key))
        campaign = to_campaign(found[0][0]) if found else None
        return campaign if campaign is not None and campaign.tenant == tenant else None

    async def campaigns(
        self, tenant: str, request: PageRequest = FIRST_PAGE, state: CampaignState | None = None
    ) -> Page[Campaign]:
        """Newest first."""
        statement = sa.select(_c.body).where(*matching([(_c.tenant, tenant), (_c.state, state)]))
        return await self._run(
            lambda connection: page(
                connection, statement, (_c.key,), request, lambda row: to_campaign(row[0]), newest_first=True
            )
        )

    async def campaigns_to_follow(self) -> Sequence[int]:
        """Those that run, and those of which something is under way."""
        return await self._run(lambda connection: [row[0] for row in fetch(connection, _TO_FOLLOW)])

    async def campaign_load(self, key: int) -> CampaignLoad | None:
        """All of a campaign, as of one moment."""
        return await self._run(lambda connection: _load(connection, key))

    async def campaign_counts(self, keys: Sequence[int]) -> dict[int, dict[str, int]]:
        """Members by state, of each campaign."""
        statement = (
            sa.select(_m.campaign_key, _m.state, sa.func.count())
            .where(_m.campaign_key.in_(keys))
            .group_by(_m.campaign_key, _m.state)
        )
        counts: dict[int, dict[str, int]] = {key: {} for key in keys}
        for key, state, count in await self._run(lambda connection: fetch(connection, statement)):
            counts[key][state] = count
        return counts

    async def campaign_wave_counts(self, key: int) -> dict[int, dict[str, int]]:
        """Members by state, of each wave of a campaign of any tenant; waves count from 0."""
        statement = sa.select(_WAVE, _m.state, sa.func.count()).where(_m.campaign_key == key).group_by(_WAVE, _m.state)
        counts: dict[int, dict[str, int]] = {}
        for wave, state, count in await self._run(lambda connection: fetch(connection, statement)):
            counts.setdefault(wave, {})[state] = count
        return counts

    async def campaign_away(self, campaigns: Sequence[Campaign]) -> dict[int, int]:
        """Of each campaign that runs, for how many stations that are not connected its wave waits."""
        waves = {campaign.key: campaign.wave for campaign in campaigns if campaign.state == "running"}
        statement = (
            sa.select(_m.campaign_key, _m.body)
            .join(stations, _s.key == _m.station_key)
            .where(_m.campaign_key.in_(list(waves)), _m.state == "waiting", sa.not_(CONNECTED))
        )
        away = dict.fromkeys(waves, 0)
        for key, body in await self._run(lambda connection: fetch(connection, statement)):
            away[key] += to_member(body).wave == waves[key]
        return away

    async def campaign_members(self, query: MemberFilter, request: PageRequest = FIRST_PAGE) -> Page[MemberSeen]:
        """In the order in which they were drawn, each with its last update."""
        statement = (
            sa.select(_m.body, _s.identity, _s.info, _u.body)
            .join(stations, sa.and_(_s.key == _m.station_key, _s.tenant == query.tenant))
            .outerjoin(firmware_updates, _u.key == _m.update_key)
            .where(*matching([(_m.campaign_key, query.campaign_key), (_m.state, query.state), (_WAVE, query.wave)]))
        )
        return await self._run(lambda connection: page(connection, statement, (_m.place,), request, _seen))

    async def stations_in_campaigns(self) -> frozenset[int]:
        """Those that wait for an update of a running campaign, or are under way with one."""
        found = await self._run(lambda connection: fetch(connection, _BUSY))
        return frozenset(row[0] for row in found)


def _load(connection: sqlite3.Connection, key: int) -> CampaignLoad | None:
    found = fetch(connection, _LOAD, key=key)
    if not found:
        return None
    updates = (to_update(row[0]) for row in fetch(connection, _UPDATES, key=key))
    return CampaignLoad(
        campaign=to_campaign(found[0][0]),
        members=tuple(to_member(row[0]) for row in fetch(connection, _MEMBERS, key=key)),
        updates={update.key: update for update in updates},
        connected=frozenset(row[0] for row in fetch(connection, _HERE, key=key)),
    )


def _seen(row: tuple[str, str, str, str | None]) -> MemberSeen:
    member, identity, info, update = row
    return MemberSeen(
        member=to_member(member),
        identity=identity,
        firmware_version=to_info(info).firmware_version,
        update=None if update is None else to_update(update),
    )
