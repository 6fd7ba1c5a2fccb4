"""G Availability: the status of every Connector, EVSE and station, in whichever form it is told."""

from datetime import datetime
from typing import get_args

import msgspec

from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ConnectorStatus, EventData, NotifyEvent, StatusNotification
from stationmaster.domain.records import Event
from stationmaster.domain.station import Connector, StationState

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
        vendor_error_code=event.tech_code,
        info=event.tech_info,
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
