"""The table of data transfers."""

from sqlalchemy import Index, Table

from stationmaster.storage.schema.core import counted_column, metadata, number_column, text_column

data_transfers = Table(
    "data_transfers",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("at"),
    text_column("direction"),
    text_column("vendor_id"),
    text_column("message_id", null=True),
    text_column("status"),
    text_column("data", null=True),
    text_column("answer", null=True),
)
Index("data_transfers_station", data_transfers.c.station_key)
