"""The table of battery swaps."""

from sqlalchemy import Index, Table

from stationmaster.storage.schema.core import key_column, metadata, number_column, text_column

battery_swaps = Table(
    "battery_swaps",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    text_column("state"),
    number_column("started_at"),
    text_column("body"),
)
Index("battery_swaps_station", battery_swaps.c.station_key, battery_swaps.c.key)
Index("battery_swaps_tenant", battery_swaps.c.tenant, battery_swaps.c.key)
