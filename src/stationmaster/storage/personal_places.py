"""Where a person stands in the database: the one table of places. Whoever stores tokens adds its row here.

Bills and what they were made from are no places: they are kept by law, and name transactions only. Neither is the row
of a token itself, which is removed when all else is done.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.storage.frame_rows import to_frames, to_stretch
from stationmaster.storage.schema.authorization import refusals
from stationmaster.storage.schema.battery_swap import battery_swaps
from stationmaster.storage.schema.billing import bills
from stationmaster.storage.schema.core import (
    UNFINISHED,
    commands,
    conflicts,
    frames,
    oddities,
    outbox,
    stations,
    transaction_events,
    transactions,
)
from stationmaster.storage.schema.data_transfer import data_transfers
from stationmaster.storage.schema.diagnostics import customer_report_parts, customer_reports, security_events
from stationmaster.storage.schema.monitoring import alarms, station_events
from stationmaster.storage.schema.payment import settlements, web_payments
from stationmaster.storage.schema.people import audit
from stationmaster.storage.schema.reservation import OPEN_RESERVATION, reservations
from stationmaster.storage.schema.tariffs import tariff_assignments


class Personal(msgspec.Struct, frozen=True):
    """A table that may hold a person's token. ``stays``: rows that are still needed as they are.

    ``with_it``: rows of another table, by their key of this one's, that tell of the person in words of their own; they
    are removed. ``kept``: rows of another table that belong to these and are kept. ``parts``: of rows that hold more
    than one person's, the parts; an export tells only those that are the person's.
    """

    key: sa.Column[int]
    columns: tuple[sa.Column[Any], ...]
    stays: Any = sa.false()
    with_it: sa.Column[int] | None = None
    kept: sa.Column[int] | None = None
    parts: Callable[[Mapping[str, Any]], list[dict[str, Any]]] | None = None

    @property
    def told_with(self) -> tuple[sa.Column[int], ...]:
        """What an export tells with its rows."""
        return tuple(column for column in (self.with_it, self.kept) if column is not None)

    @property
    def table(self) -> sa.Table:
        return self.key.table

    def of_tenant(self, tenant: str) -> sa.ColumnElement[bool]:
        columns = self.table.c
        if "tenant" in columns:
            return columns.tenant == tenant
        return columns.station_key.in_(sa.select(stations.c.key).where(stations.c.tenant == tenant))


def _holds(condition: sa.TextClause) -> sa.ColumnElement[bool]:
    return sa.literal_column(f"({condition.text})", sa.Boolean)


def _frames_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    heard = to_frames(to_stretch((row["station_key"], row["heads"], row["text"])))
    return [{"key": row["key"], "heads": "", "text": each.frame, **msgspec.structs.asdict(each)} for each in heard]


PLACES: tuple[Personal, ...] = (
    Personal(
        transactions.c.key,
        (transactions.c.token_key, transactions.c.start_key, transactions.c.body),
        kept=bills.c.transaction_key,
    ),
    Personal(transaction_events.c.key, (transaction_events.c.body,)),
    Personal(conflicts.c.key, (conflicts.c.body,)),
    Personal(reservations.c.key, (reservations.c.token_key, reservations.c.body), _holds(OPEN_RESERVATION)),
    Personal(refusals.c.key, (refusals.c.token_key, refusals.c.body)),
    Personal(settlements.c.key, (settlements.c.psp_ref, settlements.c.body)),
    Personal(web_payments.c.key, (web_payments.c.psp_ref, web_payments.c.body)),
    Personal(battery_swaps.c.key, (battery_swaps.c.body,)),
    Personal(data_transfers.c.key, (data_transfers.c.data, data_transfers.c.answer)),
    Personal(oddities.c.key, (oddities.c.detail,)),
    Personal(security_events.c.key, (security_events.c.tech_info,)),
    Personal(station_events.c.key, (station_events.c.body,)),
    Personal(alarms.c.key, (alarms.c.body, alarms.c.note)),
    Personal(tariff_assignments.c.key, (tariff_assignments.c.body,)),
    Personal(customer_reports.c.key, (customer_reports.c.body,)),
    Personal(commands.c.key, (commands.c.body,), _holds(UNFINISHED), with_it=customer_report_parts.c.report_key),
    Personal(outbox.c.seq, (outbox.c.data,)),
    Personal(audit.c.key, (audit.c.detail,)),
    Personal(frames.c.key, (frames.c.heads, frames.c.text), parts=_frames_of),
)
