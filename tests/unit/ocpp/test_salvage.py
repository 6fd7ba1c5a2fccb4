"""What is left of a broken payload."""

import pytest

from stationmaster.ocpp import v16
from stationmaster.ocpp.salvage import MAX_REPAIRS, Unreadable, salvage, without_nulls
from stationmaster.ocpp.violations import ViolationKind


def test_null_is_absent_everywhere_but_in_what_vendors_exchange() -> None:
    tree = {"a": None, "b": [None, {"c": None}], "data": {"x": None}, "customData": {"y": [None]}}
    assert without_nulls(tree) == {"b": [{}], "data": {"x": None}, "customData": {"y": [None]}}


def test_a_meaningless_member_is_dropped_and_recorded_and_the_rest_is_kept() -> None:
    tree = {"connectorId": {"id": 1}, "meterValue": [{"sampledValue": [{"value": "1"}, "noise", {"value": "2"}]}]}
    message, violations = salvage(tree, v16.lenient.MeterValuesRequest)
    assert isinstance(message, v16.lenient.MeterValuesRequest)
    assert message.connector_id is None
    assert [sample.value for sample in message.meter_value[0].sampled_value] == ["1", "2"]
    assert [violation.path for violation in violations] == ["$.connectorId", "$.meterValue[0].sampledValue[1]"]


def test_a_payload_with_too_many_meaningless_members_is_unreadable() -> None:
    salvage({"key": [[]] * MAX_REPAIRS}, v16.lenient.GetConfigurationRequest)
    with pytest.raises(Unreadable):
        salvage({"key": [[]] * (MAX_REPAIRS + 1)}, v16.lenient.GetConfigurationRequest)


@pytest.mark.parametrize("tree", [[], "text", 1, None])
def test_what_is_no_object_is_unreadable(tree: object) -> None:
    with pytest.raises(Unreadable) as caught:
        salvage(tree, v16.lenient.HeartbeatRequest)
    assert caught.value.violation.kind is ViolationKind.FORMAT
