"""The tables of DER control: what is known of each station's controls, and the alarms of its inverters."""

from sqlalchemy import Index, Table, UniqueConstraint

from stationmaster.storage.schema.core import counted_column, metadata, number_column, text_column

der_controls = Table(
    "der_controls",
    metadata,
    number_column("station_key", primary=True),
    text_column("control_id", primary=True),
    text_column("state"),
    text_column("body"),
    sqlite_with_rowid=False,
)

der_alarms = Table(
    "der_alarms",
    metadata,
    counted_column(),
    number_column("station_key"),
    text_column("type"),
    text_column("fault"),
    number_column("started_at"),
    number_column("received_at"),
    number_column("ended_at", null=True),
    text_column("extra", null=True),
    UniqueConstraint("station_key", "started_at", "type", "fault", name="der_alarms_once"),
)
Index(
    "der_alarms_open",
    der_alarms.c.station_key,
    der_alarms.c.fault,
    sqlite_where=der_alarms.c.ended_at.is_(None),
    postgresql_where=der_alarms.c.ended_at.is_(None),
)
"""``fault`` is empty where none was told: NULLs would all be different to the constraint."""
