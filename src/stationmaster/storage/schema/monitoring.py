"""What stations watch of themselves, and what came of it: monitors, events and alarms."""

from sqlalchemy import Index, Table, UniqueConstraint

from stationmaster.storage.schema.core import counted_column, key_column, metadata, number_column, text_column

known_monitors = Table(
    "known_monitors",
    metadata,
    number_column("station_key", primary=True),
    text_column("body"),
)
"""All of a station in one row: they are read together, and a report replaces them together."""

alarms = Table(
    "alarms",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("severity"),
    number_column("received_at"),
    number_column("rank"),
    text_column("body"),
    number_column("acknowledged_at", null=True),
    text_column("acknowledged_by", null=True),
    text_column("note", null=True),
)
"""``rank`` is the order of the list: 10 minus the severity while an alarm is open, 0 once it is over. What people do
about an alarm has columns of its own: the station's next word about it does not undo it."""
OPEN = alarms.c.rank > 0
Index("alarms_tenant", alarms.c.tenant, alarms.c.rank, alarms.c.key)
Index("alarms_station", alarms.c.station_key, alarms.c.rank, alarms.c.key)

station_events = Table(
    "station_events",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("timestamp"),
    number_column("digest"),
    number_column("received_at"),
    text_column("component"),
    text_column("variable"),
    number_column("severity", null=True),
    number_column("alarm_key", null=True),
    text_column("body"),
    UniqueConstraint("timestamp", "station_key", "digest", name="station_events_once"),
)
Index("station_events_station", station_events.c.station_key)
Index("station_events_alarm", station_events.c.alarm_key, sqlite_where=station_events.c.alarm_key.is_not(None))
