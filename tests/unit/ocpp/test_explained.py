"""A frame is told of member by member, beside what its version says of each."""

import msgspec
import pytest

from stationmaster.ocpp.explained import MISSING, MOST_LINES, UNKNOWN, Explained, Line, explained
from stationmaster.ocpp.version import Version


def by_path(told: Explained) -> dict[str, Line]:
    return {line.path: line for line in told.lines}


def test_each_member_stands_beside_its_field() -> None:
    frame = '[2,"1","BootNotification",{"reason":"PowerUp","chargingStation":{"vendorName":"Acme","model":"Post"}}]'
    told = explained(Version.V201, "BootNotification", frame)
    lines = by_path(told)
    assert (told.object, told.problems, told.whole) == ("BootNotificationRequest", 0, True)
    assert [(line.name, line.depth, line.value) for line in told.lines] == [
        ("chargingStation", 0, None),
        ("model", 1, '"Post"'),
        ("vendorName", 1, '"Acme"'),
        ("reason", 0, '"PowerUp"'),
    ]
    vendor = lines["$.chargingStation.vendorName"].field
    assert vendor is not None
    assert (vendor.max_length, vendor.required) == (50, True)


def test_what_is_missing_unknown_or_wrong_is_said_of_its_own_line() -> None:
    frame = (
        '[2,"1","BootNotification",{"reason":"Because","chargingStation":'
        '{"vendorName":"Acme","colour":"red","modem":[],"serialNumber":7}}]'
    )
    lines = by_path(explained(Version.V201, "BootNotification", frame))
    assert lines["$.chargingStation.model"].problem == MISSING
    assert lines["$.chargingStation.colour"].problem == UNKNOWN
    assert {path for path, line in lines.items() if line.problem} == {
        "$.chargingStation.model",
        "$.chargingStation.colour",
        "$.chargingStation.modem",
        "$.chargingStation.serialNumber",
        "$.reason",
    }


def test_lists_are_told_item_by_item() -> None:
    sample = {"value": "7.5", "measurand": "Voltage"}
    payload = {"connectorId": 1, "meterValue": [{"timestamp": "2030-01-01T00:00:00Z", "sampledValue": [sample]}, 3]}
    frame = msgspec.json.encode([2, "1", "MeterValues", payload]).decode()
    lines = by_path(explained(Version.V16, "MeterValues", frame))
    assert lines["$.meterValue[0].sampledValue[0].value"].value == '"7.5"'
    assert lines["$.meterValue[0].sampledValue[0]"].depth == 3
    assert [path for path, line in lines.items() if line.problem] == ["$.meterValue[1]"]
    empty = '[2,"1","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2030-01-01T00:00:00Z"}]}]'
    assert by_path(explained(Version.V16, "MeterValues", empty))["$.meterValue[0].sampledValue"].problem == MISSING


def test_a_list_with_too_few_is_told_so() -> None:
    frame = '[2,"1","GetVariables",{"getVariableData":[]}]'
    assert by_path(explained(Version.V201, "GetVariables", frame))["$.getVariableData"].problem == "it needs at least 1"


def test_numbers_keep_their_digits() -> None:
    frame = '[2,"1","CostUpdated",{"totalCost":1.10,"transactionId":"a"}]'
    assert by_path(explained(Version.V201, "CostUpdated", frame))["$.totalCost"].value == "1.10"


def test_an_answer_is_told_by_its_calls_action() -> None:
    told = explained(Version.V16, "Heartbeat", '[3,"1",{"currentTime":"now"}]')
    assert told.object == "HeartbeatResponse"
    assert told.problems == 1


def test_an_error_is_told_in_its_parts() -> None:
    told = explained(Version.V16, "Reset", '[4,"1","NotSupported","no",{"a":1}]')
    assert [(line.name, line.value) for line in told.lines] == [
        ("errorCode", '"NotSupported"'),
        ("errorDescription", '"no"'),
        ("errorDetails", '{"a":1}'),
    ]


@pytest.mark.parametrize(
    ("action", "frame"),
    [
        ("Heartbeat", "no json"),
        ("Heartbeat", '[2,"1","Heartbeat",{"cut'),
        ("Heartbeat", "[]"),
        ("Heartbeat", "{}"),
        ("Heartbeat", '[2,"1"]'),
        ("Heartbeat", '[9,"1",{}]'),
        ("Heartbeat", '[true,"1","Heartbeat",{}]'),
        ("Heartbeat", '[2,"1","Heartbeat",[]]'),
        ("Heartbeat", '["2","1","Heartbeat",{}]'),
        ("Heartbeat", '[2,"1","Heartbeat",{"a":1e999}]'),
        ("Heartbeat", "[" * 5000),
        ("NoSuchAction", '[2,"1","NoSuchAction",{}]'),
        (None, '[3,"1",{}]'),
    ],
)
def test_what_cannot_be_explained_is_told_with_why(action: str | None, frame: str) -> None:
    told = explained(Version.V201, action, frame)
    assert told.unreadable
    assert told.lines == ()


def test_there_is_an_end_to_it() -> None:
    entry = '{"component":{"name":"A"},"variable":{"name":"B"}}'
    frame = f'[2,"1","GetVariables",{{"getVariableData":[{",".join([entry] * 2000)}]}}]'
    told = explained(Version.V201, "GetVariables", frame)
    assert (len(told.lines), told.whole) == (MOST_LINES, False)
    long = explained(Version.V16, "DataTransfer", f'[2,"1","DataTransfer",{{"vendorId":"a","data":"{"x" * 9000}"}}]')
    assert max(len(line.value or "") for line in long.lines) < 2100


def soap(body: str, env: str = "http://www.w3.org/2003/05/soap-envelope") -> str:
    return f'<?xml version="1.0"?><e:Envelope xmlns:e="{env}"><e:Body>{body}</e:Body></e:Envelope>'


def test_a_message_in_xml_is_told_as_one_in_json() -> None:
    values = "<timestamp>2030-01-01T00:00:00</timestamp><value unit='kWh'>7.5</value>"
    body = f'<meterValuesRequest xmlns="urn://Ocpp/Cs/2012/06/"><connectorId>x</connectorId><values>{values}</values>'
    told = explained(Version.V21, None, soap(f"{body}<more>1</more></meterValuesRequest>"))
    lines = by_path(told)
    assert (told.version, told.object) == (Version.V15, "MeterValuesRequest")
    assert lines["$.values[0].value[0].value"].value == '"7.5"'
    assert lines["$.values[0].value[0].unit"].field is not None
    assert {path for path, line in lines.items() if line.problem} == {"$.connectorId", "$.more"}


def test_an_answer_in_xml_without_a_namespace_is_told_by_the_stations_version() -> None:
    told = explained(Version.V12, "Reset", soap("<resetResponse><status>Accepted</status></resetResponse>"))
    assert (told.version, told.object, told.problems) == (Version.V12, "ResetResponse", 0)


@pytest.mark.parametrize(
    ("frame", "parts"),
    [
        (
            soap(
                "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>o:ProtocolError</e:Value></e:Subcode>"
                "</e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>"
            ),
            [("Code", '"Sender"'), ("Subcode", '"ProtocolError"'), ("Reason", '"no"')],
        ),
        (
            soap("<e:Fault><faultcode>e:Server</faultcode></e:Fault>", "http://schemas.xmlsoap.org/soap/envelope/"),
            [("Code", '"Receiver"'), ("Reason", '""')],
        ),
    ],
)
def test_a_fault_is_told_in_its_parts(frame: str, parts: list[tuple[str, str]]) -> None:
    told = explained(Version.V16S, "Reset", frame)
    assert [(line.name, line.value) for line in told.lines] == parts


@pytest.mark.parametrize(
    "frame",
    [
        "<cut",
        "<html/>",
        soap(""),
        soap("<resetResponse/>"),
        soap('<x xmlns="urn://Ocpp/Cs/2012/06/"/>'),
        soap('<resetRequest xmlns="urn:x"/>'),
        "<\ud800/>",
    ],
)
def test_xml_that_says_nothing_is_said_to_be_unreadable(frame: str) -> None:
    assert explained(Version.V16, "Reset", frame).unreadable
