"""Files that stations bring or fetch."""

from sqlalchemy import Index, Table

from stationmaster.storage.schema.core import key_column, metadata, number_column, text_column

transfers = Table(
    "transfers",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    text_column("purpose"),
    number_column("expires_at"),
    text_column("body"),
    number_column("closed_at", null=True),
    text_column("file_blob", null=True),
    text_column("file", null=True),
)
"""What happens to a transfer later has columns of its own: several may write them, in any order."""
Index("transfers_files", transfers.c.file_blob, sqlite_where=transfers.c.file_blob.is_not(None))
