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


def key_column() -> Column[int]:
    return Column("key", Int64, primary_key=True, autoincrement=False)


def counted_column() -> Column[int]:
    return Column("key", Int64, primary_key=True)


def number_column(name: str, *, null: bool = False, primary: bool = False) -> Column[int]:
    return Column(name, Int64, nullable=null, primary_key=primary, autoincrement=False)


def text_column(name: str, *, null: bool = False, primary: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, primary_key=primary)


tenants = Table("tenants", metadata, text_column("name", primary=True))

settings = Table(
    "settings",
    metadata,
    text_column("tenant", primary=True),
    text_column("name", primary=True),
    text_column("value"),
)

key_ranges = Table("key_ranges", metadata, text_column("name", primary=True), number_column("next_key"))

stations = Table(
    "stations",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("identity"),
    number_column("generation"),
    text_column("name", null=True),
    text_column("registration"),
    text_column("version", null=True),
    text_column("info"),
    text_column("boot_reason", null=True),
    number_column("booted_at", null=True),
    number_column("connected_at", null=True),
    number_column("disconnected_at", null=True),
    number_column("last_seen_at", null=True),
    Column("skew_s", Float, nullable=True),
    text_column("body"),
    Column("state", Text, nullable=False, server_default="never_seen"),
    Column("connected", Int64, nullable=False, server_default="0"),
    text_column("site", null=True),
    text_column("vendor", null=True),
    text_column("model", null=True),
    text_column("firmware_version", null=True),
    text_column("serial_number", null=True),
    number_column("first_connected_at", null=True),
    Column("callback", Text, nullable=False, server_default="{}"),
    UniqueConstraint("tenant", "identity", name="stations_identity"),
)

"""What a station tells of itself has columns of its own, which a connection writes; ``body`` is what operators write.
Neither overwrites the other's. From ``state`` to ``first_connected_at`` they are made of other columns and tables, for
the station list: see ``storage/writes/stations.py``."""

for _sorted in ("name", "site", "state", "version", "vendor", "model", "firmware_version"):
    Index(f"stations_{_sorted}", stations.c.tenant, stations.c[_sorted], stations.c.identity)
Index(
    "stations_listed",
    stations.c.tenant,
    stations.c.identity,
    stations.c.name,
    stations.c.state,
    stations.c.site,
    stations.c.version,
    stations.c.vendor,
    stations.c.model,
    stations.c.firmware_version,
    stations.c.serial_number,
    stations.c.registration,
    stations.c.connected,
)
"""The list without the stations: what several filters leave is found in a tenth of the pages. When a station was seen
last is in no index, as that changes all the time."""

connectors = Table(
    "connectors",
    metadata,
    number_column("station_key", primary=True),
    number_column("evse_id", primary=True),
    number_column("connector_id", primary=True),
    text_column("status"),
    text_column("body"),
    sqlite_with_rowid=False,
)

evse_names = Table(
    "evse_names",
    metadata,
    number_column("station_key", primary=True),
    number_column("evse_id", primary=True),
    number_column("connector_id", primary=True),
    text_column("eid", null=True),
    sqlite_with_rowid=False,
)
"""Beside the connectors, not in them: those are what stations tell, and may come later than their names."""

learned = Table(
    "learned",
    metadata,
    number_column("station_key", primary=True),
    text_column("name", primary=True),
    text_column("value"),
    sqlite_with_rowid=False,
)

tokens = Table(
    "tokens",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("value_key"),
    text_column("type"),
    text_column("status"),
    text_column("body"),
    UniqueConstraint("tenant", "value_key", "type", name="tokens_value"),
)
"""``type`` is empty where it is not known: NULLs would all be different to the constraint."""

transactions = Table(
    "transactions",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    text_column("wire_id"),
    text_column("token_key", null=True),
    text_column("authorization", null=True),
    text_column("start_key", null=True),
    number_column("first_event_at"),
    number_column("ended_at", null=True),
    text_column("body"),
    number_column("energy_wh", null=True),
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
_over = transactions.c.ended_at.is_not(None)
Index(
    "transactions_over",
    transactions.c.tenant,
    transactions.c.ended_at,
    transactions.c.station_key,
    transactions.c.first_event_at,
    transactions.c.energy_wh,
    sqlite_where=_over,
    postgresql_where=_over,
)
"""All that overviews ask of transactions that are over. ``energy_wh`` is whole, and only of those."""

transaction_events = Table(
    "transaction_events",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("transaction_key"),
    text_column("dedupe_key"),
    number_column("digest"),
    text_column("event_type"),
    text_column("trigger_reason"),
    number_column("seq_no", null=True),
    number_column("timestamp"),
    number_column("received_at"),
    number_column("offline"),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("transaction_key", "dedupe_key", name="transaction_events_once"),
)

readings = Table(
    "readings",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("taken_at"),
    number_column("digest"),
    number_column("transaction_key", null=True),
    number_column("evse_id"),
    number_column("connector_id"),
    number_column("received_at"),
    text_column("register_wh", null=True),
    text_column("power_w", null=True),
    text_column("samples"),
    UniqueConstraint("taken_at", "station_key", "digest", name="readings_once"),
)
Index("readings_transaction", readings.c.transaction_key, readings.c.taken_at)

conflicts = Table(
    "conflicts",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("transaction_key", null=True),
    text_column("dedupe_key"),
    number_column("received_at"),
    Column("body", LargeBinary, nullable=False),
)
Index("conflicts_station", conflicts.c.station_key)

oddities = Table(
    "oddities",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("at"),
    text_column("kind"),
    text_column("action", null=True),
    text_column("detail"),
)
Index("oddities_station", oddities.c.station_key)

oddity_counts = Table(
    "oddity_counts",
    metadata,
    number_column("station_key", primary=True),
    text_column("kind", primary=True),
    number_column("count"),
    number_column("first_at"),
    number_column("last_at"),
)

commands = Table(
    "commands",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    text_column("kind"),
    text_column("state"),
    number_column("created_at"),
    number_column("remote_start_id", null=True),
    text_column("body"),
)
UNFINISHED = text("state IN ('queued', 'sent')")
"""For the index and its query alike: SQLite uses a partial index only for a condition in the same words."""
Index("commands_unfinished", commands.c.station_key, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
ACCEPTED = text("state = 'accepted'")
Index("commands_accepted", commands.c.created_at, sqlite_where=ACCEPTED, postgresql_where=ACCEPTED)
Index("commands_station", commands.c.station_key, commands.c.remote_start_id)
Index("commands_tenant", commands.c.tenant)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Int64, primary_key=True),
    text_column("tenant"),
    text_column("kind"),
    number_column("at"),
    number_column("station_key", null=True),
    text_column("data"),
    sqlite_autoincrement=True,
)
"""AUTOINCREMENT, as a number must not come again after the rows with the highest ones were pruned."""

unknown_callers = Table(
    "unknown_callers",
    metadata,
    text_column("tenant", primary=True),
    text_column("identity", primary=True),
    number_column("first_at"),
    number_column("last_at"),
    number_column("calls"),
    text_column("address"),
    text_column("subprotocols"),
)
Index("unknown_callers_age", unknown_callers.c.tenant, unknown_callers.c.last_at, unknown_callers.c.identity)

api_keys = Table("api_keys", metadata, key_column(), text_column("tenant"), text_column("body"))

frames = Table(
    "frame_stretches",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("from_at"),
    number_column("to_at"),
    number_column("frames"),
    text_column("heads"),
    text_column("text"),
)
Index("frame_stretches_station", frames.c.station_key, frames.c.from_at)
