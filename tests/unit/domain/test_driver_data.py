"""Taking a driver out of what is stored."""

from decimal import Decimal

import msgspec
import pytest

from stationmaster.domain.driver_data import Scrubber, Subject, pseudonym
from stationmaster.domain.identity import IdToken

CARD = IdToken("04A1B2C3", "ISO14443")
CONTRACT = IdToken("DE-8AA-CA2B3C4D5-N", "eMAID")
SECRET = b"a secret of the installation"


def scrubber(*tokens):
    return Scrubber([Subject(token_key=1, id_token=token, pseudonym="erased-x") for token in tokens])


def scrubbed(content, *tokens):
    text = msgspec.json.encode(content).decode()
    return msgspec.json.decode(scrubber(*(tokens or (CARD,))).text(text))


def test_a_pseudonym_is_the_same_for_all_spellings_and_no_one_else():
    one = pseudonym(SECRET, "default", CARD)
    assert one == pseudonym(SECRET, "default", IdToken("04a1b2c3"))
    assert one.startswith("erased-") and "04a1" not in one
    others = {
        pseudonym(b"another", "default", CARD),
        pseudonym(SECRET, "other", CARD),
        pseudonym(SECRET, "default", IdToken("04A1B2C4")),
    }
    assert one not in others and len(others) == 3


@pytest.mark.parametrize(
    "content",
    [
        {"idTag": "04a1b2c3"},
        {"id_token": {"value": "04A1B2C3", "type": "ISO14443"}},
        [2, "1", "Authorize", {"idToken": {"idToken": "04A1B2C3", "type": "ISO14443"}}],
        {"detail": "token 04A1B2C3 is not known"},
        {"data": '{"idToken": "04A1B2C3"}'},
        {"start_key": "1.1|04a1b2c3|2026-01-01T00:00:00+00:00|0"},
    ],
)
def test_a_token_is_found_wherever_it_stands(content):
    told = msgspec.json.encode(scrubbed(content)).decode().casefold()
    assert "04a1b2c3" not in told
    assert "erased-x" in told


def test_what_only_looks_alike_stays():
    content = {"idTag": "04A1B2C30", "serial": "X04A1B2C3", "note": "104A1B2C3"}
    assert scrubbed(content) == content


@pytest.mark.parametrize("spelling", ["DE8AACA2B3C4D5N", "de-8aa-ca2b3c4d5-n"])
def test_a_contract_is_found_with_its_separators_and_without(spelling):
    assert scrubbed({"text": f"by {spelling}."}, CONTRACT) == {"text": "by erased-x."}


@pytest.mark.parametrize("value", ["1", "abc", "Accepted"])
def test_a_token_that_could_be_any_word_is_only_taken_from_where_tokens_stand(value):
    content = {"idTag": value, "status": value, "id_token": {"value": value}, "text": f"it said {value}"}
    assert scrubbed(content, IdToken(value)) == {
        "idTag": "erased-x",
        "status": value,
        "id_token": {"value": "erased-x"},
        "text": f"it said {value}",
    }


def test_numbers_keep_their_digits():
    text = '{"idTag":"04A1B2C3","wh":1.10,"big":12345678901234567890}'
    assert scrubber(CARD).text(text) == '{"idTag":"erased-x","wh":1.10,"big":12345678901234567890}'
    assert Decimal("1.10").as_tuple().exponent == -2


def test_a_document_without_the_token_is_not_written_anew():
    text = '{ "a" : [ 1.0, "x" ] }'
    assert scrubber(CARD).text(text) is text


def test_a_text_that_is_nested_too_deep_to_be_read_still_loses_the_token():
    text = '[4,"04A1B2C3",' + "[" * 3000
    assert "04A1B2C3" not in scrubber(IdToken("04A1B2C3", "ISO14443")).text(text)


@pytest.mark.parametrize(
    ("frame", "left"),
    [
        ("<e:Body><idTag>ABC</idTag></e:Body>", "<e:Body><idTag>erased-x</idTag></e:Body>"),
        ('<b><c:idTag xmlns:c="urn:x"> abc </c:idTag></b>', '<b><c:idTag xmlns:c="urn:x">erased-x</c:idTag></b>'),
        ("<b><parentIdTag>ABC</parentIdTag></b>", "<b><parentIdTag>erased-x</parentIdTag></b>"),
        ("<b><idTag>ABCD</idTag><vendor>ABC</vendor></b>", "<b><idTag>ABCD</idTag><vendor>ABC</vendor></b>"),
        ("<b><idTag>A&amp;B</idTag><idTag/></b>", "<b><idTag>A&amp;B</idTag><idTag/></b>"),
        ("<b><idTag>ABC", "<b><idTag>ABC"),
    ],
)
def test_a_short_token_is_taken_from_the_elements_of_xml_that_hold_one_and_from_no_others(frame, left):
    assert scrubber(IdToken("ABC")).text(frame) == left


def test_a_token_that_xml_writes_otherwise_is_found():
    assert scrubber(IdToken("A&B")).text("<b><idTag>A&amp;B</idTag></b>") == "<b><idTag>erased-x</idTag></b>"
