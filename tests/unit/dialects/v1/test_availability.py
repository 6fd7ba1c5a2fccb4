from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v1.availability import INCOMING, OUTGOING, STATUSES, write_status
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ChangeAvailability, NotifyEvent, StatusNotification
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = StationFacts(version="1.6")
READ = INCOMING["StatusNotification"].read


def occupied(**fields: Any) -> v16.StatusNotificationRequest:
    return write_status(FACTS, StatusNotification(evse=Evse(1, 1), status="Occupied", **fields))


def test_every_status_of_16_is_mapped() -> None:
    assert set(STATUSES) == {*get_args(v16.ChargePointStatus), "Occupied"}


@pytest.mark.parametrize("status", get_args(v16.ChargePointStatus))
@pytest.mark.parametrize("error_code", get_args(v16.ChargePointErrorCode))
def test_every_status_and_error_of_16_is_written_as_it_was_read(status: Any, error_code: Any) -> None:
    message = v16.StatusNotificationRequest(connector_id=1, status=status, error_code=error_code, timestamp=AT)
    assert write_status(FACTS, READ(FACTS, message)) == message


def test_no_error_is_none() -> None:
    assert (
        READ(FACTS, wire.StatusNotificationRequest(connector_id=1, status="Faulted", error_code="NoError")).error_code
        is None
    )


def test_connector_zero_is_the_station() -> None:
    assert READ(FACTS, wire.StatusNotificationRequest(connector_id=0, status="Available")).evse == Evse(0)


@pytest.mark.parametrize("state", [None, "Idle"])
def test_a_connector_that_is_occupied_without_charging_is_preparing(state: Any) -> None:
    assert occupied(charging_state=state).status == "Preparing"


@pytest.mark.parametrize("state", [None, "Idle", "EVConnected"])
def test_a_connector_whose_transaction_is_over_is_finishing(state: Any) -> None:
    assert occupied(charging_state=state, finishing=True).status == "Finishing"


def test_an_error_that_16_lacks_is_another_error() -> None:
    assert occupied(error_code="TamperDetected").error_code == "OtherError"


def test_texts_are_cut_to_what_16_holds() -> None:
    assert occupied(info="x" * 99).info == "x" * 50


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (wire.StatusNotificationRequest(status="Available"), "connectorId"),
        (wire.StatusNotificationRequest(connector_id=1), "status"),
        (wire.StatusNotificationRequest(connector_id=1, status="Dancing"), "status"),
    ],
)
def test_a_status_of_nothing_or_nowhere_is_unattributable(message: Any, field: str) -> None:
    with pytest.raises(Unattributable) as refusal:
        READ(FACTS, message)
    assert refusal.value.field == field


def test_availability_of_connector_zero_is_the_whole_station_both_ways(drive: Any) -> None:
    message = wire.ChangeAvailabilityRequest(connector_id=0, type="Inoperative")
    request = INCOMING["ChangeAvailability"].read(FACTS, message)
    assert request == ChangeAvailability(operative=False)
    calls, answer = drive(
        OUTGOING[ChangeAvailability], FACTS, request, wire.ChangeAvailabilityResponse(status="Scheduled")
    )
    assert (calls[0].message.connector_id, calls[0].message.type) == (0, "Inoperative")
    assert answer.status == "Scheduled"


def test_events_of_a_device_model_are_unsupported(drive: Any) -> None:
    with pytest.raises(Unsupported, match="device model"):
        drive(OUTGOING[NotifyEvent], FACTS, NotifyEvent(events=()))
