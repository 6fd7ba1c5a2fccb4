"""Where a person stands in the database: the one table of places. Whoever stores tokens adds its row here.

Bills and what they were made from are no places: they are kept by law, and name transactions only. Neither is the row
of a token itself, which is removed when all else is done.
"""

from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.storage.schema import (
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
from stationmaster.storage.schema_authorization import refusals
from stationmaster.storage.schema_battery_swap import battery_swaps
from stationmaster.storage.schema_billing import bills
from stationmaster.storage.schema_data_transfer import data_transfers
from stationmaster.storage.schema_diagnostics import customer_report_parts, security_events
from stationmaster.storage.schema_payment import settlements
from stationmaster.storage.schema_reservation import OPEN_RESERVATION, reservations


class Personal(msgspec.Struct, frozen=True):
    """A table that may hold a person's token. ``stays``: rows that are still needed as they are.

    ``with_it``: rows of another table, by their key of this one's, that tell of the person in words of their own; they
    are removed. ``kept``: rows of another table that belong to these and are kept.
    """

    key: sa.Column[int]
    columns: tuple[sa.Column[Any], ...]
    stays: Any = sa.false()
    with_it: sa.Column[int] | None = None
    kept: sa.Column[int] | None = None

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
    Personal(battery_swaps.c.key, (battery_swaps.c.body,)),
    Personal(data_transfers.c.key, (data_transfers.c.data, data_transfers.c.answer)),
    Personal(oddities.c.key, (oddities.c.detail,)),
    Personal(security_events.c.key, (security_events.c.tech_info,)),
    Personal(commands.c.key, (commands.c.body,), _holds(UNFINISHED), with_it=customer_report_parts.c.report_key),
    Personal(outbox.c.seq, (outbox.c.data,)),
    Personal(frames.c.key, (frames.c.frame, frames.c.answer)),
)
