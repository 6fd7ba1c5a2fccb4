"""How tariffs, assignments, sites and places are written and read back."""

from decimal import Decimal

import msgspec
import sqlalchemy as sa

from stationmaster.domain.cost.billing_records import PlaceForgotten
from stationmaster.domain.cost.publications import PricePublished
from stationmaster.domain.cost.sites import PlaceFacts, PlaceState, Site
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.storage.rows import Row, Values, micros, moment
from stationmaster.storage.schema.tariffs import (
    place_states,
    places,
    price_publications,
    sites,
    tariff_assignments,
    tariffs,
)
from stationmaster.storage.statements import Write, compiled, insert_once, plain_insert, upsert
from stationmaster.storage.writes.stations import SITE
from stationmaster.storage.writes.stations import site_row as station_site_row

_encode = msgspec.json.encode


def tariff_row(tariff: Tariff) -> Values:
    body = _encode(tariff).decode()
    return (tariff.key, tariff.tenant, tariff.name, tariff.version, micros(tariff.valid_from), body)


def assignment_row(assignment: Assignment) -> Values:
    to_at = None if assignment.to_at is None else micros(assignment.to_at)
    return (assignment.key, assignment.tenant, micros(assignment.from_at), to_at, _encode(assignment).decode())


def published_row(published: PricePublished) -> Values:
    body = _encode(published).decode()
    return (published.key, published.tenant, published.tariff, micros(published.at), body)


def site_row(site: Site) -> Values:
    return (site.tenant, site.name, site.zone, _degrees(site.latitude), _degrees(site.longitude), site.address)


def place_row(facts: PlaceFacts) -> Values:
    degrees = (_degrees(facts.latitude), _degrees(facts.longitude))
    return (facts.station_key, facts.evse_id, _encode(facts).decode(), *degrees)


def _degrees(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def of_site_row(facts: PlaceFacts) -> Values:
    return station_site_row(facts.station_key, facts.evse_id, facts.site)


def forgotten_row(forgotten: PlaceForgotten) -> Values:
    return (forgotten.station_key, forgotten.evse_id)


def of_no_site_row(forgotten: PlaceForgotten) -> Values:
    return station_site_row(forgotten.station_key, forgotten.evse_id, None)


def state_row(state: PlaceState) -> Values:
    return (
        state.station_key,
        state.evse_id,
        state.connector_id,
        micros(state.at),
        state.state,
        micros(state.received_at),
    )


to_tariff = msgspec.json.Decoder(Tariff).decode
to_assignment = msgspec.json.Decoder(Assignment).decode
to_published = msgspec.json.Decoder(PricePublished).decode
to_place = msgspec.json.Decoder(PlaceFacts).decode


def to_site(row: Row) -> Site:
    latitude, longitude = (None if text is None else Decimal(text) for text in row[3:5])
    return Site(tenant=row[0], name=row[1], zone=row[2], latitude=latitude, longitude=longitude, address=row[5])


def to_state(row: Row) -> PlaceState:
    """From the columns in the order of :func:`state_row`."""
    return PlaceState(
        station_key=row[0],
        evse_id=row[1],
        connector_id=row[2],
        at=moment(row[3]),
        state=row[4],
        received_at=moment(row[5]),
    )


def _forget_place() -> str:
    c = places.c
    sql = compiled(
        sa.delete(places).where(c.station_key == sa.bindparam("station_key"), c.evse_id == sa.bindparam("evse_id"))
    )
    assert sql.names == ("station_key", "evse_id"), sql.names
    return sql.text


WRITES: dict[type, tuple[Write, ...]] = {
    Tariff: (Write(plain_insert(tariffs), tariff_row),),
    Assignment: (Write(upsert(tariff_assignments, ("key",), keep=("tenant", "from_at")), assignment_row),),
    PricePublished: (Write(insert_once(price_publications), published_row),),
    Site: (Write(upsert(sites, ("tenant", "name")), site_row),),
    PlaceFacts: (Write(upsert(places, ("station_key", "evse_id")), place_row), Write(SITE, of_site_row)),
    PlaceForgotten: (Write(_forget_place(), forgotten_row), Write(SITE, of_no_site_row)),
    PlaceState: (Write(insert_once(place_states), state_row),),
}
