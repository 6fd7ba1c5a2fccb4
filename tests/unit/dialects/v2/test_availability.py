from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from stationmaster.dialects.moments import UNKNOWN_TIME
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v2.availability import INCOMING, OUTGOING
from stationmaster.dialects.v2.events import INCOMING as EVENTS
from stationmaster.dialects.v2.events import status_event, write_notify
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    ChangeAvailability,
    EventData,
    NotifyEvent,
    StatusNotification,
)
from stationmaster.ocpp.v21 import lenient as wire

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = StationFacts(version="2.0.1")
READ = INCOMING["StatusNotification"].read
STATUS = StatusNotification(evse=Evse(1, 2), status="Faulted", timestamp=AT, error_code="GroundFailure", info="RCD")
EVENT = EventData(event_id=1, timestamp=None, trigger="Delta", component="EVSE", variable="Power", actual_value="0")


def test_an_evse_as_a_whole_is_its_connector_zero(drive: Any) -> None:
    request = StatusNotification(evse=Evse(2), status="Available", timestamp=AT)
    calls, _ = drive(OUTGOING[StatusNotification], FACTS, request, wire.StatusNotificationResponse())
    assert (calls[0].message.evse_id, calls[0].message.connector_id) == (2, 0)
    assert READ(FACTS, calls[0].message) == request


@pytest.mark.parametrize("version", ["2.0", "2.0.1"])
def test_the_station_as_a_whole_reports_no_status_before_21(drive: Any, version: str) -> None:
    request = StatusNotification(evse=Evse(0), status="Available", timestamp=AT)
    assert drive(OUTGOING[StatusNotification], StationFacts(version=version), request) == ([], ACKNOWLEDGED)


def test_g01_a_status_in_21_is_an_event_with_its_error(drive: Any) -> None:
    calls, _ = drive(OUTGOING[StatusNotification], StationFacts(version="2.1"), STATUS, wire.NotifyEventResponse())
    assert calls[0].action == "NotifyEvent"
    (event,) = calls[0].message.event_data
    assert (event.component.name, event.component.evse.id, event.component.evse.connector_id) == ("Connector", 1, 2)
    assert (event.variable.name, event.actual_value, event.trigger) == ("AvailabilityState", "Faulted", "Delta")
    assert (event.event_notification_type, event.tech_code, event.tech_info) == (
        "HardWiredNotification",
        "GroundFailure",
        "RCD",
    )


def test_the_id_of_a_status_event_is_the_same_when_sent_again_and_differs_otherwise() -> None:
    others = [
        {"timestamp": AT + timedelta(milliseconds=1)},
        {"evse": Evse(1, 1)},
        {"evse": Evse(2, 2)},
        {"evse": Evse(1)},
    ]
    ids = [status_event(msgspec.structs.replace(STATUS, **other)).events[0].event_id for other in ({}, *others)]
    assert len(set(ids)) == len(ids)
    assert status_event(STATUS).events[0].event_id == ids[0]
    assert all(0 <= each < 2**31 for each in ids)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (wire.StatusNotificationRequest(connector_id=1, connector_status="Available"), "evseId"),
        (wire.StatusNotificationRequest(evse_id=1, connector_status="Available"), "connectorId"),
        (wire.StatusNotificationRequest(evse_id=1, connector_id=1, connector_status="Preparing"), "connectorStatus"),
    ],
)
def test_a_status_of_nothing_or_nowhere_is_unattributable(message: Any, field: str) -> None:
    with pytest.raises(Unattributable) as refusal:
        READ(FACTS, message)
    assert refusal.value.field == field


def test_an_event_without_a_time_is_as_old_as_its_report() -> None:
    message = write_notify(FACTS, NotifyEvent(events=(EVENT,), generated_at=AT))
    assert (message.generated_at, message.event_data[0].timestamp) == (AT, AT)


def test_a_report_without_any_time_is_of_an_unknown_one() -> None:
    message = write_notify(FACTS, NotifyEvent(events=(EVENT,)))
    assert (message.generated_at, message.event_data[0].timestamp) == (UNKNOWN_TIME, UNKNOWN_TIME)


@pytest.mark.parametrize(("version", "severity"), [("2.1", 3), ("2.0.1", None)])
def test_the_severity_of_an_event_goes_to_those_who_know_it(version: str, severity: int | None) -> None:
    request = NotifyEvent(events=(msgspec.structs.replace(EVENT, severity=3),))
    assert write_notify(StationFacts(version=version), request).event_data[0].severity == severity


def test_an_event_with_a_trigger_of_no_version_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="trigger"):
        write_notify(FACTS, NotifyEvent(events=(msgspec.structs.replace(EVENT, trigger="Whim"),)))


def test_every_event_of_a_report_is_read_even_an_empty_one() -> None:
    read = EVENTS["NotifyEvent"].read(FACTS, wire.NotifyEventRequest(event_data=(wire.EventDataType(),) * 2))
    assert len(read.events) == 2
    assert read.events[0].component == ""


def test_availability_without_an_evse_is_the_whole_station() -> None:
    message = wire.ChangeAvailabilityRequest(operational_status="Operative")
    assert INCOMING["ChangeAvailability"].read(FACTS, message) == ChangeAvailability(operative=True)
    with pytest.raises(Unattributable, match="operationalStatus"):
        INCOMING["ChangeAvailability"].read(FACTS, wire.ChangeAvailabilityRequest())
