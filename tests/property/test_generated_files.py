"""The committed types are what the generator writes, and the generator refuses what it cannot enforce."""

import pytest

import generate
import schemas
from corrections import CORRECTIONS
from generator.names import field_name
from generator.reader import Reader


def test_the_committed_files_are_what_the_generator_writes() -> None:
    assert generate.differences(generate.generated()) == []


def test_a_changed_file_is_summed_up() -> None:
    path, text = next(iter(generate.generated().items()))
    found = generate.differences({path: text + "x = 1\n"})
    assert found == ["v16/__init__.py: 1 lines differ, e.g. +x = 1"]


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
