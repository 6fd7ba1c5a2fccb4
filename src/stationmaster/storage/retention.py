"""Letting go of what is old, in portions so small that no station notices.

Rows are looked at in the order of their keys, which is the order of arrival: a station whose clock stands in 1970
does not lose what it sent today. What is to go is found by a reader; the writer only deletes by key.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from stationmaster.domain.retention import RetentionPolicy
from stationmaster.storage.batch import Writing
from stationmaster.storage.journal import Journal
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.authorization import refusals
from stationmaster.storage.schema.battery_swap import battery_swaps
from stationmaster.storage.schema.core import (
    UNFINISHED,
    commands,
    frames,
    oddities,
    outbox,
    readings,
    stations,
    unknown_callers,
)
from stationmaster.storage.schema.data_transfer import data_transfers
from stationmaster.storage.schema.der import der_alarms
from stationmaster.storage.schema.device_model import report_parts, reports, template_applications
from stationmaster.storage.schema.diagnostics import (
    customer_report_parts,
    customer_reports,
    log_uploads,
    security_events,
)
from stationmaster.storage.schema.event_streams import stream_values
from stationmaster.storage.schema.firmware import OPEN as OPEN_UPDATE
from stationmaster.storage.schema.firmware import firmware_statuses, firmware_updates
from stationmaster.storage.schema.monitoring import OPEN, alarms, station_events
from stationmaster.storage.schema.overview import downtimes, offline_spells, power_slots
from stationmaster.storage.schema.payment import settlements, vat_checks, web_payments
from stationmaster.storage.schema.people import audit
from stationmaster.storage.schema.privacy import driver_exports
from stationmaster.storage.schema.reservation import OPEN_RESERVATION, reservations
from stationmaster.storage.schema.tariffs import place_states, price_publications
from stationmaster.storage.schema.transfers import transfers
from stationmaster.storage.statements import Sql, compiled
from stationmaster.storage.thinning import NEEDED, SIGNED_IN_TRANSACTION, Thinning

PORTION = 500

Wanted = TypeVar("Wanted")


class _Ageing(msgspec.Struct, frozen=True):
    """A table in the order of arrival. ``stays`` is true for rows that must not go yet."""

    policy: str
    key: sa.Column[int]
    at: sa.Column[int]
    stays: Any = sa.false()


_AGEING = (
    _Ageing("readings_days", readings.c.key, readings.c.received_at, sa.or_(NEEDED, SIGNED_IN_TRANSACTION)),
    _Ageing(
        "signed_readings_days",
        readings.c.key,
        readings.c.received_at,
        sa.or_(NEEDED, sa.not_(SIGNED_IN_TRANSACTION)),
    ),
    _Ageing("frames_days", frames.c.key, frames.c.to_at),
    _Ageing("oddities_days", oddities.c.key, oddities.c.at),
    _Ageing("outbox_days", outbox.c.seq, outbox.c.at),
    _Ageing("commands_days", commands.c.key, commands.c.created_at, UNFINISHED),
    _Ageing("security_events_days", security_events.c.key, security_events.c.received_at),
    _Ageing("log_uploads_days", log_uploads.c.key, log_uploads.c.created_at),
    _Ageing("log_uploads_days", transfers.c.key, transfers.c.expires_at),
    _Ageing("customer_reports_days", customer_reports.c.key, customer_reports.c.created_at),
    _Ageing("customer_reports_days", customer_report_parts.c.key, customer_report_parts.c.received_at),
    _Ageing("data_transfers_days", data_transfers.c.key, data_transfers.c.at),
    _Ageing("battery_swaps_days", battery_swaps.c.key, battery_swaps.c.started_at),
    _Ageing("stream_values_days", stream_values.c.key, stream_values.c.received_at),
    _Ageing("der_alarms_days", der_alarms.c.key, der_alarms.c.received_at, der_alarms.c.ended_at.is_(None)),
    _Ageing("reports_days", report_parts.c.key, report_parts.c.received_at),
    _Ageing("reports_days", reports.c.key, reports.c.opened_at),
    _Ageing("refusals_days", refusals.c.key, refusals.c.at),
    _Ageing("firmware_days", firmware_statuses.c.key, firmware_statuses.c.at),
    _Ageing("firmware_days", firmware_updates.c.key, firmware_updates.c.created_at, OPEN_UPDATE),
    _Ageing("commands_days", template_applications.c.key, template_applications.c.at),
    _Ageing("commands_days", price_publications.c.key, price_publications.c.at),
    _Ageing("station_events_days", station_events.c.key, station_events.c.received_at),
    _Ageing("alarms_days", alarms.c.key, alarms.c.received_at, OPEN),
    _Ageing("place_states_days", place_states.c.key, place_states.c.received_at),
    _Ageing("driver_exports_days", driver_exports.c.key, driver_exports.c.at),
    _Ageing("reservations_days", reservations.c.key, reservations.c.asked_at, OPEN_RESERVATION),
    _Ageing("settlements_days", settlements.c.key, settlements.c.at),
    _Ageing("vat_checks_days", vat_checks.c.key, vat_checks.c.at),
    _Ageing("power_slots_days", power_slots.c.key, power_slots.c.at),
    _Ageing("offline_spells_days", offline_spells.c.key, offline_spells.c.to_at),
    _Ageing("offline_spells_days", downtimes.c.key, downtimes.c.to_at),
    _Ageing("web_payments_days", web_payments.c.key, web_payments.c.until),
    _Ageing("audit_days", audit.c.key, audit.c.at),
)


class Retention:
    def __init__(self, journal: Journal, readers: Readers) -> None:
        self._journal = journal
        self._readers = readers
        self._thinning = Thinning(journal, readers)

    async def run(
        self, policy: RetentionPolicy, now: datetime, own: Mapping[str, RetentionPolicy] | None = None
    ) -> dict[str, int]:
        """Delete what the policy lets go, or a tenant's ``own``; returns how many rows of each table went. Raises
        StorageFailed."""
        gone: dict[str, int] = {}
        for ageing in _AGEING:
            table = ageing.key.table
            for days, scope, _ in _scopes(table, policy, own or {}, attrgetter(ageing.policy)):
                if days is not None:
                    went = await self._age(ageing, scope, micros(now - timedelta(days=days)))
                    gone[table.name] = gone.get(table.name, 0) + went
        if policy.unknown_callers_days is not None:
            cutoff_us = micros(now - timedelta(days=policy.unknown_callers_days))
            gone["unknown_callers"] = await self._forget_callers(cutoff_us)
        for (days, minutes), scope, owner in _scopes(readings, policy, own or {}, _downsampling):
            if days is not None:
                cutoff_us = micros(now - timedelta(days=days))
                went = await self._thinning.of_transactions(scope, owner, cutoff_us, minutes)
                gone["readings_thinned"] = gone.get("readings_thinned", 0) + went
        for (days, minutes), scope, owner in _scopes(readings, policy, own or {}, _idle_downsampling):
            if days is not None:
                cutoff_us = micros(now - timedelta(days=days))
                went = await self._thinning.of_idle(scope, owner, cutoff_us, minutes)
                gone["idle_readings_thinned"] = gone.get("idle_readings_thinned", 0) + went
        return gone

    async def _age(self, ageing: _Ageing, scope: sa.ColumnElement[bool], cutoff_us: int) -> int:
        statement = compiled(
            sa.select(ageing.key, ageing.at, ageing.stays)
            .where(ageing.key > sa.bindparam("after"), scope)
            .order_by(ageing.key)
            .limit(PORTION)
        )
        after, gone = 0, 0
        while True:
            found = await self._fetch(statement, after=after)
            old = [row for row in found if row[1] < cutoff_us]
            gone += await self._delete(ageing.key, [row[0] for row in old if not row[2]])
            if not old or len(found) < PORTION:
                return gone
            after = found[-1][0]

    async def _fetch(self, sql: Sql, **values: Any) -> Sequence[tuple[Any, ...]]:
        return await self._readers.run(lambda connection: fetch(connection, sql, **values))

    async def _delete(self, key: sa.Column[int], keys: Sequence[int]) -> int:
        if keys:
            delete = compiled(sa.delete(key.table).where(key == sa.bindparam("gone"))).text
            rows = [(value,) for value in keys]
            await self._journal.run(lambda writing: _execute_many(writing, delete, rows))
        return len(keys)

    async def _forget_callers(self, cutoff_us: int) -> int:
        delete = compiled(sa.delete(unknown_callers).where(unknown_callers.c.last_at < cutoff_us))
        return await self._journal.run(
            lambda writing: writing.connection.execute(delete.text, delete.arguments()).rowcount
        )


def _scopes(
    table: sa.Table,
    policy: RetentionPolicy,
    own: Mapping[str, RetentionPolicy],
    wanted: Callable[[RetentionPolicy], Wanted],
) -> Iterator[tuple[Wanted, sa.ColumnElement[bool], str]]:
    """What is wanted of whose rows: of those tenants that want something of their own, each by its name, and of all
    others by none. Rows that belong to no tenant are as the program has it."""
    others = {tenant: wanted(each) for tenant, each in own.items() if wanted(each) != wanted(policy)}
    if not others or not {"tenant", "station_key"} & set(table.c.keys()):
        yield wanted(policy), sa.true(), ""
        return
    yield wanted(policy), sa.not_(_of_tenants(table, sorted(others))), ""
    for tenant, terms in sorted(others.items()):
        yield terms, _of_tenants(table, [tenant]), tenant


def _of_tenants(table: sa.Table, names: list[str]) -> sa.ColumnElement[bool]:
    """That a row is one of some tenants', by itself or by its station."""
    if "tenant" in table.c:
        return sa.or_(*(table.c.tenant == name for name in names))
    theirs = sa.or_(*(stations.c.tenant == name for name in names))
    return sa.exists().where(stations.c.key == table.c.station_key, theirs)


def _downsampling(policy: RetentionPolicy) -> tuple[int | None, int]:
    return policy.downsample_after_days, policy.downsample_minutes


def _idle_downsampling(policy: RetentionPolicy) -> tuple[int | None, int]:
    return policy.idle_downsample_after_days, policy.idle_downsample_minutes


def _execute_many(writing: Writing, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    writing.connection.executemany(sql, rows)
