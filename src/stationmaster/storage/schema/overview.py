"""What overviews are made of: when stations were away, when the CSMS was, and the power at each site over time."""

from sqlalchemy import Index, Table, UniqueConstraint

from stationmaster.storage.schema.core import counted_column, metadata, number_column, text_column

offline_spells = Table(
    "offline_spells",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("from_at"),
    number_column("to_at"),
    UniqueConstraint("station_key", "from_at", name="offline_spells_once"),
)
Index("offline_spells_end", offline_spells.c.to_at, offline_spells.c.station_key, offline_spells.c.from_at)
"""Those that are over, written when the station comes back. The one that lasts is in the station's own row."""

downtimes = Table(
    "downtimes",
    metadata,
    counted_column(),
    number_column("from_at"),
    number_column("to_at"),
    UniqueConstraint("from_at", name="downtimes_once"),
)
"""When no node of the CSMS was up, so that nothing is known of any station."""

power_slots = Table(
    "power_slots",
    metadata,
    counted_column(),
    text_column("tenant"),
    number_column("at"),
    text_column("site"),
    number_column("taken_at"),
    number_column("samples"),
    number_column("power_w"),
    UniqueConstraint("tenant", "at", "site", name="power_slots_once"),
)
"""``power_w`` is the sum of as many samples; ``site`` is empty for stations that stand at none, and that row is always
there: it tells how many samples the slot has."""
