"""The tables of periodic event streams: which are open, and their values."""

from sqlalchemy import Index, Table

from stationmaster.storage.schema.core import counted_column, metadata, number_column, text_column

event_streams = Table(
    "event_streams",
    metadata,
    number_column("station_key", primary=True),
    number_column("id", primary=True),
    text_column("body"),
    sqlite_with_rowid=False,
)

stream_values = Table(
    "stream_values",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("stream_id"),
    number_column("monitoring_id", null=True),
    number_column("at"),
    number_column("received_at"),
    text_column("value"),
)
Index("stream_values_stream", stream_values.c.station_key, stream_values.c.stream_id)
