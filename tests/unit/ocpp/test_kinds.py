"""The values that JSON has no exact type for."""

from decimal import Decimal

import msgspec
import pytest

from stationmaster.ocpp.kinds import CustomData, Number, Uri, number, read_kind


def _decode(raw: bytes, kind: object) -> object:
    return msgspec.json.decode(raw, type=kind, dec_hook=read_kind)


def test_a_number_is_a_plain_decimal() -> None:
    assert type(_decode(b"8", Number)) is Decimal


def test_a_number_written_as_text_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="Expected `number`, got `str`"):
        _decode(b'"8.1"', Number)


def test_a_kind_is_known_by_its_plain_values() -> None:
    assert isinstance(Decimal(0), Number)
    assert not isinstance(0, Number)
    assert not isinstance("0", Number)


def test_a_bounded_number_names_the_bound_it_breaks() -> None:
    with pytest.raises(msgspec.ValidationError, match="Expected `number` <= 100"):
        _decode(b"101", number(at_least=Decimal(0), at_most=Decimal(100)))


def test_custom_data_keeps_what_the_vendor_put_in() -> None:
    raw = b'{"vendorId":"x","deep":{"a":[1,null]}}'
    assert msgspec.json.encode(_decode(raw, CustomData)) == raw


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `vendorId`"),
        (b'{"vendorId":1}', "Expected `str`, got `int`"),
        (b'{"vendorId":"' + b"v" * 256 + b'"}', "length <= 255"),
    ],
)
def test_custom_data_needs_a_vendor_id(raw: bytes, complaint: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=complaint):
        _decode(raw, CustomData)


@pytest.mark.parametrize("text", ["ftp://user:p%40ss@host:21/dir/", "https://[::1]/?a=b#c", "urn:x:y"])
def test_a_uri_has_a_scheme(text: str) -> None:
    assert _decode(msgspec.json.encode(text), Uri) == text


@pytest.mark.parametrize("text", ["", "host/path", "http://a b", "http://a\n", "h:%4", "http://ä", "1http:x", 'h:"'])
def test_what_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        _decode(msgspec.json.encode(text), Uri)
