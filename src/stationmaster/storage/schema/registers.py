"""The last known register of each EVSE."""

from sqlalchemy import Table

from stationmaster.storage.schema.core import metadata, number_column, text_column

evse_registers = Table(
    "evse_registers",
    metadata,
    number_column("station_key", primary=True),
    number_column("evse_id", primary=True),
    text_column("body"),
    sqlite_with_rowid=False,
)
