"""1.5 in the shape of 1.6, where the two say the same thing differently."""

from copy import deepcopy
from typing import Any

import pytest

from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.upgrade import Refused, Untold
from stationmaster.ocpp.upgrade.v15 import REQUESTS, RESPONSES, TABLE
from stationmaster.ocpp.version import Version

REGISTER = {"value": "12", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
AT = "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("action", "response", "old", "new"),
    [
        (
            "BootNotification",
            True,
            {"status": "Accepted", "heartbeatInterval": 300},
            {"status": "Accepted", "interval": 300},
        ),
        (
            "StatusNotification",
            False,
            {"status": "Occupied", "errorCode": "Mode3Error"},
            {"status": "Occupied", "errorCode": "EVCommunicationError"},
        ),
        (
            "MeterValues",
            False,
            {
                "values": [
                    {"timestamp": AT, "value": [{"value": "16", "unit": "Amp"}, {"value": "230", "unit": "Volt"}]}
                ]
            },
            {
                "meterValue": [
                    {"timestamp": AT, "sampledValue": [{"value": "16", "unit": "A"}, {"value": "230", "unit": "V"}]}
                ]
            },
        ),
        (
            "StopTransaction",
            False,
            {"meterStop": 5, "transactionData": [{"values": [{"timestamp": AT, "value": [REGISTER]}]}]},
            {"meterStop": 5, "transactionData": [{"timestamp": AT, "sampledValue": [REGISTER]}]},
        ),
        ("ChangeConfiguration", False, {"key": "HeartBeatInterval"}, {"key": "HeartbeatInterval"}),
        ("GetConfiguration", False, {"key": ["HeartBeatInterval", "x"]}, {"key": ["HeartbeatInterval", "x"]}),
        (
            "GetConfiguration",
            True,
            {"configurationKey": [{"key": "HeartBeatInterval"}], "unknownKey": ["HeartBeatInterval"]},
            {"configurationKey": [{"key": "HeartbeatInterval"}], "unknownKey": ["HeartbeatInterval"]},
        ),
        ("UnlockConnector", True, {"status": "Accepted"}, {"status": "Unlocked"}),
        ("UnlockConnector", True, {"status": "Rejected"}, {"status": "UnlockFailed"}),
        ("SendLocalList", False, {"localAuthorisationList": []}, {"localAuthorizationList": []}),
    ],
)
def test_a_message_is_lifted_and_lowered(action: str, response: bool, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert TABLE.lower(action, response, deepcopy(new)) == old
    assert TABLE.lift(action, response, deepcopy(old)) == new


@pytest.mark.parametrize(
    ("action", "response", "old", "new"),
    [
        ("SendLocalList", True, {"status": "HashError", "hash": "x"}, {"status": "Failed"}),
        ("SendLocalList", False, {"hash": "x"}, {}),
        (
            "StopTransaction",
            False,
            {"transactionData": [{"values": [{"timestamp": "1"}]}, {}, {"values": [{"timestamp": "2"}]}]},
            {"transactionData": [{"timestamp": "1"}, {"timestamp": "2"}]},
        ),
    ],
)
def test_what_1_6_has_no_place_for_is_lost(
    action: str, response: bool, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert TABLE.lift(action, response, old) == new


@pytest.mark.parametrize(
    ("action", "response", "member", "new", "old"),
    [
        *(
            ("StatusNotification", False, "status", state, "Occupied")
            for state in ("Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing")
        ),
        ("StatusNotification", False, "status", "Reserved", "Reserved"),
        *(
            ("StatusNotification", False, "errorCode", code, "OtherError")
            for code in ("InternalError", "LocalListConflict", "OverVoltage")
        ),
        ("BootNotification", True, "status", "Pending", "Rejected"),
        ("ChangeConfiguration", True, "status", "RebootRequired", "Accepted"),
        ("UnlockConnector", True, "status", "NotSupported", "Rejected"),
        ("FirmwareStatusNotification", False, "status", "Installed", "Installed"),
    ],
)
def test_a_word_that_1_5_does_not_have_becomes_the_nearest(
    action: str, response: bool, member: str, new: str, old: str
) -> None:
    assert TABLE.lower(action, response, {member: new}) == {member: old}


@pytest.mark.parametrize(
    "extra",
    [
        {"measurand": "SoC"},
        {"measurand": "Current.Offered"},
        {"location": "Cable"},
        {"location": "EV"},
        *({"unit": unit} for unit in ("VA", "kVA", "K", "Percent", "Fahrenheit")),
        {"phase": "L1"},
    ],
    ids=str,
)
def test_a_sample_that_1_5_has_no_words_for_is_left_out(extra: dict[str, str]) -> None:
    sampled = [{**REGISTER, **extra}, REGISTER]
    lowered = TABLE.lower("MeterValues", False, {"meterValue": [{"timestamp": AT, "sampledValue": sampled}]})
    assert lowered == {"values": [{"timestamp": AT, "value": [REGISTER]}]}


@pytest.mark.parametrize("context", ["Other", "Trigger"])
def test_a_context_that_1_5_has_no_word_for_is_left_out(context: str) -> None:
    sampled = [{**REGISTER, "context": context}]
    lowered = TABLE.lower("MeterValues", False, {"meterValue": [{"timestamp": AT, "sampledValue": sampled}]})
    assert lowered == {"values": [{"timestamp": AT, "value": [REGISTER]}]}


def test_a_meter_value_that_keeps_no_sample_is_left_out() -> None:
    values = [
        {"timestamp": AT, "sampledValue": [{"value": "50", "measurand": "SoC"}]},
        {"timestamp": AT, "sampledValue": [REGISTER]},
    ]
    stop = {"meterStop": 5, "reason": "Local", "transactionData": deepcopy(values)}
    assert TABLE.lower("StopTransaction", False, stop) == {
        "meterStop": 5,
        "transactionData": [{"values": [{"timestamp": AT, "value": [REGISTER]}]}],
    }
    only_the_first = {"meterStop": 5, "transactionData": values[:1]}
    assert TABLE.lower("StopTransaction", False, only_the_first) == {"meterStop": 5}


@pytest.mark.parametrize(
    ("action", "tree"),
    [
        ("MeterValues", {"connectorId": 1}),
        ("MeterValues", {"meterValue": [{"timestamp": AT, "sampledValue": [{"value": "5", "phase": "L1"}]}]}),
        *(("FirmwareStatusNotification", {"status": status}) for status in ("Downloading", "Installing", "Idle")),
        *(("DiagnosticsStatusNotification", {"status": status}) for status in ("Uploading", "Idle")),
    ],
)
def test_what_1_5_has_no_words_for_at_all_is_not_told(action: str, tree: dict[str, Any]) -> None:
    with pytest.raises(Untold):
        TABLE.lower(action, False, tree)


@pytest.mark.parametrize(
    ("action", "tree", "path"),
    [
        ("RemoteStartTransaction", {"idTag": "A", "chargingProfile": {}}, "$.chargingProfile"),
        ("ChangeConfiguration", {"key": "x" * 51, "value": ""}, "$.key"),
        ("ChangeConfiguration", {"key": "x" * 50, "value": "x" * 501}, "$.value"),
        ("GetConfiguration", {"key": ["x", "x" * 51]}, "$.key"),
        ("DataTransfer", {"vendorId": "x" * 256}, "$.vendorId"),
        ("DataTransfer", {"vendorId": "x", "messageId": "x" * 51}, "$.messageId"),
    ],
)
def test_what_must_not_be_lost_is_refused(action: str, tree: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as caught:
        TABLE.lower(action, False, tree)
    assert caught.value.path == path


@pytest.mark.parametrize("junk", [None, 1, "x", [], [1], [[]], {}, {"x": [{}]}, [{"values": 5, "value": {}}]], ids=repr)
def test_a_broken_payload_is_lifted_without_an_error(junk: object) -> None:
    names = ("values", "value", "transactionData", "status", "key", "configurationKey", "unknownKey", "hash")
    for response, table in ((False, REQUESTS), (True, RESPONSES)):
        for action in table:
            TABLE.lift(action, response, dict.fromkeys(names, deepcopy(junk)))


def test_every_row_is_of_a_message_that_both_versions_have() -> None:
    both = messages(Version.V15).keys() & messages(Version.V16).keys()
    assert both == messages(Version.V15).keys()
    assert REQUESTS.keys() | RESPONSES.keys() <= both
