"""The power at each site: now, to be kept, and as it was."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.overview import SLOT_S, PowerHistory, SitePower
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.power_now import power_w, since
from stationmaster.storage.rows import micros, moment
from stationmaster.storage.schema.core import stations, transactions
from stationmaster.storage.schema.overview import power_slots
from stationmaster.storage.statements import compiled

FINE_HOURS = 48
"""Up to so many hours are told slot by slot, more of them by the hour."""
_HOUR_S = 3600
_US = 1_000_000
_s, _t, _p = stations.c, transactions.c, power_slots.c
_TENANT: sa.BindParameter[str] = sa.bindparam("tenant")
_FROM: sa.BindParameter[int] = sa.bindparam("from_at")
_OTHERS = sa.literal_column("NULL", sa.Text())

_NOW = compiled(
    sa.select(_s.tenant, _s.site, sa.func.sum(power_w()))
    .join_from(transactions, stations, _s.key == _t.station_key)
    .where(_t.ended_at.is_(None), _s.connected == sa.literal_column("1"))
    .group_by(_s.tenant, _s.site)
)
_NEWEST = compiled(sa.select(sa.func.max(_p.taken_at)))
_GREATEST = compiled(
    sa.select(_p.site)
    .where(_p.tenant == _TENANT, _p.at >= _FROM)
    .group_by(_p.site)
    .having(sa.func.sum(_p.power_w) > sa.literal_column("0"))
    .order_by(sa.func.sum(_p.power_w).desc(), _p.site)
    .limit(sa.bindparam("most"))
)
_width: sa.BindParameter[int] = sa.bindparam("width", type_=sa.Integer())
_slot = _p.at - _p.at % _width
_told = sa.func.json_each(sa.bindparam("told")).table_valued("value")
_site = sa.case((_p.site.in_(sa.select(_told.c.value)), _p.site), else_=_OTHERS)
_SUMS = compiled(
    sa.select(
        _slot.label("slot"),
        _site.label("of_site"),
        sa.func.sum(_p.power_w),
        sa.func.sum(sa.case((_p.site == sa.literal_column("''"), _p.samples), else_=sa.literal_column("0"))),
    )
    .where(_p.tenant == _TENANT, _p.at >= _FROM)
    .group_by(sa.literal_column("1"), sa.literal_column("2"))
)


class PowerHistoryReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def power_by_site(self, now: datetime) -> Sequence[tuple[str, str | None, int]]:
        """Of every tenant: the site (None: of stations at none) and the power there in W, where anything charges."""
        found = await self._run(lambda connection: fetch(connection, _NOW, since=since(now)))
        return [(tenant, site, round(watts or 0)) for tenant, site, watts in found]

    async def last_power_sample(self) -> datetime | None:
        """When a CSMS was certainly there."""
        found = await self._run(lambda connection: fetch(connection, _NEWEST))
        return None if found[0][0] is None else moment(found[0][0])

    async def power_history(self, tenant: str, now: datetime, hours: int, most_sites: int) -> PowerHistory:
        """Slot by slot; the sites with the most energy one by one, the others together."""
        slot_s = SLOT_S if hours <= FINE_HOURS else _HOUR_S
        first_us = micros(now - timedelta(hours=hours)) // (slot_s * _US) * (slot_s * _US)
        slots = (micros(now) - first_us) // (slot_s * _US) + 1

        def read(connection: sqlite3.Connection) -> PowerHistory:
            given = {"tenant": tenant, "from_at": first_us}
            told = [row[0] for row in fetch(connection, _GREATEST, **given, most=most_sites)]
            names = msgspec.json.encode(told).decode()
            sums = fetch(connection, _SUMS, **given, width=slot_s * _US, told=names)
            by_slot = _Slots(sums, first_us, slot_s * _US, slots)
            shown = [by_slot.site(name) for name in told]
            others = by_slot.others()
            return PowerHistory(
                from_at=moment(first_us), slot_s=slot_s, sites=(*shown, *([others] if others is not None else []))
            )

        return await self._run(read)


class _Slots:
    """Sums of samples by slot and site, and how many samples each slot has."""

    def __init__(self, rows: Sequence[Sequence[Any]], first_us: int, width_us: int, slots: int) -> None:
        self._samples = [0] * slots
        self._sums: dict[str | None, list[int]] = {}
        for at_us, site, watts, samples in rows:
            slot = (at_us - first_us) // width_us
            if 0 <= slot < slots:
                self._sums.setdefault(site, [0] * slots)[slot] = watts
                self._samples[slot] += samples

    def site(self, name: str) -> SitePower:
        return SitePower(name or None, self._means(name))

    def others(self) -> SitePower | None:
        """None where all of them have no power."""
        return SitePower(None, self._means(None), others=True) if any(self._sums.get(None, ())) else None

    def _means(self, name: str | None) -> tuple[int | None, ...]:
        sums = self._sums.get(name, [0] * len(self._samples))
        return tuple(
            round(watts / samples) if samples else None for watts, samples in zip(sums, self._samples, strict=True)
        )
