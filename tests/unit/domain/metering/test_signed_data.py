"""Signed values as files: nothing of a blob is changed, and its key is found."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from re import fullmatch
from typing import Any
from xml.etree import ElementTree as ET  # what we wrote ourselves

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stationmaster.domain.metering.signed_data import PublicKey, plain_text, signed_values, transparency_xml
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.records import Reading

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
OCMF = 'OCMF|{"FV":"1.0","RD":[{"RV":0.2,"RU":"kWh"}]}|{"SD":"3045<&"}'
ALFEN = "AP;0;3;AJ2K;BIHEA"
HEX = "30593013aa"


def reading(minute: int, *samples: Sample) -> Reading:
    return Reading(
        station_key=1,
        taken_at=T0 + timedelta(minutes=minute),
        digest=minute,
        transaction_key=1,
        evse_id=1,
        connector_id=1,
        received_at=T0,
        register_wh=Decimal(1),
        power_w=None,
        samples=samples,
    )


def of_2_x(data: str | bytes, context: str = "Transaction.Begin", **more: Any) -> Sample:
    raw = data.encode() if isinstance(data, str) else data
    signed = {"signedMeterData": b64encode(raw).decode(), "encodingMethod": "OCMF", "signingMethod": "", **more}
    return Sample("1", context=context, signed={"publicKey": "", **signed})


@pytest.mark.parametrize(
    ("sample", "format", "encoding", "data"),
    [
        (of_2_x(OCMF), "OCMF", "plain", OCMF),
        (of_2_x(ALFEN, encodingMethod="whatever"), "ALFEN", "plain", ALFEN),
        (of_2_x(b"\xff\x00\x01", encodingMethod="EDL"), "EDL_40_P", "base64", "/wAB"),
        (of_2_x("text", encodingMethod=""), "UNKNOWN", "plain", "text"),
        (Sample(OCMF, format="SignedData"), "OCMF", "plain", OCMF),
        (Sample(ALFEN, format="SignedData"), "ALFEN", "plain", ALFEN),
        (Sample("AB12cd", format="SignedData"), "UNKNOWN", "hex", "AB12cd"),
        (Sample("not base64!", format="SignedData"), "UNKNOWN", "plain", "not base64!"),
        (Sample("{broken", format="SignedData"), "UNKNOWN", "plain", "{broken"),
    ],
)
def test_what_was_signed_comes_out_as_it_was(sample: Sample, format: str, encoding: str, data: str) -> None:
    (found,) = signed_values([reading(0, sample)])
    assert (found.format, found.encoding, found.data) == (format, encoding, data)


def test_a_1_6_station_may_put_2_x_s_members_into_its_value() -> None:
    inside = {"signedMeterData": b64encode(OCMF.encode()).decode(), "encodingMethod": "OCMF", "publicKey": HEX}
    (found,) = signed_values([reading(0, Sample(msgspec.json.encode(inside).decode(), format="SignedData"))])
    assert (found.data, found.public_key, found.sent) == (OCMF, PublicKey(HEX, "hex"), inside)


@pytest.mark.parametrize(
    ("told", "key"),
    [
        (f"oca:base16:asn1:{HEX}", PublicKey(HEX, "hex")),
        (b64encode(f"oca:base16:asn1:{HEX}".encode()).decode(), PublicKey(HEX, "hex")),
        (b64encode(HEX.encode()).decode(), PublicKey(HEX, "hex")),
        (b64encode(bytes.fromhex(HEX)).decode(), PublicKey(b64encode(bytes.fromhex(HEX)).decode(), "base64")),
        ("a key of its own kind", PublicKey("a key of its own kind", "plain")),
        ("", None),
    ],
)
def test_a_public_key_is_taken_out_of_what_it_is_wrapped_in(told: str, key: PublicKey | None) -> None:
    (found,) = signed_values([reading(0, of_2_x(OCMF, publicKey=told))])
    assert found.public_key == key


def test_a_key_that_was_told_once_holds_for_all_and_one_of_two_for_its_own() -> None:
    begin, middle, end = (of_2_x(OCMF, context=f"c{n}") for n in range(3))
    with_key = of_2_x(OCMF, publicKey=HEX)
    found = signed_values([reading(2, end), reading(0, with_key), reading(1, middle)])
    assert [value.public_key for value in found] == [PublicKey(HEX, "hex")] * 3
    assert [value.at.minute for value in found] == [0, 1, 2]
    other = of_2_x(OCMF, publicKey="aabb")
    keys = [value.public_key for value in signed_values([reading(0, with_key), reading(1, other), reading(2, begin)])]
    assert keys == [PublicKey(HEX, "hex"), PublicKey("aabb", "hex"), None]


def test_what_was_not_signed_is_no_part_of_it() -> None:
    assert signed_values([reading(0, Sample("1"), Sample("5", measurand="SoC"))]) == ()


def test_the_xml_holds_the_blob_and_nothing_around_it() -> None:
    values = signed_values([reading(0, of_2_x(OCMF, publicKey=HEX)), reading(9, of_2_x(ALFEN, "Transaction.End"))])
    root = ET.fromstring(transparency_xml(42, values))  # what we wrote ourselves
    assert root.tag == "values"
    first, last = root.findall("value")
    assert (first.get("transactionId"), first.get("context")) == ("42", "Transaction.Begin")
    signed, key = first.find("signedData"), first.find("publicKey")
    assert signed is not None and key is not None
    assert (signed.text, signed.attrib) == (OCMF, {"format": "OCMF", "encoding": "plain"})
    assert (key.text, key.attrib) == (HEX, {"encoding": "hex"})
    assert last.get("context") == "Transaction.End"


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_blob_survives_the_xml(text: str) -> None:
    # A few letters in base64 may be hex as well, and are then taken for that; no signature is so short.
    assume(not fullmatch("([0-9a-fA-F]{2})+", b64encode(text.encode()).decode()))
    (value,) = signed_values([reading(0, of_2_x(text))])
    root = ET.fromstring(transparency_xml(1, [value]))  # what we wrote ourselves
    found = root.find("value/signedData")
    assert found is not None
    written = found.text or ""
    blob = b64decode(written) if found.get("encoding") == "base64" else written.encode()
    assert blob == text.encode()


def test_text_is_a_record_a_line_where_all_of_it_is_text() -> None:
    both = signed_values([reading(0, of_2_x(OCMF)), reading(1, of_2_x(ALFEN))])
    assert plain_text(both) == f"{OCMF}\n{ALFEN}\n"
    assert plain_text(signed_values([reading(0, of_2_x(b"\xff\xfe"))])) is None


@pytest.mark.parametrize("text", ["größe", '{"signedMeterData":' + "[" * 3000])
def test_what_is_neither_base64_nor_readable_is_passed_on_as_it_is(text: str) -> None:
    (value,) = signed_values([reading(0, Sample(text, format="SignedData"))])
    assert (value.data, value.encoding) == (text, "plain")


def test_a_key_that_is_not_ascii_is_passed_on_as_it_is() -> None:
    (value,) = signed_values([reading(0, Sample("1", signed={"signedMeterData": ALFEN, "publicKey": "schlüssel"}))])
    assert value.public_key == PublicKey("schlüssel", "plain")
