"""G Availability: the status of every Connector, EVSE and station, in whichever form it is told."""

from datetime import datetime
from typing import get_args

import msgspec

from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ConnectorStatus, EventData, NotifyEvent, StatusNotification
from stationmaster.domain.records import Event
from stationmaster.domain.station import Connector, StationState
from stationmaster.domain.transactions.transaction import Transaction

_STATUSES: frozenset[str] = frozenset(get_args(ConnectorStatus))
_PLACES = frozenset({"Connector", "EVSE", "ChargingStation"})


def status_notification(state: StationState, request: StatusNotification, at: datetime) -> Decision:
    """G01."""
    connector = Connector(
        station_key=state.key,
        evse_id=request.evse.id,
        connector_id=request.evse.connector_id or 0,
        status=request.status,
        since=request.timestamp or at,
        received_at=at,
        charging_state=request.charging_state,
        finished=request.status == "Occupied" and _is_finished(state, request.evse.id, request.evse.connector_id),
        error_code=request.error_code,
        info=request.info,
        vendor_id=request.vendor_id,
        vendor_error_code=request.vendor_error_code,
    )
    return Decision(
        records=(connector,),
        events=(_changed(state, connector, at),),
        state=state.with_connector(connector),
    )


def notify_event(state: StationState, request: NotifyEvent, at: datetime) -> Decision:
    """N07. Availability is taken as G01 (2.1 sends it no other way); the rest is passed on whole."""
    connectors = [_connector(state, event, at) for event in request.events if is_status(event)]
    others = tuple(event for event in request.events if not is_status(event))
    for connector in connectors:
        state = state.with_connector(connector)
    events = tuple(_changed(state, connector, at) for connector in connectors)
    if others:
        data = {"events": msgspec.to_builtins(others)}
        events += (Event(kind="NotifyEvent", tenant=state.tenant, station_key=state.key, at=at, data=data),)
    return Decision(records=tuple(connectors), events=events, state=state if connectors else None)


def is_status(event: EventData) -> bool:
    return event.variable == "AvailabilityState" and event.component in _PLACES and event.actual_value in _STATUSES


def _connector(state: StationState, event: EventData, at: datetime) -> Connector:
    evse = event.evse or Evse(0)
    return Connector(
        station_key=state.key,
        evse_id=evse.id,
        connector_id=evse.connector_id or 0,
        status=msgspec.convert(event.actual_value, ConnectorStatus),
        since=event.timestamp or at,
        received_at=at,
        finished=event.actual_value == "Occupied" and _is_finished(state, evse.id, evse.connector_id),
        vendor_error_code=event.tech_code,
        info=event.tech_info,
    )


def _is_finished(state: StationState, evse_id: int, connector_id: int | None) -> bool:
    """Occupied that is told again is the same car."""
    before = state.connectors.get((evse_id, connector_id or 0))
    return before is not None and before.finished


def finished(state: StationState, transaction: Transaction) -> tuple[Connector, ...]:
    """The Connectors at which a transaction has ended while the car is still there, where their status does not say so
    itself. A car that came later is another one: the end of an older transaction may come late."""
    place, ended_at = transaction.evse, transaction.ended_at
    if place is None or ended_at is None or transaction.authorization != "Accepted":
        return ()
    return tuple(
        msgspec.structs.replace(each, finished=True)
        for each in state.connectors.values()
        if each.status == "Occupied"
        and each.charging_state is None
        and each.evse_id == place.id
        and place.connector_id in (None, 0, each.connector_id)
        and each.since <= ended_at
    )


def _changed(state: StationState, connector: Connector, at: datetime) -> Event:
    data = {
        "evse_id": connector.evse_id,
        "connector_id": connector.connector_id,
        "status": connector.status,
        "charging_state": connector.charging_state,
        "error_code": connector.error_code,
    }
    return Event(kind="ConnectorStatusChanged", tenant=state.tenant, station_key=state.key, at=at, data=data)
