"""The lexical forms of XML Schema."""

from decimal import Decimal

import pytest

from stationmaster.ocpp.soap.elements import Decimals, Plain, Text, Words
from stationmaster.ocpp.soap.lexical import illegal_place, read_text, reader_of, written

LONG = "9" * 500


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Plain.INT, "5", 5),
        (Plain.INT, "+5", 5),
        (Plain.INT, "\n 007 ", 7),
        (Plain.INT, "-2147483648", -(2**31)),
        (Plain.INT, "2147483648", "2147483648"),
        (Plain.INT, "5.0", "5.0"),
        (Plain.INT, "", ""),
        (Plain.INT, "٣", "٣"),
        (Plain.INT, LONG, LONG),
        (Plain.INT, "0" * 500, "0" * 500),
        (Decimals("D", 1), "16.", Decimal(16)),
        (Decimals("D", 1), " +1.5", Decimal("1.5")),
        (Decimals("D", 1), "-.5", Decimal("-0.5")),
        (Decimals("D", 1), "1e3", "1e3"),
        (Decimals("D", 1), "NaN", "NaN"),
        (Decimals("D", 1), ".", "."),
        (Decimals("D", 1), LONG, LONG),
        (Plain.FLAG, "1", True),
        (Plain.FLAG, " false\t", False),
        (Plain.FLAG, "TRUE", "TRUE"),
        (Plain.TEXT, " a \n", " a \n"),
        (Text("T", 5), " ", " "),
        (Words("W", ("A",)), " A", " A"),
        (Plain.URI, " ftp://x/y\n", "ftp://x/y"),
    ],
)
def test_a_value_is_read_or_left_as_text(kind: object, text: str, value: object) -> None:
    found = reader_of(kind)(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"),
        ("\n  2026-01-02T03:04:05Z ", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.5", "2026-01-02T03:04:05.5Z"),
        ("2026-01-02T03:04:05+14:00", "2026-01-02T03:04:05+14:00"),
        (f"2026-01-02T03:04:05.{'1' * 40}-05:00", "2026-01-02T03:04:05.111111111-05:00"),
        ("2026-12-31T24:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-02-28T24:00:00.000+01:00", "2026-03-01T00:00:00.000+01:00"),
        ("2026-01-02T24:00:00.5Z", "2026-01-02T24:00:00.5Z"),
        ("9999-12-31T24:00:00Z", "9999-12-31T24:00:00Z"),
        ("2026-02-30T24:00:00Z", "2026-02-30T24:00:00Z"),
        ("2026-01-02", "2026-01-02"),
        ("2026-01-02 03:04:05Z", "2026-01-02 03:04:05Z"),
        ("-0044-03-15T12:00:00Z", "-0044-03-15T12:00:00Z"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_a_time_becomes_one_of_rfc_3339_or_stays_text(text: str, value: str) -> None:
    assert reader_of(Plain.MOMENT)(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a<b", "a<b"),
        (True, "true"),
        (False, "false"),
        (-5, "-5"),
        (Decimal("16.0"), "16.0"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_a_value_is_written_as_xml_writes_it(value: object, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize("value", [[], {}, 1.5, None])
def test_what_is_no_value_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match="where XML has a text"):
        written(value)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'{"a":"b"}', None),
        (b'{"a":"\\n\\t\\r\\\\u0001 \\u0041","b":[1,true,null]}', None),
        (b'{"a":"\\u0000"}', "$.a"),
        (b'{"a":[{"b":"ok"},{"b":"x\\b"}]}', "$.a[1].b"),
        ('{"a":"\uffff"}'.encode(), "$.a"),
        ('{"a":"\U0001d11e\ue000\ufffd"}'.encode(), None),
    ],
)
def test_a_character_that_xml_does_not_have_is_found(raw: bytes, path: str | None) -> None:
    assert illegal_place(raw) == path


def test_text_is_left_alone() -> None:
    assert reader_of(Plain.TEXT) is read_text
