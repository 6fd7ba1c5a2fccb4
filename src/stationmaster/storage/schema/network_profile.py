"""The table of network profiles: what stations have taken into their slots, without secrets."""

from sqlalchemy import Table

from stationmaster.storage.schema.core import metadata, number_column, text_column

network_profiles = Table(
    "network_profiles",
    metadata,
    number_column("station_key", primary=True),
    number_column("slot", primary=True),
    number_column("set_at"),
    text_column("body"),
    sqlite_with_rowid=False,
)
