"""The table of what stations said of their transactions when they were asked."""

from sqlalchemy import Table

from stationmaster.storage.schema.core import metadata, number_column, text_column

transaction_statuses = Table(
    "transaction_statuses",
    metadata,
    number_column("station_key", primary=True),
    text_column("wire_id", primary=True),
    number_column("ongoing", null=True),
    number_column("messages_in_queue"),
    number_column("told_at"),
    sqlite_with_rowid=False,
)
"""By the wire's id: a station is asked by it, also of a transaction that is not known here."""
