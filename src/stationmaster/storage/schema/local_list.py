"""Local authorization lists: how each station's one stands, and what is on those that stations share."""

from sqlalchemy import Column, Index, LargeBinary, Table

from stationmaster.storage.schema.core import metadata, number_column, text_column

local_lists = Table(
    "local_lists",
    metadata,
    number_column("station_key", primary=True),
    text_column("tenant"),
    text_column("state"),
    text_column("digest", null=True),
    text_column("body"),
    sqlite_with_rowid=False,
)
Index("local_lists_tenant", local_lists.c.tenant, local_lists.c.station_key)
Index("local_lists_digest", local_lists.c.tenant, local_lists.c.digest)

local_list_wishes = Table(
    "local_list_wishes",
    metadata,
    number_column("station_key", primary=True),
    text_column("tenant"),
    number_column("wanted", null=True),
    sqlite_with_rowid=False,
)
"""What operators decided, beside what became of it."""

local_list_contents = Table(
    "local_list_contents",
    metadata,
    text_column("tenant", primary=True),
    text_column("digest", primary=True),
    number_column("made_at"),
    Column("body", LargeBinary, nullable=False),
)
"""``body``: the entries as JSON, deflated."""
