"""What was done for a driver's rights: exports of what is known of somebody, and erasures."""

from sqlalchemy import Index, Table

from stationmaster.storage.schema.core import key_column, metadata, number_column, text_column

erasures = Table(
    "erasures",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("state"),
    number_column("at"),
    text_column("body"),
)
"""``body`` holds no value of a token that is erased."""
Index("erasures_tenant", erasures.c.tenant, erasures.c.key)

driver_exports = Table(
    "driver_exports",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("state"),
    number_column("at"),
    text_column("body"),
)
Index("driver_exports_tenant", driver_exports.c.tenant, driver_exports.c.key)
