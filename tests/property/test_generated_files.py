"""The committed types are what the generator writes, and the generator refuses what it cannot enforce."""

import pytest

import generate
import schemas
import wsdl as wsdl_tool
from corrections import CORRECTIONS
from generator.names import field_name
from generator.reader import Reader
from generator.tables import read_service
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.elements import Field, Operation, Plain, Service, Shape, Words
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version


def test_the_committed_files_are_what_the_generator_writes() -> None:
    assert generate.differences(generate.generated()) == []


def test_a_changed_file_is_summed_up() -> None:
    path, text = next(iter(generate.generated().items()))
    found = generate.differences({path: text + "x = 1\n"})
    assert found == ["v16/__init__.py: 1 lines differ, e.g. +x = 1"]


def test_the_committed_wsdls_are_what_the_tables_say() -> None:
    assert wsdl_tool.differences(wsdl_tool.generated()) == []


def test_a_changed_wsdl_is_named() -> None:
    path, content = next(iter(wsdl_tool.generated().items()))
    assert wsdl_tool.differences({path: content + b" "}) == ["CentralSystemService_1.2.wsdl is not what the tables say"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Words("X", ("A",)), Words("X", ("B",))),
        (Shape("X", (Field("a", Plain.TEXT),)), Shape("X", (Field("a", Plain.INT),))),
    ],
)
def test_two_contents_under_one_name_in_the_tables_are_refused(one: Words | Shape, other: Words | Shape) -> None:
    shape = Shape("ProbeRequest", (Field("one", one), Field("other", other)))
    operation = Operation("Probe", Sender.STATION, shape, Shape("ProbeResponse"))
    with pytest.raises(ValueError, match="two contents"):
        read_service("v15", Service(Version.V15, "", "", "", {"Probe": operation}))
    with pytest.raises(ValueError, match="two contents"):
        wsdl_tool.document(Service(Version.V15, "cs", "cp", "", {"Probe": operation}), Sender.STATION)


def test_the_types_of_a_version_are_read_from_its_tables() -> None:
    module = read_service("v15", SERVICES[Version.V15])
    (value,) = (each for each in module.objects if each.name == "Value")
    assert [(field.wire, field.required) for field in value.fields][:2] == [("value", True), ("context", False)]
    assert value.closed and len(module.messages) == 2 * len(SERVICES[Version.V15].operations)


@pytest.mark.parametrize(
    "member",
    [{"type": "integer", "exclusiveMinimum": 0}, {"type": "string", "const": "x"}, {"anyOf": []}],
)
def test_a_schema_that_could_not_be_enforced_in_full_is_refused(member: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot enforce"):
        Reader("v16").read({"ProbeRequest": {"type": "object", "properties": {"a": member}}})


def test_two_contents_under_one_name_are_refused() -> None:
    parts = [{"P": {"type": "object", "properties": {"a": {"type": kind}}}} for kind in ("string", "integer")]
    probes = {
        f"Probe{index}Request": {"properties": {"p": {"$ref": "#/definitions/P"}}, "definitions": part}
        for index, part in enumerate(parts)
    }
    with pytest.raises(ValueError, match="two contents"):
        Reader("v16").read(probes)


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda each: f"{each.version}-{each.message}-{each.path[-1]}")
def test_a_correction_that_is_no_longer_needed_is_noticed(correction: object) -> None:
    already_right = schemas.load(correction.version)[correction.message]
    with pytest.raises(ValueError, match="is not what was corrected"):
        correction.apply(already_right)


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("responderURL", "responder_url"),
        ("15118SchemaVersion", "iso15118_schema_version"),
        ("iso15118CertificateHashData", "iso15118_certificate_hash_data"),
        ("limit_L2", "limit_l2"),
        ("limitAtSoC", "limit_at_soc"),
        ("evMaxV2XEnergyRequest", "ev_max_v2x_energy_request"),
        ("prioritizedEMAIDs", "prioritized_emaids"),
    ],
)
def test_wire_names_become_python_names(wire: str, name: str) -> None:
    assert field_name(wire) == name
