"""1.2 in the shape of 1.6, where it is not as 1.5."""

from copy import deepcopy
from typing import Any

import pytest

from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.upgrade import Refused, Untold
from stationmaster.ocpp.upgrade.v12 import REQUESTS, RESPONSES, TABLE
from stationmaster.ocpp.version import Version

AT = "2026-01-02T03:04:05Z"


def lowered(*sampled: dict[str, str]) -> list[dict[str, Any]]:
    tree = {"connectorId": 1, "transactionId": 7, "meterValue": [{"timestamp": AT, "sampledValue": list(sampled)}]}
    found = TABLE.lower("MeterValues", False, tree)
    assert found.keys() == {"connectorId", "values"}
    values: list[dict[str, Any]] = found["values"]
    return values


def test_a_meter_value_is_the_register_in_wh() -> None:
    old = {"connectorId": 1, "values": [{"timestamp": AT, "value": -5}, {"timestamp": AT, "value": 7}]}
    lifted = TABLE.lift("MeterValues", False, deepcopy(old))
    assert lifted == {
        "connectorId": 1,
        "meterValue": [
            {"timestamp": AT, "sampledValue": [{"value": "-5", "unit": "Wh"}]},
            {"timestamp": AT, "sampledValue": [{"value": "7", "unit": "Wh"}]},
        ],
    }
    assert TABLE.lower("MeterValues", False, lifted) == old


@pytest.mark.parametrize(
    ("sample", "wh"),
    [
        ({"value": "12"}, 12),
        ({"value": "12.5"}, 12),
        ({"value": "13.5", "unit": "Wh", "location": "Outlet", "format": "Raw", "context": "Trigger"}, 14),
        ({"value": "1.5", "unit": "kWh", "measurand": "Energy.Active.Import.Register"}, 1500),
        ({"value": "2147483647"}, 2**31 - 1),
    ],
)
def test_a_register_becomes_whole_watt_hours(sample: dict[str, str], wh: int) -> None:
    assert lowered({"value": "50", "measurand": "SoC"}, sample, {"value": "99"}) == [{"timestamp": AT, "value": wh}]


@pytest.mark.parametrize(
    "sample",
    [
        {"value": "12", "measurand": "Power.Active.Import"},
        {"value": "12", "phase": "L1"},
        {"value": "12", "location": "Inlet"},
        {"value": "12", "format": "SignedData"},
        {"value": "12", "unit": "varh"},
        {"value": "x"},
        {},
        {"value": "NaN"},
        {"value": "2147483648"},
        {"value": "1e300"},
    ],
    ids=str,
)
def test_anything_else_is_left_out_and_nothing_is_not_told(sample: dict[str, str]) -> None:
    with pytest.raises(Untold):
        lowered(sample)


@pytest.mark.parametrize("value", [[], {}, None, [1]], ids=repr)
def test_a_broken_value_is_left_where_it_is(value: object) -> None:
    tree = {"values": [{"timestamp": AT, "value": value}]}
    assert TABLE.lift("MeterValues", False, tree) == {"meterValue": [{"timestamp": AT, "value": value}]}


@pytest.mark.parametrize(
    ("code", "old"),
    [
        *(
            (code, "PowerSwitchFailure")
            for code in ("GroundFailure", "OverCurrentFailure", "OverVoltage", "UnderVoltage", "InternalError")
        ),
        ("OtherError", "PowerSwitchFailure"),
        ("LocalListConflict", "NoError"),
        ("WeakSignal", "NoError"),
        ("EVCommunicationError", "Mode3Error"),
        ("ReaderFailure", "ReaderFailure"),
    ],
)
def test_an_error_that_1_2_has_no_word_for_is_one_that_stops_charging_or_none(code: str, old: str) -> None:
    tree = {"connectorId": 1, "status": "Reserved", "errorCode": code}
    tree |= {"info": "x", "timestamp": AT, "vendorId": "v", "vendorErrorCode": "e"}
    assert TABLE.lower("StatusNotification", False, tree) == {
        "connectorId": 1,
        "status": "Occupied",
        "errorCode": old,
    }


@pytest.mark.parametrize(
    ("action", "response", "new", "old"),
    [
        ("StartTransaction", False, {"meterStart": 5, "reservationId": 7}, {"meterStart": 5}),
        ("StopTransaction", False, {"meterStop": 5, "reason": "Local", "transactionData": [{}]}, {"meterStop": 5}),
        ("BootNotification", False, {"firmwareVersion": "x" * 50}, {"firmwareVersion": "x" * 20}),
        (
            "Authorize",
            True,
            {"idTagInfo": {"status": "Accepted", "parentIdTag": "x" * 16}},
            {"idTagInfo": {"status": "Accepted"}},
        ),
        (
            "StartTransaction",
            True,
            {"idTagInfo": {"parentIdTag": "x" * 15}},
            {"idTagInfo": {"parentIdTag": "x" * 15}},
        ),
        ("StopTransaction", True, {}, {}),
    ],
)
def test_what_1_2_can_do_without_is_left_out(
    action: str, response: bool, new: dict[str, Any], old: dict[str, Any]
) -> None:
    assert TABLE.lower(action, response, new) == old


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"idTag": "A", "connectorId": 1}, "$.connectorId"),
        ({"idTag": "A", "chargingProfile": {}}, "$.chargingProfile"),
        ({"idTag": "x" * 16}, "$.idTag"),
    ],
)
def test_a_remote_start_that_1_2_cannot_say_is_refused(tree: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as caught:
        TABLE.lower("RemoteStartTransaction", False, tree)
    assert caught.value.path == path


def test_every_row_is_of_a_message_that_both_versions_have() -> None:
    assert REQUESTS.keys() | RESPONSES.keys() <= messages(Version.V12).keys() <= messages(Version.V16).keys()
