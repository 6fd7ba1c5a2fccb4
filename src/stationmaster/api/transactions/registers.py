"""The meters of a station's EVSEs: where each stands, and what did not fit from one transaction to the next."""

from datetime import datetime
from decimal import Decimal

import msgspec
from litestar import Router, get

from stationmaster.api.http.parameters import StationKey
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import PageOf, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.cost.register_gaps import GapKind, KnownRegister


class GapResource(msgspec.Struct, frozen=True, kw_only=True):
    """``register_backwards``: the meter fell; ``register_jump``: it rose by more than the EVSE can deliver;
    ``register_gap``: it counted energy that is on no transaction. ``wh`` is by how much, between the two moments;
    ``before`` and ``transaction`` are the transactions around it, where there are any."""

    kind: GapKind
    wh: Decimal
    from_at: datetime
    to_at: datetime
    before: int | None
    transaction: int | None


class RegisterResource(msgspec.Struct, frozen=True, kw_only=True):
    """What the next transaction's start is compared with: the register at the end of ``transaction``, at its start
    while it is ``open``, or one that was told while nobody charged. ``gap`` is the newest that was found."""

    evse_id: int
    at: datetime
    register_wh: Decimal
    transaction: int | None
    open: bool
    gap: GapResource | None


@get("/{station_key:int}/registers", summary="Where the meters of a station's EVSEs stand, and whether they fit")
async def list_registers(request: ApiRequest, station_key: StationKey) -> PageOf[RegisterResource]:
    """As of the station's own times. Each gap is an oddity of the station, an event (``RegisterOdd``), and an anomaly
    of the transaction after it."""
    if await request.queries.station(request.tenant, station_key) is None:
        raise not_found("station")
    found = await request.queries.evse_registers(station_key)
    return PageOf(tuple(map(_resource, found)), None)


def _resource(known: KnownRegister) -> RegisterResource:
    return shaped(
        RegisterResource,
        known,
        register_wh=known.wh,
        transaction=known.transaction_key,
        open=known.is_open,
        gap=None if known.gap is None else shaped(GapResource, known.gap),
    )


registers_router = Router("/stations", route_handlers=[list_registers], tags=["Stations"])
