"""The tables. Every row belongs to a tenant, by itself or through its station.

Rules:

* Times are microseconds since 1970 in UTC: exact, ordered, and a key like any other number.
* Decimals are text: exact.
* What is a whole struct (a station, a transaction) is kept as JSON in ``body``; the columns beside it are those that
  are searched. So a new field with a default needs no migration.
* There are no foreign keys: one batch writes the rows of many messages grouped by table, not by cause, and evidence
  outlives what it belongs to.
* What arrives all the time is appended in the order of time. An index that begins with the station costs a page of
  the write-ahead log for every row, as each row of a batch is another station's: six times the cost of an index that
  begins with the time.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

Int64 = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite's INTEGER holds 64 bits, and only INTEGER may be the row's own id."""

metadata = MetaData()


def _key() -> Column[int]:
    return Column("key", Int64, primary_key=True, autoincrement=False)


def _counted() -> Column[int]:
    return Column("key", Int64, primary_key=True)


def _number(name: str, *, null: bool = False, primary: bool = False) -> Column[int]:
    return Column(name, Int64, nullable=null, primary_key=primary, autoincrement=False)


def _text(name: str, *, null: bool = False, primary: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, primary_key=primary)


tenants = Table("tenants", metadata, _text("name", primary=True))

settings = Table(
    "settings",
    metadata,
    _text("tenant", primary=True),
    _text("name", primary=True),
    _text("value"),
)

key_ranges = Table("key_ranges", metadata, _text("name", primary=True), _number("next_key"))

stations = Table(
    "stations",
    metadata,
    _key(),
    _text("tenant"),
    _text("identity"),
    _number("generation"),
    _text("name", null=True),
    _text("registration"),
    _text("version", null=True),
    _text("info"),
    _text("boot_reason", null=True),
    _number("booted_at", null=True),
    _number("connected_at", null=True),
    _number("disconnected_at", null=True),
    _number("last_seen_at", null=True),
    Column("skew_s", Float, nullable=True),
    _text("body"),
    UniqueConstraint("tenant", "identity", name="stations_identity"),
)

"""What a station tells of itself has columns of its own, which a connection writes; ``body`` is what operators write.
Neither overwrites the other's."""

connectors = Table(
    "connectors",
    metadata,
    _number("station_key", primary=True),
    _number("evse_id", primary=True),
    _number("connector_id", primary=True),
    _text("status"),
    _text("body"),
    sqlite_with_rowid=False,
)

evse_names = Table(
    "evse_names",
    metadata,
    _number("station_key", primary=True),
    _number("evse_id", primary=True),
    _number("connector_id", primary=True),
    _text("eid", null=True),
    sqlite_with_rowid=False,
)
"""Beside the connectors, not in them: those are what stations tell, and may come later than their names."""

tokens = Table(
    "tokens",
    metadata,
    _key(),
    _text("tenant"),
    _text("value_key"),
    _text("type"),
    _text("status"),
    _text("body"),
    UniqueConstraint("tenant", "value_key", "type", name="tokens_value"),
)
"""``type`` is empty where it is not known: NULLs would all be different to the constraint."""

transactions = Table(
    "transactions",
    metadata,
    _key(),
    _text("tenant"),
    _number("station_key"),
    _text("wire_id"),
    _text("token_key", null=True),
    _text("authorization", null=True),
    _text("start_key", null=True),
    _number("first_event_at"),
    _number("ended_at", null=True),
    _text("body"),
    UniqueConstraint("station_key", "wire_id", name="transactions_wire_id"),
)
_open = transactions.c.ended_at.is_(None)
Index("transactions_open", transactions.c.station_key, sqlite_where=_open, postgresql_where=_open)
Index(
    "transactions_token",
    transactions.c.tenant,
    transactions.c.token_key,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("transactions_start", transactions.c.station_key, transactions.c.start_key)
Index("transactions_time", transactions.c.tenant, transactions.c.first_event_at, transactions.c.key)

transaction_events = Table(
    "transaction_events",
    metadata,
    _counted(),
    _number("station_key"),
    _number("transaction_key"),
    _text("dedupe_key"),
    _number("digest"),
    _text("event_type"),
    _text("trigger_reason"),
    _number("seq_no", null=True),
    _number("timestamp"),
    _number("received_at"),
    _number("offline"),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("transaction_key", "dedupe_key", name="transaction_events_once"),
)

readings = Table(
    "readings",
    metadata,
    _counted(),
    _number("station_key"),
    _number("taken_at"),
    _number("digest"),
    _number("transaction_key", null=True),
    _number("evse_id"),
    _number("connector_id"),
    _number("received_at"),
    _text("register_wh", null=True),
    _text("power_w", null=True),
    _text("samples"),
    UniqueConstraint("taken_at", "station_key", "digest", name="readings_once"),
)
Index("readings_transaction", readings.c.transaction_key, readings.c.taken_at)

conflicts = Table(
    "conflicts",
    metadata,
    _counted(),
    _number("station_key"),
    _number("transaction_key", null=True),
    _text("dedupe_key"),
    _number("received_at"),
    Column("body", LargeBinary, nullable=False),
)
Index("conflicts_station", conflicts.c.station_key)

oddities = Table(
    "oddities",
    metadata,
    _counted(),
    _number("station_key"),
    _number("at"),
    _text("kind"),
    _text("action", null=True),
    _text("detail"),
)
Index("oddities_station", oddities.c.station_key)

oddity_counts = Table(
    "oddity_counts",
    metadata,
    _number("station_key", primary=True),
    _text("kind", primary=True),
    _number("count"),
    _number("first_at"),
    _number("last_at"),
)

commands = Table(
    "commands",
    metadata,
    _key(),
    _text("tenant"),
    _number("station_key"),
    _text("kind"),
    _text("state"),
    _number("created_at"),
    _number("remote_start_id", null=True),
    _text("body"),
)
UNFINISHED = text("state IN ('queued', 'sent')")
"""For the index and its query alike: SQLite uses a partial index only for a condition in the same words."""
Index("commands_unfinished", commands.c.station_key, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
Index("commands_station", commands.c.station_key, commands.c.remote_start_id)
Index("commands_tenant", commands.c.tenant)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Int64, primary_key=True),
    _text("tenant"),
    _text("kind"),
    _number("at"),
    _number("station_key", null=True),
    _text("data"),
    sqlite_autoincrement=True,
)
"""AUTOINCREMENT, as a number must not come again after the rows with the highest ones were pruned."""

unknown_callers = Table(
    "unknown_callers",
    metadata,
    _text("tenant", primary=True),
    _text("identity", primary=True),
    _number("first_at"),
    _number("last_at"),
    _number("calls"),
    _text("address"),
    _text("subprotocols"),
)
Index("unknown_callers_age", unknown_callers.c.tenant, unknown_callers.c.last_at, unknown_callers.c.identity)

api_keys = Table("api_keys", metadata, _key(), _text("tenant"), _text("body"))

frames = Table(
    "frames",
    metadata,
    _counted(),
    _number("station_key"),
    _number("at"),
    _text("direction"),
    _text("kind"),
    _text("message_id", null=True),
    _text("action", null=True),
    _text("frame"),
    _text("error", null=True),
    # A call's answer, where it came at once: see storage.exchanges.
    _number("answered_at", null=True),
    _text("answer_kind", null=True),
    _text("answer", null=True),
)
Index("frames_station", frames.c.station_key, frames.c.at)
