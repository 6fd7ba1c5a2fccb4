"""Where stations stand, as far as a price needs to know it: sites, time zones, an EVSE's kind; its states over time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.cost.evidence import Evidence, StateAt, merged, of_states
from stationmaster.domain.cost.tariff import EvseKind
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.messages import ChargingState, StatusNotification

UTC_ZONE = "UTC"
"""Of a place that nobody gave a zone."""


MAX_LATITUDE, MAX_LONGITUDE = 90, 180
MAX_DEGREE_DIGITS = 7
"""Behind the point: a centimetre."""


class Site(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stations that stand together. ``zone``: a name of the time-zone database, such as ``Europe/Berlin``.

    ``latitude`` and ``longitude`` in degrees (WGS 84), north and east; both or none.
    """

    tenant: str
    name: str
    zone: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    address: str | None = None


class PlaceFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an operator says of a station (EVSE 0) or of one of its EVSEs. None: as the station's; its zone as the
    site's. ``max_power_w`` is what the EVSE can deliver: a meter that claims more is not believed. ``latitude`` and
    ``longitude`` as of a site, where it stands apart from it."""

    station_key: int
    evse_id: int = 0
    site: str | None = None
    zone: str | None = None
    evse_kind: EvseKind | None = None
    max_power_w: Decimal | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class PlaceState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a 1.x station said of a Connector, and when by its own clock: those of 2.x say it in their transactions."""

    station_key: int
    evse_id: int
    connector_id: int
    at: datetime
    state: ChargingState
    received_at: datetime


FactsAt = Mapping[tuple[int, int], PlaceFacts]
"""By station and EVSE (0: the station)."""


def degree_problems(latitude: Decimal | None, longitude: Decimal | None) -> tuple[tuple[str, str], ...]:
    """What is wrong with coordinates, each with the name of the one that is."""
    if (latitude is None) != (longitude is None):
        return (("latitude" if latitude is None else "longitude", "is needed too: both, or none"),)
    given = (("latitude", latitude, MAX_LATITUDE), ("longitude", longitude, MAX_LONGITUDE))
    return tuple(
        (name, f"must be degrees from -{most} to {most}, with at most {MAX_DEGREE_DIGITS} digits behind the point")
        for name, degrees, most in given
        if degrees is not None and not _are_degrees(degrees, most)
    )


def _are_degrees(degrees: Decimal, most: int) -> bool:
    exponent = degrees.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_DEGREE_DIGITS and abs(degrees) <= most


def place_at(
    facts: FactsAt, sites: Mapping[str, Site], station_key: int, evse_id: int, connector_id: int | None
) -> tuple[Place, Decimal | None]:
    """The place as a tariff sees it, and what power it can deliver at most, where that is known."""
    whole = facts.get((station_key, 0)) or PlaceFacts(station_key=station_key)
    evse = facts.get((station_key, evse_id)) or whole
    name = evse.site or whole.site
    site = None if name is None else sites.get(name)
    place = Place(
        station_key=station_key,
        evse_id=evse_id,
        connector_id=connector_id,
        site=name,
        evse_kind=evse.evse_kind or whole.evse_kind,
        zone=evse.zone or whole.zone or (site.zone if site is not None else UTC_ZONE),
    )
    return place, evse.max_power_w or whole.max_power_w


def place_state(station_key: int, request: StatusNotification, at: datetime) -> PlaceState | None:
    """What a status says of charging; None where it says nothing, or not when: its place in time is evidence, the time
    of receipt is none."""
    state = _charging_state(request)
    if request.timestamp is None or state is None or not request.evse.id:
        return None
    return PlaceState(
        station_key=station_key,
        evse_id=request.evse.id,
        connector_id=request.evse.connector_id or 0,
        at=request.timestamp,
        state=state,
        received_at=at,
    )


def _charging_state(request: StatusNotification) -> ChargingState | None:
    """Finishing leaves the cable in: only Available says that it is gone."""
    if request.status == "Available":
        return "Idle"
    return "EVConnected" if request.finishing else request.charging_state


def selected_states(evidence: Evidence, states: Iterable[StateAt], first: datetime, last: datetime | None) -> Evidence:
    """The evidence of a transaction with the states of its place: those from ``first`` until ``last``, and the last one
    before it, which still holds when it begins. Those that it had of the place are chosen from again; what the
    transaction itself told (with a number) stays."""
    own = [each for each in evidence.states if each.seq_no is not None]
    known = sorted({*states, *(each for each in evidence.states if each.seq_no is None)}, key=lambda each: each.at)
    before = [each for each in known if each.at < first]
    holding = [each for each in before if each.at == before[-1].at]
    within = [each for each in known if first <= each.at and (last is None or each.at < last)]
    return merged(msgspec.structs.replace(evidence, states=()), of_states((*own, *holding, *within)))
