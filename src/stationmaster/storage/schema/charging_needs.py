"""The table of what cars told: the newest of each EVSE."""

from sqlalchemy import Table

from stationmaster.storage.schema.core import metadata, number_column, text_column

charging_needs = Table(
    "charging_needs",
    metadata,
    number_column("station_key", primary=True),
    number_column("evse_id", primary=True),
    text_column("body"),
    sqlite_with_rowid=False,
)
