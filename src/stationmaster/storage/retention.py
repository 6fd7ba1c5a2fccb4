"""Letting go of what is old, in portions so small that no station notices.

Rows are looked at in the order of their keys, which is the order of arrival: a station whose clock stands in 1970
does not lose what it sent today. What is to go is found by a reader; the writer only deletes by key.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.storage.batch import Writing
from stationmaster.storage.journal import Journal
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import micros
from stationmaster.storage.schema import (
    UNFINISHED,
    commands,
    frames,
    oddities,
    outbox,
    readings,
    transactions,
    unknown_callers,
)
from stationmaster.storage.schema_authorization import refusals
from stationmaster.storage.schema_battery_swap import battery_swaps
from stationmaster.storage.schema_billing import bills
from stationmaster.storage.schema_data_transfer import data_transfers
from stationmaster.storage.schema_der import der_alarms
from stationmaster.storage.schema_device_model import report_parts, reports, template_applications
from stationmaster.storage.schema_diagnostics import (
    customer_report_parts,
    customer_reports,
    log_uploads,
    security_events,
)
from stationmaster.storage.schema_event_streams import stream_values
from stationmaster.storage.schema_firmware import OPEN as OPEN_UPDATE
from stationmaster.storage.schema_firmware import firmware_statuses, firmware_updates
from stationmaster.storage.schema_monitoring import OPEN, alarms, station_events
from stationmaster.storage.schema_payment import settlements, vat_checks
from stationmaster.storage.schema_privacy import driver_exports
from stationmaster.storage.schema_reservation import OPEN_RESERVATION, reservations
from stationmaster.storage.schema_tariffs import place_states
from stationmaster.storage.schema_transfers import transfers
from stationmaster.storage.settings import get_setting, put_setting
from stationmaster.storage.statements import Sql, compiled

PORTION = 500


class RetentionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How long each kind is kept; None: for ever. Readings of open transactions, commands under
    way and alarms that are open stay.

    Readings older than ``downsample_after_days`` are thinned out to one per transaction in ``downsample_minutes``;
    a transaction's first and last one stay, those that its station marked as begin or end, and those that it signed.
    All stay of a transaction that is open, or whose bill is held: what it is billed from must not change.
    """

    readings_days: int | None = None
    frames_days: int | None = 30
    oddities_days: int | None = 90
    outbox_days: int | None = 7
    commands_days: int | None = 365
    security_events_days: int | None = 365
    log_uploads_days: int | None = 90
    customer_reports_days: int | None = 30
    unknown_callers_days: int | None = 30
    data_transfers_days: int | None = 90
    der_alarms_days: int | None = 365
    battery_swaps_days: int | None = None
    stream_values_days: int | None = 30
    reports_days: int | None = 365
    refusals_days: int | None = 90
    firmware_days: int | None = 730
    station_events_days: int | None = 90
    alarms_days: int | None = 365
    place_states_days: int | None = 400
    reservations_days: int | None = 365
    settlements_days: int | None = None
    vat_checks_days: int | None = 365
    driver_exports_days: int | None = 7
    downsample_after_days: int | None = None
    downsample_minutes: int = 15


class _Ageing(msgspec.Struct, frozen=True):
    """A table in the order of arrival. ``stays`` is true for rows that must not go yet."""

    policy: str
    key: sa.Column[int]
    at: sa.Column[int]
    stays: Any = sa.false()


_OF_OPEN = sa.exists().where(transactions.c.key == readings.c.transaction_key, transactions.c.ended_at.is_(None))
_AGEING = (
    _Ageing("readings_days", readings.c.key, readings.c.received_at, _OF_OPEN),
    _Ageing("frames_days", frames.c.key, frames.c.at),
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
    _Ageing("station_events_days", station_events.c.key, station_events.c.received_at),
    _Ageing("alarms_days", alarms.c.key, alarms.c.received_at, OPEN),
    _Ageing("place_states_days", place_states.c.key, place_states.c.received_at),
    _Ageing("driver_exports_days", driver_exports.c.key, driver_exports.c.at),
    _Ageing("reservations_days", reservations.c.key, reservations.c.asked_at, OPEN_RESERVATION),
    _Ageing("settlements_days", settlements.c.key, settlements.c.at),
    _Ageing("vat_checks_days", vat_checks.c.key, vat_checks.c.at),
)
_OF_HELD = sa.exists().where(bills.c.transaction_key == readings.c.transaction_key, bills.c.state == "held")
_KEPT = ('"Transaction.', '"signed":{', '"format":"SignedData"')
"""In the samples of a reading that is never thinned out: marked as begin or end, signed in 2.x, signed in 1.6."""
_THINNED_UP_TO = "readings_thinned_up_to"


class Retention:
    def __init__(self, journal: Journal, readers: Readers) -> None:
        self._journal = journal
        self._readers = readers

    async def run(self, policy: RetentionPolicy, now: datetime) -> dict[str, int]:
        """Delete what the policy lets go; returns how many rows of each table went. Raises StorageFailed."""
        gone: dict[str, int] = {}
        for ageing in _AGEING:
            days = getattr(policy, ageing.policy)
            if days is not None:
                gone[ageing.key.table.name] = await self._age(ageing, micros(now - timedelta(days=days)))
        if policy.unknown_callers_days is not None:
            cutoff_us = micros(now - timedelta(days=policy.unknown_callers_days))
            gone["unknown_callers"] = await self._forget_callers(cutoff_us)
        if policy.downsample_after_days is not None:
            cutoff_us = micros(now - timedelta(days=policy.downsample_after_days))
            gone["readings_thinned"] = await self._thin_out(cutoff_us, policy.downsample_minutes)
        return gone

    async def _age(self, ageing: _Ageing, cutoff_us: int) -> int:
        statement = compiled(
            sa.select(ageing.key, ageing.at, ageing.stays)
            .where(ageing.key > sa.bindparam("after"))
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

    async def _thin_out(self, cutoff_us: int, minutes: int) -> int:
        """Look at each old reading once; the place is kept, so that the next run goes on from there."""
        r = readings.c
        arrived = compiled(
            sa.select(r.key, r.received_at, r.transaction_key, sa.or_(_OF_OPEN, _OF_HELD))
            .where(r.key > sa.bindparam("after"))
            .order_by(r.key)
            .limit(PORTION)
        )
        superfluous = compiled(_superfluous(cutoff_us, minutes * 60_000_000))
        after, gone = await self._thinned_up_to(), 0
        while True:
            found = await self._fetch(arrived, after=after)
            old = [row for row in found if row[1] < cutoff_us]
            if not old:
                return gone
            for transaction_key in sorted({row[2] for row in old if row[2] is not None and not row[3]}):
                keys = await self._fetch(superfluous, transaction_key=transaction_key)
                for at in range(0, len(keys), PORTION):
                    gone += await self._delete(r.key, [row[0] for row in keys[at : at + PORTION]])
            after = old[-1][0]
            await self._journal.run(partial(put_setting, tenant="", name=_THINNED_UP_TO, value=str(after)))

    async def _thinned_up_to(self) -> int:
        value = await self._readers.run(lambda connection: get_setting(connection, "", _THINNED_UP_TO))
        return 0 if value is None else int(value)


def _superfluous(cutoff_us: int, interval_us: int) -> sa.Select[Any]:
    """The keys of a transaction's old readings that are not the first of their interval, no edge and not signed."""
    r = readings.c
    kept = sa.or_(*(r.samples.contains(mark) for mark in _KEPT))
    without_register = r.register_wh.is_(None)
    in_order = (r.taken_at, r.key)
    ranked = (
        sa.select(
            r.key,
            r.received_at,
            kept.label("kept"),
            sa.func.row_number()
            .over(partition_by=(r.taken_at // interval_us, without_register), order_by=in_order)
            .label("place"),
            sa.func.lead(r.key).over(partition_by=without_register, order_by=in_order).label("next"),
        )
        .where(r.transaction_key == sa.bindparam("transaction_key"))
        .subquery()
    )
    return sa.select(ranked.c.key).where(
        ranked.c.place > 1, ranked.c.next.is_not(None), ranked.c.received_at < cutoff_us, ~ranked.c.kept
    )


def _execute_many(writing: Writing, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    writing.connection.executemany(sql, rows)
