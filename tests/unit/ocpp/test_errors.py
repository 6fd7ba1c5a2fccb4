"""Error kinds and how each version spells them."""

import pytest

from stationmaster.ocpp.errors import ErrorCode, ErrorKind, OCPPError, kind_of, wire_code
from stationmaster.ocpp.version import Version

CODES_1_6 = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}
CODES_2 = CODES_1_6 - {"FormationViolation", "OccurenceConstraintViolation"} | {
    "FormatViolation",
    "OccurrenceConstraintViolation",
    "MessageTypeNotSupported",
    "RpcFrameworkError",
}


@pytest.mark.parametrize(
    ("version", "codes"),
    [(Version.V16, CODES_1_6), (Version.V20, CODES_2), (Version.V201, CODES_2), (Version.V21, CODES_2)],
)
def test_a_version_sends_exactly_the_codes_of_its_table(version: Version, codes: set[str]) -> None:
    assert {wire_code(version, kind) for kind in ErrorKind} == codes


def test_every_code_of_every_version_is_listed() -> None:
    assert {code.value for code in ErrorCode} == CODES_1_6 | CODES_2


@pytest.mark.parametrize("kind", ErrorKind)
def test_a_2_x_code_reads_back_as_the_kind_that_was_sent(kind: ErrorKind) -> None:
    assert kind_of(wire_code(Version.V201, kind)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("FormationViolation", ErrorKind.FORMAT),
        ("FormatViolation", ErrorKind.FORMAT),
        ("OccurenceConstraintViolation", ErrorKind.OCCURRENCE),
        ("OccurrenceConstraintViolation", ErrorKind.OCCURRENCE),
        ("GenericError", ErrorKind.GENERIC),
        ("VendorSaysNo", ErrorKind.GENERIC),
        ("", ErrorKind.GENERIC),
    ],
)
def test_both_spellings_are_read_and_unknown_codes_are_generic(code: str, kind: ErrorKind) -> None:
    assert kind_of(code) is kind


def test_a_received_error_keeps_its_raw_code() -> None:
    error = OCPPError.received("VendorSaysNo", "because", {"n": 1})
    assert (error.kind, error.code, error.description, error.details) == (
        ErrorKind.GENERIC,
        "VendorSaysNo",
        "because",
        {"n": 1},
    )


def test_a_description_is_cut_to_255_characters_for_the_wire_only() -> None:
    error = OCPPError(ErrorKind.INTERNAL, "é" * 300)
    assert error.wire_description == "é" * 255
    assert len(error.description) == 300


def test_a_description_that_utf8_cannot_carry_is_sent_all_the_same() -> None:
    assert OCPPError(ErrorKind.INTERNAL, "a\ud800b").wire_description == "a?b"


def test_the_text_of_an_error_leaves_its_details_out() -> None:
    error = OCPPError(ErrorKind.SECURITY, "no", {"password": "secret"})
    assert "secret" not in f"{error} {error!r}"
