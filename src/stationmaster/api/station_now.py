"""What goes on at a station right now, in one answer: its EVSEs, who charges there, who has reserved."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
from litestar import Response, Router, get

from stationmaster.api.connectors import starts_in_hand
from stationmaster.api.cost.tariff_shapes import money
from stationmaster.api.http.parameters import StationKey
from stationmaster.api.http.resources import JsonResponse, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.command import Command
from stationmaster.domain.cost.bill import Content
from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.domain.messages import AuthorizationStatus, ChargingState, ConnectorStatus
from stationmaster.domain.occupancy import Occupancy, occupancy
from stationmaster.domain.reservation.reservations import Reservation, ReservationState
from stationmaster.domain.station import Connector
from stationmaster.domain.station_now import StationNow, Underway


class ConnectorNow(msgspec.Struct, frozen=True, kw_only=True):
    """As in /connectors."""

    connector_id: int
    status: ConnectorStatus
    occupancy: Occupancy
    since: datetime
    charging_state: ChargingState | None
    error_code: str | None
    info: str | None
    vendor_error_code: str | None
    eid: str | None


class TransactionNow(msgspec.Struct, frozen=True, kw_only=True):
    """``power_w`` and ``soc_pct`` are those told last, if they were lately; ``told_at`` is the station's time of its
    newest reading. ``total``: what it costs by now, an estimate; null: no price applies."""

    key: int
    transaction_id: str
    connector_id: int | None
    token: str | None
    token_type: str | None
    authorization: AuthorizationStatus | None
    charging_state: ChargingState | None
    started_at: datetime
    told_at: datetime | None
    power_w: Decimal | None
    energy_wh: Decimal | None
    soc_pct: Decimal | None
    currency: str | None
    total: str | None


class ReservationNow(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    connector_id: int | None
    connector_type: str | None
    token: str
    expires_at: datetime
    state: ReservationState


class EvseNow(msgspec.Struct, frozen=True, kw_only=True):
    """EVSE 0: what is of the station as a whole, or of none of its EVSEs that was named. ``status`` is that of the EVSE
    as a whole, where the station tells one."""

    evse_id: int
    status: ConnectorStatus | None
    connectors: tuple[ConnectorNow, ...]
    transactions: tuple[TransactionNow, ...]
    reservations: tuple[ReservationNow, ...]


class StationNowResource(msgspec.Struct, frozen=True, kw_only=True):
    station: int
    connected: bool
    evses: tuple[EvseNow, ...]


@get("/{station_key:int}/now", summary="What goes on at a station right now")
async def get_station_now(request: ApiRequest, station_key: StationKey) -> Response[StationNowResource]:
    """EVSEs by number: those that the station has told of, and those with a transaction or a reservation."""
    station = await known_station(request, station_key)
    now = await request.queries.station_now(station_key, request.services.clock.now())
    starts = await starts_in_hand(request, station_key)
    costs = await request.services.prices.contents_so_far(each.transaction for each in now.underway)
    evses = tuple(_evse(now, evse_id, starts, costs) for evse_id in _evse_ids(now))
    return JsonResponse(StationNowResource(station=station_key, connected=station.is_connected, evses=evses))


def _evse_ids(now: StationNow) -> list[int]:
    return sorted(
        {connector.evse_id for connector in now.connectors}
        | {_place_of(each)[0] for each in now.underway}
        | {each.wish.evse_id or 0 for each in now.reservations}
    )


def _place_of(underway: Underway) -> tuple[int, int | None]:
    evse = underway.transaction.evse
    return (0, None) if evse is None else (evse.id, evse.connector_id)


def _evse(now: StationNow, evse_id: int, starts: Sequence[Command], costs: Mapping[int, Content]) -> EvseNow:
    here = [connector for connector in now.connectors if connector.evse_id == evse_id]
    return EvseNow(
        evse_id=evse_id,
        status=next((connector.status for connector in here if not connector.connector_id), None),
        connectors=tuple(_connector(now, connector, starts) for connector in here if connector.connector_id),
        transactions=tuple(
            _transaction(each, costs.get(each.transaction.key))
            for each in now.underway
            if _place_of(each)[0] == evse_id
        ),
        reservations=tuple(_reservations(now.reservations, evse_id)),
    )


def _connector(now: StationNow, connector: Connector, starts: Sequence[Command]) -> ConnectorNow:
    evse_id, connector_id = connector.evse_id, connector.connector_id
    return shaped(
        ConnectorNow,
        connector,
        occupancy=occupancy(connector, [each.transaction for each in now.underway], starts),
        eid=now.eids.get((evse_id, connector_id)) or now.eids.get((evse_id, 0)),
    )


def _transaction(underway: Underway, content: Content | None) -> TransactionNow:
    transaction = underway.transaction
    evidence, token = energy(transaction), transaction.id_token
    return TransactionNow(
        key=transaction.key,
        transaction_id=transaction.wire_id,
        connector_id=_place_of(underway)[1],
        token=None if token is None else token.value,
        token_type=None if token is None else token.type,
        authorization=transaction.authorization,
        charging_state=transaction.charging_state,
        started_at=transaction.started_at or transaction.first_event_at,
        told_at=underway.told_at,
        power_w=underway.power_w,
        energy_wh=None if evidence is None else evidence[0],
        soc_pct=underway.soc_pct,
        currency=None if content is None else content.currency,
        total=None if content is None else money(content.total),
    )


def _reservations(reservations: Iterable[Reservation], evse_id: int) -> Iterable[ReservationNow]:
    for each in reservations:
        if (each.wish.evse_id or 0) == evse_id:
            wish = each.wish
            yield ReservationNow(
                key=each.key,
                connector_id=wish.connector_id,
                connector_type=wish.connector_type,
                token=wish.id_token.value,
                expires_at=wish.expires_at,
                state=each.state,
            )


station_now_router = Router("/stations", route_handlers=[get_station_now], tags=["Stations"])
