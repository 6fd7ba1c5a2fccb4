"""The table of reservations."""

from sqlalchemy import Index, Table, and_, text

from stationmaster.domain.reservation.reservations import OPEN_STATES
from stationmaster.storage.schema.core import key_column, metadata, number_column, text_column

reservations = Table(
    "reservations",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("reservation_id"),
    number_column("evse_id", null=True),
    number_column("connector_id"),
    text_column("state"),
    text_column("token_key"),
    number_column("asked_at"),
    number_column("expires_at"),
    text_column("body"),
)
OPEN_RESERVATION = text("state IN ({})".format(", ".join(f"'{state}'" for state in sorted(OPEN_STATES))))
"""Those for which a station may be keeping a place."""

Index("reservations_tenant", reservations.c.tenant, reservations.c.key)
Index("reservations_station", reservations.c.station_key, reservations.c.reservation_id)
Index(
    "reservations_number",
    reservations.c.station_key,
    reservations.c.reservation_id,
    unique=True,
    sqlite_where=OPEN_RESERVATION,
)
Index(
    "reservations_place",
    reservations.c.station_key,
    reservations.c.evse_id,
    reservations.c.connector_id,
    unique=True,
    sqlite_where=and_(OPEN_RESERVATION, reservations.c.evse_id.is_not(None)),
)
"""Never two for one place, whatever else fails."""
Index("reservations_open", reservations.c.expires_at, sqlite_where=OPEN_RESERVATION)
