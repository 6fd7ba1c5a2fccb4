"""Paying: what the tables of payments, station tariffs and metering came to need."""

import sqlalchemy as sa
from alembic import op

from stationmaster.storage.migrations.columns import ints, ints_or_null, texts, texts_or_null

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for create in _TABLES.values():
        create()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _evse_registers() -> None:
    op.create_table(
        "evse_registers",
        *ints("station_key", "evse_id"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key", "evse_id"),
        sqlite_with_rowid=False,
    )


def _unplugged() -> None:
    op.create_table(
        "unplugged",
        *ints("transaction_key", "at"),
        sa.PrimaryKeyConstraint("transaction_key"),
    )


def _web_payments() -> None:
    op.create_table(
        "web_payments",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key"),
        *ints_or_null("evse_id"),
        *texts("state"),
        *ints("until"),
        *texts_or_null("psp_ref"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        "web_payments_open",
        "web_payments",
        ["station_key", "evse_id"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("web_payments_psp_ref", "web_payments", ["station_key", "psp_ref"])
    op.create_index("web_payments_station", "web_payments", ["station_key", "key"])
    op.create_index("web_payments_tenant", "web_payments", ["tenant", "key"])


_TABLES = {
    "evse_registers": _evse_registers,
    "unplugged": _unplugged,
    "web_payments": _web_payments,
}
