"""Body elements to payloads and back."""

from typing import Any
from xml.etree.ElementTree import fromstring, tostring

import pytest

from stationmaster.ocpp.codec import SchemaViolation, read_native, read_request
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.payload import to_element, to_payload
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import ViolationKind
from stationmaster.ocpp.wire import decode_plain, encode

CS = {
    Version.V12: "urn://Ocpp/Cs/2010/08/",
    Version.V15: "urn://Ocpp/Cs/2012/06/",
    Version.V16S: "urn://Ocpp/Cs/2015/10/",
}
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
AT = "2026-01-02T03:04:05Z"


def read(version: Version, action: str, inside: str, *, namespace: str | None = None, about: str = "") -> Any:
    name = f"{action[0].lower()}{action[1:]}Request"
    element = fromstring(f'<{name} xmlns="{namespace or CS[version]}" {XSI} {about}>{inside}</{name}>')
    return decode_plain(to_payload(SERVICES[version], action, False, element))


def write(version: Version, action: str, payload: object, is_response: bool = False) -> str:
    element = to_element(SERVICES[version], action, is_response, encode(payload))
    return tostring(element, encoding="unicode").replace("ns0:", "").replace("xmlns:ns0", "xmlns")


def test_the_values_of_1_5_are_objects_of_their_attributes_and_their_text() -> None:
    values = (
        f'<connectorId>1</connectorId><values><timestamp>{AT}</timestamp><value unit="Wh">12</value><value/></values>'
    )
    payload = {
        "connectorId": 1,
        "values": [{"timestamp": AT, "value": [{"value": "12", "unit": "Wh"}, {"value": ""}]}],
    }
    assert read(Version.V15, "MeterValues", values) == payload
    assert values.replace("<value/>", "<value />") in write(Version.V15, "MeterValues", payload)


def test_elements_are_written_in_the_order_of_the_version() -> None:
    payload = {"reason": "Local", "meterStop": 5, "timestamp": AT, "idTag": "A", "transactionId": 7}
    assert write(Version.V16S, "StopTransaction", payload) == (
        f'<stopTransactionRequest xmlns="{CS[Version.V16S]}"><transactionId>7</transactionId><idTag>A</idTag>'
        f"<timestamp>{AT}</timestamp><meterStop>5</meterStop><reason>Local</reason></stopTransactionRequest>"
    )


def test_what_is_absent_is_left_out() -> None:
    payload = {"configurationKey": [], "unknownKey": None}
    assert write(Version.V15, "GetConfiguration", payload, True) == (
        '<getConfigurationResponse xmlns="urn://Ocpp/Cp/2012/06/" />'
    )


def test_numbers_and_flags_are_what_their_type_says() -> None:
    payload = {"configurationKey": [{"key": "1", "readonly": False, "value": "2"}]}
    assert "<readonly>false</readonly>" in write(Version.V16S, "GetConfiguration", payload, True)
    element = to_element(SERVICES[Version.V16S], "GetConfiguration", True, encode(payload))
    assert to_payload(SERVICES[Version.V16S], "GetConfiguration", True, element) == encode(payload)


def test_data_transfer_goes_in_the_namespace_of_the_side_that_starts_it() -> None:
    service, payload = SERVICES[Version.V15], b'{"vendorId":"v"}'
    with pytest.raises(ValueError, match="either side"):
        to_element(service, "DataTransfer", False, payload)
    element = to_element(service, "DataTransfer", False, payload, service.namespace(Sender.CSMS))
    assert (element.tag, element[0].tag) == (
        "{urn://Ocpp/Cp/2012/06/}dataTransferRequest",
        "{urn://Ocpp/Cp/2012/06/}vendorId",
    )


@pytest.mark.parametrize("namespace", ["urn://Ocpp/Cs/2015/10", "urn://Ocpp/Cs/2015/10/"])
def test_children_are_known_in_whatever_namespace_of_ocpp_they_stand(namespace: str) -> None:
    assert read(Version.V16S, "Authorize", "<idTag>A</idTag>", namespace=namespace) == {"idTag": "A"}
    assert read(Version.V16S, "Authorize", '<idTag xmlns="">A</idTag>', namespace=namespace) == {"idTag": "A"}
    other = '<x:idTag xmlns:x="urn://Ocpp/Cp/2015/10/">A</x:idTag>'
    assert read(Version.V16S, "Authorize", other, namespace=namespace) == {"idTag": "A"}


def test_what_the_version_does_not_have_is_seen_as_a_violation() -> None:
    inside = '<idTag>A</idTag><pin>1</pin><x:idTag xmlns:x="urn:other">B</x:idTag><more><a>1</a><a>2</a></more>'
    payload = read(Version.V15, "Authorize", inside, about='lang="en"')
    assert payload == {
        "lang": "en",
        "idTag": "A",
        "pin": "1",
        "{urn:other}idTag": "B",
        "more": {"a": ["1", "2"]},
    }
    violations = read_request(Version.V15, "Authorize", encode(payload)).violations
    assert [(each.kind, each.path) for each in violations] == [(ViolationKind.OCCURRENCE, "$.lang")]


def test_an_element_that_stands_there_too_often_is_a_violation_of_its_type() -> None:
    payload = read(Version.V15, "Authorize", "<idTag>A</idTag><idTag>B</idTag><idTag>C</idTag>")
    assert payload == {"idTag": ["A", "B", "C"]}
    with pytest.raises(SchemaViolation, match=r"\$\.idTag"):
        read_native(Version.V15, "Authorize", encode(payload))


def test_an_element_inside_a_text_is_a_violation_of_its_type() -> None:
    assert read(Version.V15, "Authorize", "<idTag><a>1</a></idTag>") == {"idTag": {"a": "1"}}


def test_an_empty_element_is_an_empty_text_and_a_nil_one_is_absent() -> None:
    assert read(Version.V15, "Authorize", "<idTag/>") == {"idTag": ""}
    assert read(Version.V15, "Authorize", '<idTag xsi:nil="true"/>') == {}
    assert read(Version.V16S, "MeterValues", '<meterValue xsi:nil="1"/>') == {"meterValue": []}


def test_attributes_of_the_schema_instance_say_nothing() -> None:
    inside = '<connectorId xsi:type="x:int">1</connectorId><values xsi:type="y"/>'
    about = 'xsi:schemaLocation="a b"'
    assert read(Version.V15, "MeterValues", inside, about=about) == {"connectorId": 1, "values": [{}]}


def test_legal_forms_of_xml_are_no_violations() -> None:
    inside = (
        "<connectorId> +1 </connectorId><idTag>A</idTag>"
        "<timestamp>\n2026-01-02T03:04:05.1234567</timestamp><meterStart>007</meterStart>"
    )
    payload = read(Version.V16S, "StartTransaction", inside)
    assert payload == {"connectorId": 1, "idTag": "A", "timestamp": "2026-01-02T03:04:05.1234567Z", "meterStart": 7}
    assert read_request(Version.V16S, "StartTransaction", encode(payload)).violations == ()


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ("<connectorId>one</connectorId>", "$.connectorId"),
        ("<connectorId>4294967296</connectorId>", "$.connectorId"),
        ("<connectorId>1.0</connectorId>", "$.connectorId"),
    ],
)
def test_what_has_no_legal_form_is_a_violation(wrong: str, path: str) -> None:
    payload = read(Version.V16S, "MeterValues", wrong)
    reading = read_request(Version.V16S, "MeterValues", encode(payload))
    assert [(each.kind, each.path) for each in reading.violations][:1] == [(ViolationKind.TYPE, path)]


def test_meter_values_of_1_6_may_come_without_any_value() -> None:
    payload = read(Version.V16S, "MeterValues", "<connectorId>1</connectorId>")
    assert payload == {"connectorId": 1, "meterValue": []}
    assert read_request(Version.V16S, "MeterValues", encode(payload)).violations == ()


def test_what_the_table_does_not_know_is_written_last() -> None:
    payload = {"more": {"a": [1, True]}, "idTag": "A"}
    assert "<idTag>A</idTag><more><a>1</a><a>true</a></more>" in write(Version.V15, "Authorize", payload)


@pytest.mark.parametrize("payload", [b"[]", b'"x"', b'{"idTag":{"a":[[1]]}}'])
def test_what_is_no_payload_is_not_written(payload: bytes) -> None:
    with pytest.raises(ValueError):
        to_element(SERVICES[Version.V15], "Authorize", False, payload)


def test_an_action_that_the_version_does_not_have_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read(Version.V12, "DataTransfer", "")
    with pytest.raises(KeyError):
        to_element(SERVICES[Version.V12], "DataTransfer", False, b"{}")
