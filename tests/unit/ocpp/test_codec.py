"""Payloads of every version to the heads of the families and back."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stationmaster.ocpp import v16, v20, v21
from stationmaster.ocpp.codec import (
    CannotCarry,
    NothingToTell,
    SchemaViolation,
    read_native,
    read_request,
    read_response,
    write_request,
    write_response,
)
from stationmaster.ocpp.salvage import Unreadable
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import ViolationKind
from stationmaster.ocpp.wire import decode_plain

SAMPLES = (
    b'{"evseId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z",'
    b'"sampledValue":[{"value":1.50},{"value":2,"measurand":"Voltage"}]}]}'
)


@pytest.mark.parametrize("version", [Version.V20, Version.V201, Version.V21])
def test_every_2x_message_is_read_in_the_shape_of_2_1(version: Version) -> None:
    reading = read_request(version, "MeterValues", SAMPLES)
    sample = reading.message.meter_value[0].sampled_value[0]
    assert (sample.value, sample.measurand, sample.signed_meter_value) == (Decimal("1.50"), None, None)
    assert reading.violations == ()


def test_what_2_1_added_is_absent_from_a_2_0_1_message() -> None:
    raw = (
        b'{"eventType":"Started","timestamp":"2026-01-01T00:00:00Z","triggerReason":"Authorized","seqNo":0,'
        b'"transactionInfo":{"transactionId":"t"},"idToken":{"idToken":"a","type":"Central"}}'
    )
    message = read_request(Version.V201, "TransactionEvent", raw).message
    assert (message.cost_details, message.preconditioning_status, message.transaction_info.tariff_id) == (None,) * 3
    assert message.seq_no == 0
    response = read_response(Version.V201, "GetDisplayMessages", b'{"status":"Accepted"}').message
    assert response.status_info is None


def test_a_whole_number_of_2_0_1_that_may_have_a_fraction_in_2_1_is_a_decimal() -> None:
    raw = (
        b'{"evseId":1,"chargingNeeds":{"requestedEnergyTransfer":"DC","dcChargingParameters":'
        b'{"evMaxCurrent":%b,"evMaxVoltage":400}}}'
    )
    needs = read_request(Version.V201, "NotifyEVChargingNeeds", raw % b"125").message.charging_needs
    assert isinstance(needs.dc_charging_parameters.ev_max_current, Decimal)
    assert (needs.dc_charging_parameters.ev_max_current, needs.available_energy_transfer) == (125, ())
    broken = read_request(Version.V201, "NotifyEVChargingNeeds", raw % b"125.5")
    assert [(each.kind, each.path) for each in broken.violations] == [
        (ViolationKind.TYPE, "$.chargingNeeds.dcChargingParameters.evMaxCurrent")
    ]


def test_a_2_0_1_message_that_2_1_would_refuse_is_read_without_a_complaint() -> None:
    reading = read_request(Version.V201, "CancelReservation", b'{"reservationId":-5}')
    assert reading.message.reservation_id == -5
    assert reading.violations == ()


def test_a_broken_message_is_read_leniently_with_its_first_violation() -> None:
    raw = b'{"connectorId":1,"errorCode":"MyError","status":"Available","info":null,"timestamp":"2026-01-01 00:00:00"}'
    reading = read_request(Version.V16, "StatusNotification", raw)
    assert isinstance(reading.message, v16.lenient.StatusNotificationRequest)
    assert reading.message.error_code == "MyError"
    assert reading.message.info is None
    assert reading.message.timestamp == datetime(2026, 1, 1, tzinfo=UTC)
    assert [(each.kind, each.path) for each in reading.violations] == [(ViolationKind.PROPERTY, "$.errorCode")]


def test_a_number_for_a_text_is_read() -> None:
    raw = b'{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":230}]}]}'
    reading = read_request(Version.V16, "MeterValues", raw)
    assert isinstance(reading.message, v16.lenient.MeterValuesRequest)
    assert reading.message.meter_value[0].sampled_value[0].value == "230"
    assert [each.kind for each in reading.violations] == [ViolationKind.TYPE]


@pytest.mark.parametrize("text", ["2026-01-02T14:00:00+02:00", "2026-01-02t12:00:00.000z"])
def test_every_time_is_read_as_utc(text: str) -> None:
    raw = b'{"currentTime":"%s"}' % text.encode()
    message = read_response(Version.V16, "Heartbeat", raw).message
    assert isinstance(message, v16.HeartbeatResponse)
    assert (message.current_time, message.current_time.tzinfo) == (datetime(2026, 1, 2, 12, tzinfo=UTC), UTC)


def test_a_time_that_utc_cannot_hold_is_left_out() -> None:
    reading = read_response(Version.V16, "Heartbeat", b'{"currentTime":"0001-01-01T00:00:00+05:00"}')
    assert isinstance(reading.message, v16.lenient.HeartbeatResponse)
    assert reading.message.current_time is None
    assert [each.path for each in reading.violations] == ["$.currentTime"]


def test_what_is_beyond_repair_in_a_member_costs_only_the_member() -> None:
    reading = read_request(Version.V201, "TransactionEvent", b'{"eventType":"Started","seqNo":1e999,"evse":[]}')
    assert isinstance(reading.message, v21.lenient.TransactionEventRequest)
    assert reading.message.event_type == "Started"
    assert reading.message.seq_no is None
    assert [each.path for each in reading.violations] == ["$.seqNo", "$.evse"]


@pytest.mark.parametrize("version", [Version.V16, Version.V20, Version.V201, Version.V21])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"a":1,',
        b'{"vendorId":"\xff"}',
        b'{"vendorId":"v","data":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"vendorId":"v","data":' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_no_json_object_is_unreadable(version: Version, raw: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_request(version, "DataTransfer", raw)
    assert caught.value.violation.kind is ViolationKind.FORMAT


def test_an_action_the_version_does_not_have_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read_request(Version.V16, "TransactionEvent", b"{}")
    with pytest.raises(KeyError):
        read_response(Version.V21, "NotifyPeriodicEventStream", b"{}")


def test_a_2_1_field_in_a_2_0_1_command_is_refused_by_its_wire_path() -> None:
    message = v21.lenient.ResetRequest(type="ImmediateAndResume")
    assert write_request(Version.V21, "Reset", message) == b'{"type":"ImmediateAndResume"}'
    with pytest.raises(CannotCarry) as caught:
        write_request(Version.V201, "Reset", message)
    assert (caught.value.version, caught.value.action, caught.value.path) == (Version.V201, "Reset", "$.type")


def test_a_lenient_message_that_lacks_a_required_field_is_not_sent() -> None:
    with pytest.raises(CannotCarry, match="currentTime"):
        write_response(Version.V16, "Heartbeat", v16.lenient.HeartbeatResponse())


@pytest.mark.parametrize("version", [Version.V20, Version.V201, Version.V21])
def test_an_answer_without_anything_is_written_where_nothing_is_required(version: Version) -> None:
    assert write_response(version, "MeterValues", v21.lenient.MeterValuesResponse()) == b"{}"
    with pytest.raises(CannotCarry, match="status"):
        write_response(version, "Reset", v21.lenient.ResetResponse())


def test_a_message_of_the_strict_type_and_its_twin_are_written_alike() -> None:
    for shape in (v21.ResetRequest, v21.lenient.ResetRequest):
        assert write_request(Version.V201, "Reset", shape(type="OnIdle", evse_id=1)) == b'{"type":"OnIdle","evseId":1}'


def test_a_time_without_a_zone_is_not_sent() -> None:
    with pytest.raises(CannotCarry, match="RFC 3339"):
        write_response(Version.V16, "Heartbeat", v16.lenient.HeartbeatResponse(current_time=datetime(2026, 1, 1)))


def test_a_member_that_2_0_does_not_know_is_refused_and_not_dropped() -> None:
    message = v21.lenient.ResetRequest(type="OnIdle", evse_id=1)
    with pytest.raises(CannotCarry) as caught:
        write_request(Version.V20, "Reset", message)
    assert caught.value.path == "$.evseId"


def test_more_schedules_than_2_0_can_hold_are_refused() -> None:
    schedules = (v21.lenient.ChargingScheduleType(id=1), v21.lenient.ChargingScheduleType(id=2))
    profile = v21.lenient.ChargingProfileType(id=1, charging_schedule=schedules)
    with pytest.raises(CannotCarry, match="exactly one"):
        write_request(
            Version.V20, "SetChargingProfile", v21.lenient.SetChargingProfileRequest(charging_profile=profile)
        )


def test_what_only_explains_is_left_out_for_2_0() -> None:
    info = v21.lenient.StatusInfoType(reason_code="NoError")
    message = v21.lenient.ResetResponse(status="Accepted", status_info=info)
    assert write_response(Version.V20, "Reset", message) == b'{"status":"Accepted"}'


def test_a_message_that_ends_with_2_0_stays_in_its_own_types() -> None:
    reading = read_response(Version.V20, "Renegotiate15118Schedule", b'{"status":"Accepted"}')
    assert isinstance(reading.message, v20.Renegotiate15118ScheduleResponse)
    assert write_response(Version.V20, "Renegotiate15118Schedule", reading.message) == b'{"status":"Accepted"}'


def test_a_native_reading_is_strict() -> None:
    message = read_native(Version.V201, "Heartbeat", b"{}")
    assert type(message).__module__.endswith("v201.types")
    with pytest.raises(SchemaViolation, match=r"\$\.x"):
        read_native(Version.V201, "Heartbeat", b'{"x":1}')


def test_custom_data_survives_the_way_through_2_0_1() -> None:
    raw = b'{"customData":{"vendorId":"x","deep":[1.50,null]}}'
    assert write_request(Version.V201, "Heartbeat", read_request(Version.V201, "Heartbeat", raw).message) == raw


@pytest.mark.parametrize(
    ("version", "raw"),
    [
        (Version.V12, b'{"connectorId":1,"values":[{"timestamp":"2026-01-01T00:00:00Z","value":1500}]}'),
        (
            Version.V15,
            b'{"connectorId":1,"values":[{"timestamp":"2026-01-01T00:00:00Z","value":[{"value":"1500","unit":"Wh"}]}]}',
        ),
        (
            Version.V16S,
            b'{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z",'
            b'"sampledValue":[{"value":"1500","unit":"Wh"}]}]}',
        ),
    ],
)
def test_every_1x_message_is_read_and_written_in_the_shape_of_1_6(version: Version, raw: bytes) -> None:
    reading = read_request(version, "MeterValues", raw)
    sample = reading.message.meter_value[0].sampled_value[0]
    assert (sample.value, sample.unit, reading.violations) == ("1500", "Wh", ())
    assert decode_plain(write_request(version, "MeterValues", reading.message)) == decode_plain(raw)


def test_a_broken_1_5_message_is_read_leniently_with_a_wire_path_of_its_own() -> None:
    raw = b'{"connectorId":1,"values":[{"timestamp":"2026-01-01T00:00:00Z","value":[{"value":"1","unit":"A"}]}]}'
    reading = read_request(Version.V15, "MeterValues", raw)
    assert [each.path for each in reading.violations] == ["$.values[0].value[0].unit"]
    assert reading.message.meter_value[0].sampled_value[0].unit == "A"


@pytest.mark.parametrize(
    "member", [b'"status":"Occupied","errorCode":"NoError"', b'"status":"Faulted","errorCode":"Mode3Error"']
)
def test_words_of_1_5_stay_violations_in_1_6(member: bytes) -> None:
    raw = b'{"connectorId":1,%b}' % member
    assert read_request(Version.V15, "StatusNotification", raw).violations == ()
    for version in (Version.V16, Version.V16S):
        assert len(read_request(version, "StatusNotification", raw).violations) == 1


def test_occupied_stays_a_word_of_its_own() -> None:
    raw = b'{"connectorId":1,"status":"Occupied","errorCode":"NoError"}'
    assert read_request(Version.V12, "StatusNotification", raw).message.status == "Occupied"


@pytest.mark.parametrize("version", [Version.V12, Version.V15])
def test_a_request_without_words_in_the_version_is_not_told(version: Version) -> None:
    message = v16.lenient.FirmwareStatusNotificationRequest(status="Downloading")
    with pytest.raises(NothingToTell, match="no word for Downloading") as caught:
        write_request(version, "FirmwareStatusNotification", message)
    assert (caught.value.version, caught.value.action) == (version, "FirmwareStatusNotification")
    assert caught.value.response == v16.lenient.FirmwareStatusNotificationResponse()


def test_what_1_2_must_not_lose_is_refused() -> None:
    message = v16.lenient.RemoteStartTransactionRequest(id_tag="A", connector_id=1)
    assert write_request(Version.V15, "RemoteStartTransaction", message) == b'{"connectorId":1,"idTag":"A"}'
    with pytest.raises(CannotCarry, match="cannot name the connector") as caught:
        write_request(Version.V12, "RemoteStartTransaction", message)
    assert (caught.value.version, caught.value.path) == (Version.V12, "$.connectorId")


def test_a_command_that_an_old_version_does_not_have_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        write_request(Version.V15, "TriggerMessage", v16.lenient.TriggerMessageRequest(requested_message="Heartbeat"))
    with pytest.raises(KeyError):
        write_request(Version.V16S, "GetLog", v16.lenient.GetLogRequest())


@pytest.mark.parametrize("version", [Version.V15, Version.V16S])
def test_a_character_that_xml_does_not_have_is_refused(version: Version) -> None:
    message = v16.lenient.DataTransferRequest(vendor_id="v", data="a\x00b")
    with pytest.raises(CannotCarry, match="no such character") as caught:
        write_request(version, "DataTransfer", message)
    assert caught.value.path == "$.data"
    with pytest.raises(SchemaViolation, match="no such character"):
        read_native(version, "DataTransfer", b'{"vendorId":"v","data":"\\u0000"}')
    assert b"u0000" in write_request(Version.V16, "DataTransfer", message)


def test_the_misspelt_unit_is_not_sent_in_soap() -> None:
    sample = v16.lenient.SampledValue(value="20", unit="Celcius")
    meter_value = v16.lenient.MeterValue(timestamp=datetime(2026, 1, 1, tzinfo=UTC), sampled_value=(sample,))
    message = v16.lenient.MeterValuesRequest(connector_id=1, meter_value=(meter_value,))
    assert b'"Celcius"' in write_request(Version.V16, "MeterValues", message)
    assert b'"Celsius"' in write_request(Version.V16S, "MeterValues", message)
