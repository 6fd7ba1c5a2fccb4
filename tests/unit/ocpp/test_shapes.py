"""What is told of a message's fields is what the codec checks."""

from decimal import Decimal

import pytest

from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.shapes import FieldShape, MessageShape, message_shape
from stationmaster.ocpp.version import JSON_VERSIONS, Version


def fields_of(shape: MessageShape, name: str) -> dict[str, FieldShape]:
    (found,) = [each for each in shape.objects if each.name == name]
    return {field.name: field for field in found.fields}


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_every_message_can_be_told_of_and_names_only_objects_that_it_has(version: Version) -> None:
    for action, message in messages(version).items():
        shape = message_shape(version, action)
        known = [each.name for each in shape.objects]
        assert len(known) == len(set(known))
        assert shape.request in known
        assert (shape.response is None) == message.send
        named = {field.object for each in shape.objects for field in each.fields if field.object is not None}
        assert named <= set(known)


def test_names_are_the_wires_and_bounds_the_schemas() -> None:
    boot = fields_of(message_shape(Version.V16, "BootNotification"), "BootNotificationRequest")
    vendor = boot["chargePointVendor"]
    assert (vendor.type, vendor.required, vendor.max_length, vendor.many) == ("string", True, 20, False)
    assert not boot["firmwareVersion"].required
    answer = fields_of(message_shape(Version.V16, "BootNotification"), "BootNotificationResponse")
    assert answer["status"].values == ("Accepted", "Pending", "Rejected")
    assert (answer["currentTime"].type, answer["interval"].type) == ("date-time", "integer")
    assert (answer["interval"].at_least, answer["interval"].at_most) == (None, None)


def test_lists_objects_and_numbers_are_told_with_their_bounds() -> None:
    shape = message_shape(Version.V21, "NotifyEVChargingNeeds")
    parameters = fields_of(shape, "DCChargingParametersType")["stateOfCharge"]
    assert (parameters.at_least, parameters.at_most) == (Decimal(0), Decimal(100))
    offered = fields_of(shape, "EVAbsolutePriceScheduleType")["evAbsolutePriceScheduleEntries"]
    assert (offered.many, offered.object) == (True, "EVAbsolutePriceScheduleEntryType")
    assert (offered.min_items, offered.max_items) == (1, 1024)
    limit = fields_of(message_shape(Version.V16, "SetChargingProfile"), "ChargingSchedulePeriod")["limit"]
    assert (limit.type, limit.multiple_of) == ("number", Decimal("0.1"))
    assert fields_of(message_shape(Version.V201, "Heartbeat"), "HeartbeatRequest")["customData"].type == "object"
    assert fields_of(message_shape(Version.V16, "GetDiagnostics"), "GetDiagnosticsRequest")["location"].type == "uri"


def test_who_sends_it_is_told() -> None:
    assert message_shape(Version.V201, "Reset").sender is Sender.CSMS
    assert message_shape(Version.V21, "NotifyPeriodicEventStream").response is None


def test_an_action_of_another_version_is_none_of_this_one() -> None:
    with pytest.raises(KeyError):
        message_shape(Version.V16, "TransactionEvent")
