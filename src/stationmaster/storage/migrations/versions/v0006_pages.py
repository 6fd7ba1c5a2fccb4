"""People, what they did, and what overviews are made of."""

import sqlalchemy as sa
from alembic import op

from stationmaster.storage.migrations.backfill_v0006 import fill
from stationmaster.storage.migrations.columns import Int64, ints, ints_or_null, row_id, texts, texts_or_null

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for create in _TABLES.values():
        create()
    _on_older_tables()
    _indexes_on_older_tables()
    fill(op.get_bind())


def downgrade() -> None:
    op.drop_index("transactions_over", "transactions")
    op.drop_column("transactions", "energy_wh")
    op.drop_index("stations_version", "stations")
    op.drop_index("stations_vendor", "stations")
    op.drop_index("stations_state", "stations")
    op.drop_index("stations_site", "stations")
    op.drop_index("stations_name", "stations")
    op.drop_index("stations_model", "stations")
    op.drop_index("stations_listed", "stations")
    op.drop_index("stations_firmware_version", "stations")
    op.drop_column("stations", "first_connected_at")
    op.drop_column("stations", "serial_number")
    op.drop_column("stations", "firmware_version")
    op.drop_column("stations", "model")
    op.drop_column("stations", "vendor")
    op.drop_column("stations", "site")
    op.drop_column("stations", "connected")
    op.drop_column("stations", "state")
    op.drop_column("sites", "address")
    op.drop_column("sites", "longitude")
    op.drop_column("sites", "latitude")
    op.drop_column("places", "longitude")
    op.drop_column("places", "latitude")
    op.drop_index("bills_day", "bills")
    op.drop_column("bills", "total_minor")
    op.drop_column("bills", "currency")
    op.drop_column("bills", "ended_at")
    for name in reversed(_TABLES):
        op.drop_table(name)


def _audit() -> None:
    op.create_table(
        "audit",
        *ints("key"),
        *texts("tenant"),
        *ints("at"),
        *texts("actor_kind"),
        *ints_or_null("actor_key"),
        *texts("actor", "operation", "method", "path"),
        *ints_or_null("station_key", "status"),
        *texts("address", "detail"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("audit_tenant", "audit", ["tenant", "key"])


def _downtimes() -> None:
    op.create_table(
        "downtimes",
        row_id(),
        *ints("from_at", "to_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("from_at", name="downtimes_once"),
    )


def _offline_spells() -> None:
    op.create_table(
        "offline_spells",
        row_id(),
        *ints("station_key", "from_at", "to_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("station_key", "from_at", name="offline_spells_once"),
    )
    op.create_index("offline_spells_end", "offline_spells", ["to_at", "station_key", "from_at"])


def _people() -> None:
    op.create_table(
        "people",
        *ints("key"),
        *texts("tenant", "name_key", "name", "display_name", "role", "password_hash"),
        *ints("created_at"),
        *ints_or_null("disabled_at", "last_sign_in_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant", "name_key", name="people_name"),
    )


def _power_slots() -> None:
    op.create_table(
        "power_slots",
        row_id(),
        *texts("tenant"),
        *ints("at"),
        *texts("site"),
        *ints("taken_at", "samples", "power_w"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant", "at", "site", name="power_slots_once"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        *ints("key", "person_key"),
        *texts("tenant", "name", "role", "hash"),
        *ints("created_at", "used_at", "expires_at"),
        *texts("address", "agent"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("sessions_person", "sessions", ["person_key"])


def _indexes_on_older_tables() -> None:
    op.create_index(
        "bills_day",
        "bills",
        ["tenant", "ended_at", "currency", "state", "total_minor"],
        sqlite_where=sa.text("state IN ('issued', 'held')"),
        postgresql_where=sa.text("state IN ('issued', 'held')"),
    )
    op.create_index("stations_firmware_version", "stations", ["tenant", "firmware_version", "identity"])
    op.create_index(
        "stations_listed",
        "stations",
        [
            "tenant",
            "identity",
            "name",
            "state",
            "site",
            "version",
            "vendor",
            "model",
            "firmware_version",
            "serial_number",
            "registration",
            "connected",
        ],
    )
    op.create_index("stations_model", "stations", ["tenant", "model", "identity"])
    op.create_index("stations_name", "stations", ["tenant", "name", "identity"])
    op.create_index("stations_site", "stations", ["tenant", "site", "identity"])
    op.create_index("stations_state", "stations", ["tenant", "state", "identity"])
    op.create_index("stations_vendor", "stations", ["tenant", "vendor", "identity"])
    op.create_index("stations_version", "stations", ["tenant", "version", "identity"])
    op.create_index(
        "transactions_over",
        "transactions",
        ["tenant", "ended_at", "station_key", "first_event_at", "energy_wh"],
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )


def _on_older_tables() -> None:
    op.add_column("stations", sa.Column("state", sa.Text(), nullable=False, server_default="never_seen"))
    op.add_column("stations", sa.Column("connected", Int64, nullable=False, server_default="0"))
    for column in (
        *ints_or_null("ended_at"),
        *texts_or_null("currency"),
        *ints_or_null("total_minor"),
    ):
        op.add_column("bills", column)
    for column in (*texts_or_null("latitude", "longitude"),):
        op.add_column("places", column)
    for column in (*texts_or_null("latitude", "longitude", "address"),):
        op.add_column("sites", column)
    for column in (
        *texts_or_null("site", "vendor", "model", "firmware_version", "serial_number"),
        *ints_or_null("first_connected_at"),
    ):
        op.add_column("stations", column)
    for column in (*ints_or_null("energy_wh"),):
        op.add_column("transactions", column)


_TABLES = {
    "audit": _audit,
    "downtimes": _downtimes,
    "offline_spells": _offline_spells,
    "people": _people,
    "power_slots": _power_slots,
    "sessions": _sessions,
}
