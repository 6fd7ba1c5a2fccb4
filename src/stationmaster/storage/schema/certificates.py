"""The tables of certificates: what each station said it has, and its newest request for each use."""

from sqlalchemy import Table

from stationmaster.storage.schema.core import metadata, number_column, text_column

installed_certificates = Table(
    "installed_certificates",
    metadata,
    number_column("station_key", primary=True),
    text_column("use", primary=True),
    number_column("seen_at"),
    text_column("body"),
    sqlite_with_rowid=False,
)

certificate_requests = Table(
    "certificate_requests",
    metadata,
    number_column("station_key", primary=True),
    text_column("use", primary=True),
    text_column("state"),
    number_column("received_at"),
    text_column("body"),
    sqlite_with_rowid=False,
)
