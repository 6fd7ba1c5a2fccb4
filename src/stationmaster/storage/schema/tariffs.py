"""Tariffs, to whom and where they apply, and where stations stand."""

from sqlalchemy import Index, Table, UniqueConstraint

from stationmaster.storage.schema.core import (
    counted_column,
    key_column,
    metadata,
    number_column,
    text_column,
)

tariffs = Table(
    "tariffs",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("name"),
    number_column("version"),
    number_column("valid_from"),
    text_column("body"),
    UniqueConstraint("tenant", "name", "version", name="tariffs_version"),
)
"""A row is a version, and is never written again."""

tariff_assignments = Table(
    "tariff_assignments",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("from_at"),
    number_column("to_at", null=True),
    text_column("body"),
)
Index("tariff_assignments_tenant", tariff_assignments.c.tenant)

price_publications = Table(
    "price_publications",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("tariff"),
    number_column("at"),
    text_column("body"),
)
Index("price_publications_tariff", price_publications.c.tenant, price_publications.c.tariff, price_publications.c.key)

sites = Table(
    "sites",
    metadata,
    text_column("tenant", primary=True),
    text_column("name", primary=True),
    text_column("zone"),
    text_column("latitude", null=True),
    text_column("longitude", null=True),
    text_column("address", null=True),
    sqlite_with_rowid=False,
)

places = Table(
    "places",
    metadata,
    number_column("station_key", primary=True),
    number_column("evse_id", primary=True),
    text_column("body"),
    text_column("latitude", null=True),
    text_column("longitude", null=True),
    sqlite_with_rowid=False,
)
"""EVSE 0 is the station. ``latitude`` and ``longitude`` are in the body, too."""

place_states = Table(
    "place_states",
    metadata,
    counted_column(),
    number_column("station_key"),
    number_column("evse_id"),
    number_column("connector_id"),
    number_column("at"),
    text_column("state"),
    number_column("received_at"),
    UniqueConstraint("at", "station_key", "evse_id", "connector_id", "state", name="place_states_once"),
)
Index("place_states_place", place_states.c.station_key, place_states.c.evse_id, place_states.c.at)
