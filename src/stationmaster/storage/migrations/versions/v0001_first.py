"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Int64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for create in _TABLES.values():
        create()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _commands() -> None:
    op.create_table(
        "commands",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Int64, autoincrement=False, nullable=False),
        sa.Column("remote_start_id", Int64, autoincrement=False, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("commands_station", "commands", ["station_key", "remote_start_id"])
    op.create_index("commands_tenant", "commands", ["tenant"])
    op.create_index(
        "commands_unfinished",
        "commands",
        ["station_key"],
        sqlite_where=sa.text("state IN ('queued', 'sent')"),
        postgresql_where=sa.text("state IN ('queued', 'sent')"),
    )


def _conflicts() -> None:
    op.create_table(
        "conflicts",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("transaction_key", Int64, autoincrement=False, nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("conflicts_station", "conflicts", ["station_key"])


def _connectors() -> None:
    op.create_table(
        "connectors",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("evse_id", Int64, autoincrement=False, nullable=False),
        sa.Column("connector_id", Int64, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key", "evse_id", "connector_id"),
        sqlite_with_rowid=False,
    )


def _evse_names() -> None:
    op.create_table(
        "evse_names",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("evse_id", Int64, autoincrement=False, nullable=False),
        sa.Column("connector_id", Int64, autoincrement=False, nullable=False),
        sa.Column("eid", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("station_key", "evse_id", "connector_id"),
        sqlite_with_rowid=False,
    )


def _frames() -> None:
    op.create_table(
        "frames",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("at", Int64, autoincrement=False, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answered_at", Int64, autoincrement=False, nullable=True),
        sa.Column("answer_kind", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("frames_station", "frames", ["station_key", "at"])


def _key_ranges() -> None:
    op.create_table(
        "key_ranges",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_key", Int64, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _oddities() -> None:
    op.create_table(
        "oddities",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("at", Int64, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("oddities_station", "oddities", ["station_key"])


def _oddity_counts() -> None:
    op.create_table(
        "oddity_counts",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", Int64, autoincrement=False, nullable=False),
        sa.Column("first_at", Int64, autoincrement=False, nullable=False),
        sa.Column("last_at", Int64, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("station_key", "kind"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", Int64, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", Int64, autoincrement=False, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("taken_at", Int64, autoincrement=False, nullable=False),
        sa.Column("digest", Int64, autoincrement=False, nullable=False),
        sa.Column("transaction_key", Int64, autoincrement=False, nullable=True),
        sa.Column("evse_id", Int64, autoincrement=False, nullable=False),
        sa.Column("connector_id", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("register_wh", sa.Text(), nullable=True),
        sa.Column("power_w", sa.Text(), nullable=True),
        sa.Column("samples", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("taken_at", "station_key", "digest", name="readings_once"),
    )
    op.create_index("readings_transaction", "readings", ["transaction_key", "taken_at"])


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name"),
    )


def _stations() -> None:
    op.create_table(
        "stations",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("generation", Int64, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("info", sa.Text(), nullable=False),
        sa.Column("boot_reason", sa.Text(), nullable=True),
        sa.Column("booted_at", Int64, autoincrement=False, nullable=True),
        sa.Column("connected_at", Int64, autoincrement=False, nullable=True),
        sa.Column("disconnected_at", Int64, autoincrement=False, nullable=True),
        sa.Column("last_seen_at", Int64, autoincrement=False, nullable=True),
        sa.Column("skew_s", sa.Float(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant", "identity", name="stations_identity"),
    )


def _tenants() -> None:
    op.create_table("tenants", sa.Column("name", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("name"))


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("value_key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant", "value_key", "type", name="tokens_value"),
    )


def _transaction_events() -> None:
    op.create_table(
        "transaction_events",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("transaction_key", Int64, autoincrement=False, nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("digest", Int64, autoincrement=False, nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("trigger_reason", sa.Text(), nullable=False),
        sa.Column("seq_no", Int64, autoincrement=False, nullable=True),
        sa.Column("timestamp", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("offline", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("transaction_key", "dedupe_key", name="transaction_events_once"),
    )


def _transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("wire_id", sa.Text(), nullable=False),
        sa.Column("token_key", sa.Text(), nullable=True),
        sa.Column("authorization", sa.Text(), nullable=True),
        sa.Column("start_key", sa.Text(), nullable=True),
        sa.Column("first_event_at", Int64, autoincrement=False, nullable=False),
        sa.Column("ended_at", Int64, autoincrement=False, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("station_key", "wire_id", name="transactions_wire_id"),
    )
    op.create_index(
        "transactions_open",
        "transactions",
        ["station_key"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("transactions_start", "transactions", ["station_key", "start_key"])
    op.create_index("transactions_time", "transactions", ["tenant", "first_event_at", "key"])
    op.create_index(
        "transactions_token",
        "transactions",
        ["tenant", "token_key"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _unknown_callers() -> None:
    op.create_table(
        "unknown_callers",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("first_at", Int64, autoincrement=False, nullable=False),
        sa.Column("last_at", Int64, autoincrement=False, nullable=False),
        sa.Column("calls", Int64, autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subprotocols", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "identity"),
    )
    op.create_index("unknown_callers_age", "unknown_callers", ["tenant", "last_at", "identity"])


_TABLES = {
    "api_keys": _api_keys,
    "commands": _commands,
    "conflicts": _conflicts,
    "connectors": _connectors,
    "evse_names": _evse_names,
    "frames": _frames,
    "key_ranges": _key_ranges,
    "oddities": _oddities,
    "oddity_counts": _oddity_counts,
    "outbox": _outbox,
    "readings": _readings,
    "settings": _settings,
    "stations": _stations,
    "tenants": _tenants,
    "tokens": _tokens,
    "transaction_events": _transaction_events,
    "transactions": _transactions,
    "unknown_callers": _unknown_callers,
}
