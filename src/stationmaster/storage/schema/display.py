"""What stands on the displays of stations."""

from sqlalchemy import Table

from stationmaster.storage.schema.core import metadata, number_column, text_column

display_messages = Table(
    "display_messages",
    metadata,
    number_column("station_key", primary=True),
    text_column("body"),
)
"""All of a station in one row: they are read together, and a list replaces them together."""
