"""The whole fleet of a tenant at one moment: counted by the database, of tables and indexes that hold no more than is
counted."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.cost.money import exponent_of
from stationmaster.domain.overview import MAX_SITES, MoneyOfDay, Overview, SiteOverview
from stationmaster.domain.standing import Standing
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.power_now import (
    first_register_wh,
    newest_register_wh,
    power_w,
    register_wh_by,
    since,
)
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.billing import CURRENT, bills
from stationmaster.storage.schema.core import connectors, stations, transactions
from stationmaster.storage.schema.monitoring import OPEN, alarms
from stationmaster.storage.schema.tariffs import sites
from stationmaster.storage.statements import compiled

_s, _c, _t, _a, _b, _i = stations.c, connectors.c, transactions.c, alarms.c, bills.c, sites.c
_TENANT: sa.BindParameter[str] = sa.bindparam("tenant")
_DAY = sa.bindparam("day", type_=sa.Integer())
_ZERO: sa.ColumnElement[int] = sa.literal_column("0")
_of_tenant = sa.literal_column("+transactions.tenant", sa.Text()) == _TENANT
"""Not to be looked up: the few that are open have an index of their own."""

_STATES = compiled(
    sa.select(_s.site, _s.state, sa.func.count(), sa.func.sum(_s.connected))
    .where(_s.tenant == _TENANT)
    .group_by(_s.site, _s.state)
)
_PLACES = compiled(
    sa.select(_c.status, sa.func.count())
    .join(stations, _s.key == _c.station_key)
    .where(_c.connector_id > _ZERO, _s.tenant == _TENANT)
    .group_by(_c.status)
)
_begin_wh = sa.func.coalesce(
    sa.cast(sa.func.json_extract(_t.body, sa.literal_column("'$.meter_start_wh'")), sa.REAL), first_register_wh()
)
_since_wh = sa.case((_t.first_event_at < _DAY, sa.func.coalesce(register_wh_by(_DAY), _begin_wh)), else_=_begin_wh)
"""The register when the day began, or the transaction."""
_charged_wh = sa.func.max(_ZERO, newest_register_wh() - _since_wh)
_RUNNING = compiled(
    sa.select(
        _s.site,
        sa.func.count(),
        sa.func.sum(sa.case((_s.connected == sa.literal_column("1"), power_w()), else_=_ZERO)),
        sa.func.sum(_charged_wh),
    )
    .join_from(transactions, stations, _s.key == _t.station_key)
    .where(_of_tenant, _t.ended_at.is_(None))
    .group_by(_s.site)
)
_over_wh = sa.func.max(_ZERO, _t.energy_wh)
_over_at = (  # added up by station first, which needs the index alone
    sa.select(_t.station_key, sa.func.count().label("count"), sa.func.sum(_over_wh).label("energy_wh"))
    .where(_t.tenant == _TENANT, _t.ended_at >= _DAY)
    .group_by(_t.station_key)
    .subquery()
    .c
)
_OVER = compiled(
    sa.select(_s.site, sa.func.sum(_over_at["count"]), sa.func.sum(_over_at.energy_wh))
    .join(stations, _s.key == _over_at.station_key)
    .group_by(_s.site)
)
_before_wh = sa.func.min(sa.func.coalesce(_over_wh, _ZERO), sa.func.max(_ZERO, register_wh_by(_DAY) - _begin_wh))
_BEFORE = compiled(
    sa.select(_s.site, sa.func.sum(_before_wh))
    .join_from(transactions, stations, _s.key == _t.station_key)
    .where(_t.tenant == _TENANT, _t.ended_at >= _DAY, _t.first_event_at < _DAY)
    .group_by(_s.site)
)
"""Of those that ended on the day, what they charged before it, which is no more than they charged at all."""
_BEGUN = compiled(sa.select(sa.func.count()).where(_t.tenant == _TENANT, _t.first_event_at >= _DAY))
_MONEY = compiled(
    sa.select(_b.currency, _b.state, sa.func.sum(_b.total_minor))
    .where(_b.tenant == _TENANT, _b.ended_at >= _DAY, CURRENT)
    .group_by(_b.currency, _b.state)
)
_ALARMS = compiled(
    sa.select(sa.literal_column("10") - _a.rank, sa.func.count(), sa.func.count(_a.acknowledged_at))
    .where(_a.tenant == _TENANT, OPEN)
    .group_by(_a.rank)
    .order_by(_a.rank.desc())
)
_SITES = compiled(sa.select(_i.name, _i.latitude, _i.longitude, _i.address).where(_i.tenant == _TENANT))


class OverviewReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def overview(self, tenant: str, now: datetime, day_from: datetime) -> Overview:
        """As of now; the day began at ``day_from``."""
        return await self._run(lambda connection: _overview(connection, tenant, now, day_from))


def _overview(connection: sqlite3.Connection, tenant: str, now: datetime, day_from: datetime) -> Overview:
    given = {"tenant": tenant, "day": micros(day_from)}
    counted = fetch(connection, _STATES, tenant=tenant)
    states = _by_site(counted)
    running = {row[0]: row[1:] for row in fetch(connection, _RUNNING, **given, since=since(now))}
    over = {row[0]: row[1:] for row in fetch(connection, _OVER, **given)}
    before = dict(fetch(connection, _BEFORE, **given))
    energy_wh = {
        site: (running.get(site, _NOTHING)[2] or 0) + (over.get(site, _NOTHING)[1] or 0) - (before.get(site) or 0)
        for site in {*running, *over}
    }
    found = {row[0]: row[1:] for row in fetch(connection, _SITES, tenant=tenant)}
    told = [
        _site(name, found.get(name), states.get(name, {}), running.get(name, _NOTHING)[1], energy_wh.get(name))
        for name in sorted({*states, *found}, key=lambda name: (-sum(states.get(name, {}).values()), name or ""))
    ]
    alarms_open = fetch(connection, _ALARMS, tenant=tenant)
    return Overview(
        at=now,
        day_from=day_from,
        total=sum(row[2] for row in counted),
        online=sum(row[3] for row in counted),
        states=_added(states.values()),
        connectors=dict(fetch(connection, _PLACES, tenant=tenant)),
        power_w=sum(site.power_w for site in told),
        energy_wh=sum(site.energy_wh for site in told),
        money=_money(fetch(connection, _MONEY, **given)),
        begun=fetch(connection, _BEGUN, **given)[0][0],
        over=sum(row[0] for row in over.values()),
        running=sum(row[0] for row in running.values()),
        alarms={row[0]: row[1] for row in alarms_open},
        unseen=sum(row[1] - row[2] for row in alarms_open),
        sites=tuple(told[:MAX_SITES]),
        sites_left_out=max(0, len(told) - MAX_SITES),
    )


_NOTHING: tuple[Any, ...] = (0, None, None)


def _by_site(rows: Sequence[Sequence[Any]]) -> dict[str | None, dict[Standing, int]]:
    found: defaultdict[str | None, dict[Standing, int]] = defaultdict(dict)
    for site, state, count, _ in rows:
        found[site][state] = count
    return dict(found)


def _added(counts: Iterable[Mapping[Standing, int]]) -> dict[Standing, int]:
    total: defaultdict[Standing, int] = defaultdict(int)
    for each in counts:
        for state, count in each.items():
            total[state] += count
    return dict(total)


def _site(
    name: str | None,
    known: Sequence[Any] | None,
    states: Mapping[Standing, int],
    watts: float | None,
    energy_wh: float | None,
) -> SiteOverview:
    latitude, longitude, address = known or (None, None, None)
    return SiteOverview(
        name=name,
        latitude=None if latitude is None else Decimal(latitude),
        longitude=None if longitude is None else Decimal(longitude),
        address=address,
        states=states,
        power_w=round(watts or 0),
        energy_wh=round(energy_wh or 0),
    )


def _money(rows: Sequence[Sequence[Any]]) -> tuple[MoneyOfDay, ...]:
    minor: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for currency, state, total in rows:
        minor[currency][state] = total

    def amount(currency: str, state: str) -> Decimal:
        return Decimal(minor[currency].get(state, 0)).scaleb(-exponent_of(currency))

    return tuple(
        MoneyOfDay(currency=each, issued=amount(each, "issued"), held=amount(each, "held")) for each in sorted(minor)
    )
