"""Bills, what they were made from, and what operators corrected."""

from sqlalchemy import Column, Index, LargeBinary, Table, UniqueConstraint, text

from stationmaster.storage.schema.core import key_column, metadata, number_column, text_column

bills = Table(
    "bills",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("transaction_key"),
    number_column("version"),
    text_column("state"),
    number_column("started_at", null=True),
    text_column("flags"),
    text_column("inputs_digest"),
    text_column("body"),
    number_column("ended_at", null=True),
    text_column("currency", null=True),
    number_column("total_minor", null=True),
    UniqueConstraint("transaction_key", "version", name="bills_version"),
)
"""``flags``: each between blanks. ``total_minor``: in the least unit of the currency. Nothing here names a person."""
CURRENT_STATES = frozenset({"issued", "held"})
CURRENT = text("state IN ('issued', 'held')")
"""For the index and its queries alike: SQLite uses a partial index only for a condition in the same words."""
Index("bills_current", bills.c.transaction_key, unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT)
Index(
    "bills_day",
    bills.c.tenant,
    bills.c.ended_at,
    bills.c.currency,
    bills.c.state,
    bills.c.total_minor,
    sqlite_where=CURRENT,
    postgresql_where=CURRENT,
)
Index("bills_tenant", bills.c.tenant, bills.c.key)
Index("bills_station", bills.c.station_key, bills.c.key)

bill_inputs = Table(
    "bill_inputs",
    metadata,
    text_column("digest", primary=True),
    Column("body", LargeBinary, nullable=False),
)
"""``body`` is compressed (zlib): a day of minutes takes some kilobytes."""

bill_corrections = Table(
    "bill_corrections",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("transaction_key"),
    text_column("body"),
)
unplugged = Table("unplugged", metadata, number_column("transaction_key", primary=True), number_column("at"))
"""When the cars of transactions left, as stations of 1.6 tell of it beside them."""

Index("bill_corrections_transaction", bill_corrections.c.transaction_key)
