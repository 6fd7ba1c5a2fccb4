"""Firmware: images, updates and what was told of them, publications, campaigns."""

from sqlalchemy import Index, Table, text

from stationmaster.storage.schema.core import (
    counted_column,
    key_column,
    metadata,
    number_column,
    text_column,
)

firmware_images = Table(
    "firmware_images",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("state"),
    text_column("body"),
)
Index("firmware_images_tenant", firmware_images.c.tenant)

firmware_updates = Table(
    "firmware_updates",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("campaign_key", null=True),
    number_column("image_key", null=True),
    text_column("state"),
    number_column("open"),
    number_column("created_at"),
    text_column("body"),
)
OPEN = text("open = 1")
"""For the index and its query alike: SQLite uses a partial index only for a condition in the same words."""
Index("firmware_updates_open", firmware_updates.c.station_key, sqlite_where=OPEN, postgresql_where=OPEN)
Index("firmware_updates_station", firmware_updates.c.station_key, firmware_updates.c.key)
Index("firmware_updates_campaign", firmware_updates.c.campaign_key)
Index("firmware_updates_tenant", firmware_updates.c.tenant)

firmware_statuses = Table(
    "firmware_statuses",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("update_key", null=True),
    text_column("status"),
    number_column("request_id", null=True),
    number_column("at"),
    number_column("in_order"),
    text_column("info", null=True),
)
Index("firmware_statuses_update", firmware_statuses.c.update_key)

publications = Table(
    "publications",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    text_column("state"),
    number_column("created_at"),
    text_column("body"),
)
Index("publications_station", publications.c.station_key, publications.c.key)

firmware_campaigns = Table(
    "firmware_campaigns",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("image_key"),
    text_column("state"),
    text_column("body"),
)
Index("firmware_campaigns_tenant", firmware_campaigns.c.tenant)

campaign_members = Table(
    "campaign_members",
    metadata,
    number_column("campaign_key", primary=True),
    number_column("place", primary=True),
    number_column("station_key"),
    number_column("update_key", null=True),
    text_column("state"),
    text_column("body"),
    sqlite_with_rowid=False,
)
"""In the order in which the stations were drawn."""
Index("campaign_members_station", campaign_members.c.station_key)
