"""The tables of SOAP messages, where they say something that is easily got wrong."""

from collections import Counter
from collections.abc import Iterator

import pytest

from stationmaster.ocpp import v16
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.elements import Field, Shape, Words
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version

ALL = [
    (version, f"{action}{'Response' if is_response else 'Request'}", operation.shape(is_response))
    for version, service in SERVICES.items()
    for action, operation in service.operations.items()
    for is_response in (False, True)
]


def shapes(shape: Shape) -> Iterator[Shape]:
    yield shape
    for field in shape.fields:
        if isinstance(field.type, Shape):
            yield from shapes(field.type)


def names(version: Version, message: str) -> list[str]:
    (found,) = (shape for spoken, name, shape in ALL if (spoken, name) == (version, message))
    return [f"{field.name}{field.card.removeprefix('1')}" for field in found.fields]


@pytest.mark.parametrize(
    ("version", "central_system", "charge_point"), [("1.2", 9, 9), ("1.5", 10, 15), ("1.6S", 10, 19)]
)
def test_a_service_has_as_many_operations_as_its_specification(
    version: str, central_system: int, charge_point: int
) -> None:
    senders = Counter(each.sender for each in SERVICES[Version(version)].operations.values())
    assert senders[Sender.STATION] + senders[Sender.BOTH] == central_system
    assert senders[Sender.CSMS] + senders[Sender.BOTH] == charge_point


def test_every_soap_version_has_a_table_and_namespaces_of_its_own() -> None:
    assert tuple(SERVICES) == SOAP_VERSIONS
    namespaces = [uri for each in SERVICES.values() for uri in (each.cs_ns, each.cp_ns, each.subcode_ns)]
    assert len(set(namespaces)) == 9
    assert all(uri.endswith("/") for each in SERVICES.values() for uri in (each.cs_ns, each.cp_ns))


@pytest.mark.parametrize(
    ("version", "message", "fields"),
    [
        ("1.2", "RemoteStartTransactionRequest", ["idTag"]),
        ("1.5", "RemoteStartTransactionRequest", ["idTag", "connectorId?"]),
        ("1.6S", "RemoteStartTransactionRequest", ["connectorId?", "idTag", "chargingProfile?"]),
        ("1.2", "BootNotificationResponse", ["status", "currentTime?", "heartbeatInterval?"]),
        ("1.5", "BootNotificationResponse", ["status", "currentTime", "heartbeatInterval"]),
        ("1.6S", "BootNotificationResponse", ["status", "currentTime", "interval"]),
        ("1.5", "SendLocalListRequest", ["updateType", "listVersion", "localAuthorisationList*", "hash?"]),
        ("1.6S", "SendLocalListRequest", ["listVersion", "localAuthorizationList*", "updateType"]),
        ("1.2", "StopTransactionRequest", ["transactionId", "idTag?", "timestamp", "meterStop"]),
        (
            "1.6S",
            "StopTransactionRequest",
            ["transactionId", "idTag?", "timestamp", "meterStop", "reason?", "transactionData*"],
        ),
        ("1.6S", "UpdateFirmwareRequest", ["retrieveDate", "location", "retries?", "retryInterval?"]),
        (
            "1.6S",
            "ReserveNowRequest",
            ["connectorId", "expiryDate", "idTag", "parentIdTag?", "reservationId"],
        ),
    ],
)
def test_elements_stand_in_the_order_of_their_version(version: str, message: str, fields: list[str]) -> None:
    assert names(Version(version), message) == fields


def test_only_the_values_of_1_5_have_attributes() -> None:
    found = {
        (version, shape.name): [field.name for field in shape.fields if field.attribute]
        for version, _, whole in ALL
        for shape in shapes(whole)
        if any(field.attribute for field in shape.fields)
    }
    assert found == {(Version.V15, "Value"): ["context", "format", "measurand", "location", "unit"]}


def test_an_object_with_attributes_has_nothing_else_but_its_text() -> None:
    for _, _, whole in ALL:
        for shape in shapes(whole):
            plain = [field.name for field in shape.fields if not field.attribute]
            assert shape.text is None if len(plain) == len(shape.fields) else plain == [shape.text]


def test_1_6_never_sends_the_misspelt_unit_that_only_the_json_schemas_have() -> None:
    units = next(
        field.type
        for _, _, whole in ALL
        for shape in shapes(whole)
        for field in shape.fields
        if isinstance(field.type, Words) and "Percent" in field.type.values
    )
    assert isinstance(units, Words)
    assert set(v16.UnitOfMeasure.__args__) - set(units.values) == {"Celcius"}


def test_1_6_in_soap_has_the_words_of_1_6_in_json() -> None:
    words = {
        field.type
        for version, _, whole in ALL
        for shape in shapes(whole)
        for field in shape.fields
        if version is Version.V16S and isinstance(field.type, Words)
    }
    different = {each.name for each in words if set(each.values) != set(getattr(v16, each.name).__args__)}
    assert (len(words), different) == (35, {"UnitOfMeasure"})


def test_a_field_says_how_often_it_stands_there() -> None:
    cards = {field.card for _, _, whole in ALL for shape in shapes(whole) for field in shape.fields}
    assert cards == {"1", "?", "*", "+"}
    assert Field("x", Words("X", ())).card == "1"
