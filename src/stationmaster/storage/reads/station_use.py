"""How much stations were used, and how long they were there: shares of time, from spells that may overlap."""

import base64
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.overview import USE_SORTED_BY, StationUse, StationUsePage, Use, UseOrder, UseSortedBy
from stationmaster.domain.queries import FIRST_PAGE, InvalidCursor, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import decoded_cursor, limit_of
from stationmaster.storage.rows import micros, moment
from stationmaster.storage.schema.core import stations, transactions
from stationmaster.storage.schema.overview import downtimes, offline_spells
from stationmaster.storage.statements import Sql, compiled

_s, _t, _o, _d = stations.c, transactions.c, offline_spells.c, downtimes.c
_TENANT: sa.BindParameter[str] = sa.bindparam("tenant")
_START, _NOW = (sa.bindparam(name, type_=sa.Integer()) for name in ("start", "now"))
_NULL = sa.null()
_NONE: sa.ColumnElement[int] = sa.literal_column("0")
_EMPTY: sa.ColumnElement[str] = sa.literal_column("''")
_ONE: sa.ColumnElement[float] = sa.literal_column("1.0", sa.Float())
USED_WITHIN, UP_WITHIN = timedelta(days=1), timedelta(days=7)
"""Of a site: what its utilisation and its uptime are of."""
_FAR_US = 2**55
"""Beyond any time that a cursor may name (the year 3111)."""
_decode = msgspec.json.Decoder(tuple[str, int, float | None, str]).decode
_DOWNTIMES = compiled(
    sa.select(_d.from_at, _d.to_at).where(_d.to_at > _START, _d.from_at < _NOW).order_by(_d.from_at, _d.to_at)
)


def _later(*moments: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.func.max(*moments)


def _earlier(*moments: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.func.min(*moments)


def _covered(spells: sa.CTE, name: str) -> sa.CTE:
    """Of each station the microseconds that lie in any of its spells (``station_key``, ``a``, ``b``): in the order of
    their begins, each adds what reaches beyond those before it."""
    before = sa.func.max(spells.c.b).over(
        partition_by=spells.c.station_key, order_by=(spells.c.a, spells.c.b), rows=(None, -1)
    )
    marked = sa.select(spells.c.station_key, spells.c.a, spells.c.b, before.label("before")).subquery()
    m = marked.c
    adds = _later(_NONE, m.b - _later(m.a, sa.func.coalesce(m.before, m.a)))
    return sa.select(m.station_key, sa.func.sum(adds).label("us")).group_by(m.station_key).cte(name)


def _within(known: sa.CTE, spells: sa.CompoundSelect[Any] | sa.Select[Any], name: str) -> sa.CTE:
    """Spells of known stations, cut to the time that is looked at."""
    raw = spells.subquery()
    a, b = _later(raw.c.a, known.c.since), _earlier(raw.c.b, _NOW)
    return (
        sa.select(raw.c.station_key, a.label("a"), b.label("b"))
        .join(known, known.c.key == raw.c.station_key)
        .where(a < b)
        .cte(name)
    )


def _busy() -> sa.CompoundSelect[Any]:
    over = sa.select(_t.station_key, _t.first_event_at.label("a"), _t.ended_at.label("b"))
    under_way = sa.select(_t.station_key, _t.first_event_at.label("a"), _NOW.label("b"))
    in_open_index: sa.ColumnElement[str] = sa.literal_column("+transactions.tenant", sa.Text())
    return sa.union_all(
        over.where(_t.tenant == _TENANT, _t.ended_at > _START),
        under_way.where(in_open_index == _TENANT, _t.ended_at.is_(None)),
    )


def _away(known: sa.CTE) -> sa.CompoundSelect[Any]:
    over = sa.select(_o.station_key, _o.from_at.label("a"), _o.to_at.label("b")).where(_o.to_at > _START)
    lasting = sa.select(known.c.key, known.c.gone_at, _NOW.label("b")).where(known.c.gone_at.is_not(None))
    return sa.union_all(over, lasting)


def _uses(*wanted: UseSortedBy) -> sa.CTE:
    """``key``, and what is wanted of ``utilisation`` and ``uptime``, of the tenant's stations that were ever here.

    The parts are added up, not joined: SQLite would look for each station in all of each part.
    """
    gone_at = sa.case((_s.disconnected_at >= _s.connected_at, _s.disconnected_at), else_=_NULL)
    known = (
        sa.select(_s.key, _later(_s.first_connected_at, _START).label("since"), gone_at.label("gone_at"))
        .where(_s.tenant == _TENANT, _s.first_connected_at < _NOW)
        .cte("known")
        .prefix_with("MATERIALIZED")
    )
    parts: list[sa.Select[Any]] = [sa.select(known.c.key, (_NOW - known.c.since).label("whole"), *_amounts())]
    if "utilisation" in wanted:
        busy = _covered(_within(known, _busy(), "busy"), "busy_us")
        parts.append(sa.select(busy.c.station_key, _NONE, *_amounts(busy=busy.c.us)))
    if "uptime" in wanted:
        parts += _missed(known)
    all_parts = sa.union_all(*parts).subquery()
    whole, used, missed, down = (sa.func.sum(all_parts.c[name]) for name in ("whole", "busy", "missed", "down"))
    uptime = _ONE - (missed - down) * _ONE / (whole - down)
    shares = {"utilisation": used * _ONE / whole, "uptime": sa.case((whole > down, uptime), else_=_NULL)}
    columns = (shares[name].label(name) for name in wanted)
    return sa.select(all_parts.c.key, *columns).group_by(all_parts.c.key).cte("uses")


def _missed(known: sa.CTE) -> list[sa.Select[Any]]:
    """When stations were away, or the CSMS was; and when the CSMS was."""
    away = _within(known, _away(known), "away")
    told = sa.func.json_each(sa.bindparam("downtimes")).table_valued("value", name="told")
    a, b = (sa.func.json_extract(told.c.value, sa.literal_column(f"'$[{place}]'")) for place in (0, 1))
    of_each = sa.select(known.c.key.label("station_key"), a.label("a"), b.label("b"))
    down = _within(known, of_each.join_from(known, told, sa.true()), "down").c
    missed = _covered(
        sa.union_all(sa.select(away), sa.select(down.station_key, down.a, down.b)).cte("either"), "missed_us"
    )
    return [
        sa.select(missed.c.station_key, _NONE, *_amounts(missed=missed.c.us)),
        sa.select(down.station_key, _NONE, *_amounts(down=sa.func.sum(down.b - down.a))).group_by(down.station_key),
    ]


def _amounts(**given: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    return [given.get(name, _NONE).label(name) for name in ("busy", "missed", "down")]


def _by_site(share: UseSortedBy) -> Sql:
    uses = _uses(share)
    mean = sa.func.avg(uses.c[share])
    return compiled(sa.select(_s.site, mean).join(uses, uses.c.key == _s.key).group_by(_s.site))


def _page(order: UseOrder) -> Sql:
    """Those of which nothing is known come last."""
    uses = _uses(*USE_SORTED_BY)
    value: sa.ColumnElement[Any] = uses.c[order.by]
    site, last = sa.bindparam("site", type_=sa.Text()), sa.bindparam("value", type_=sa.Float())
    identity = sa.bindparam("identity", type_=sa.Text())
    place, position = sa.tuple_(value, _s.identity), sa.tuple_(last, identity)
    follows, follows_lacking = (
        (place < position, _s.identity < identity) if order.descending else (place > position, _s.identity > identity)
    )
    after = sa.or_(
        identity.is_(None),
        sa.and_(last.is_not(None), sa.or_(value.is_(None), follows)),
        sa.and_(last.is_(None), value.is_(None), follows_lacking),
    )
    columns = (value.desc(), _s.identity.desc()) if order.descending else (value, _s.identity)
    return compiled(
        sa.select(_s.key, _s.identity, _s.name, _s.site, _s.state, uses.c.utilisation, uses.c.uptime)
        .outerjoin_from(stations, uses, uses.c.key == _s.key)
        .where(_s.tenant == _TENANT, sa.or_(site.is_(None), sa.func.coalesce(_s.site, _EMPTY) == site), after)
        .order_by(value.is_(None), *columns)
        .limit(sa.bindparam("most"))
    )


_USED_BY_SITE, _UP_BY_SITE = _by_site("utilisation"), _by_site("uptime")
_PAGES = {order.name: _page(order) for by in USE_SORTED_BY for order in (UseOrder(by), UseOrder(by, True))}
_WORST = UseOrder()


class StationUseReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def station_use(
        self,
        tenant: str,
        now: datetime,
        days: int,
        order: UseOrder = _WORST,
        request: PageRequest = FIRST_PAGE,
        site: str | None = None,
    ) -> StationUsePage:
        """``site``: of one site; empty: of none. Raises InvalidCursor, also for one of another order."""
        at_us, value, identity = _position(request.cursor, order) or (micros(now), None, None)
        limit = limit_of(request)

        def read(connection: sqlite3.Connection) -> StationUsePage:
            window = _window(connection, tenant, at_us, timedelta(days=days))
            given = {"site": site, "value": value, "identity": identity, "most": limit + 1}
            found = fetch(connection, _PAGES[order.name], **window, **given)
            cursor = _cursor(order, at_us, found[limit - 1]) if len(found) > limit else None
            return StationUsePage(tuple(map(_to_use, found[:limit])), moment(at_us), cursor)

        return await self._run(read)

    async def site_use(self, tenant: str, now: datetime) -> Mapping[str | None, Use]:
        """The means of each site's stations: utilisation of the last day, uptime of the last week. None: of those that
        stand at none."""

        def read(connection: sqlite3.Connection) -> Mapping[str | None, Use]:
            at_us = micros(now)
            used = dict(fetch(connection, _USED_BY_SITE, **_window(connection, tenant, at_us, USED_WITHIN)))
            up = dict(fetch(connection, _UP_BY_SITE, **_window(connection, tenant, at_us, UP_WITHIN)))
            return {site: Use(used.get(site), up.get(site)) for site in {*used, *up}}

        return await self._run(read)


def _window(connection: sqlite3.Connection, tenant: str, now_us: int, span: timedelta) -> dict[str, Any]:
    start_us = now_us - span // timedelta(microseconds=1)
    found = fetch(connection, _DOWNTIMES, start=start_us, now=now_us)
    apart = msgspec.json.encode(_apart(found)).decode()
    return {"tenant": tenant, "start": start_us, "now": now_us, "downtimes": apart}


def _apart(spells: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The same time in spells that do not overlap; given in the order of their begins."""
    apart: list[tuple[int, int]] = []
    for a, b in spells:
        if apart and a <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(b, apart[-1][1]))
        else:
            apart.append((a, b))
    return apart


def _to_use(row: Sequence[Any]) -> StationUse:
    return StationUse(key=row[0], identity=row[1], name=row[2], site=row[3], state=row[4], use=Use(row[5], row[6]))


def _cursor(order: UseOrder, at_us: int, last: Sequence[Any]) -> str:
    value = last[5] if order.by == "utilisation" else last[6]
    position = msgspec.json.encode((order.name, at_us, value, last[1]))
    return base64.urlsafe_b64encode(position).decode().rstrip("=")


def _position(cursor: str | None, order: UseOrder) -> tuple[int, float | None, str] | None:
    if cursor is None:
        return None
    try:
        name, at_us, value, identity = _decode(decoded_cursor(cursor))
    except msgspec.DecodeError as error:
        raise InvalidCursor("not a cursor") from error
    if name != order.name or not 0 <= at_us < _FAR_US:
        raise InvalidCursor("a cursor of another order")
    return at_us, value, identity
