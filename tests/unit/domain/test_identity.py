"""Which spellings name the same token."""

import pytest

from stationmaster.domain.identity import NO_TOKEN, IdToken


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (None, "Abc", "aBC"),
        ("eMAID", "NL-ABC-C0000001-X", "nlabcc0000001x"),
        ("MacAddress", "AA:BB:CC:00:11:22", "aabbcc001122"),
        ("MacAddress", "AA-BB-CC-00-11-22", "AABB.CC00.1122"),
        ("EVCCID", "0A:1B", "0a1b"),
    ],
)
def test_two_spellings_of_a_token_have_one_key(kind: str | None, one: str, other: str) -> None:
    assert IdToken(one, kind).key == IdToken(other, kind).key


@pytest.mark.parametrize("kind", [None, "ISO14443", "Central", "KeyCode"])
def test_what_separates_the_parts_of_some_tokens_belongs_to_the_others(kind: str | None) -> None:
    assert IdToken("A-B", kind).key != IdToken("AB", kind).key


@pytest.mark.parametrize("token", [IdToken("-", "eMAID"), IdToken(":", "MacAddress")])
def test_a_token_of_nothing_but_separators_still_has_a_key(token: IdToken) -> None:
    assert token.key == token.value


def test_a_token_has_the_keys_of_every_type_its_own_first() -> None:
    assert IdToken("A-b:C").keys == ("a-b:c", "ab:c", "abc")
    assert IdToken("A-b:C", "eMAID").keys == ("ab:c", "a-b:c", "abc")
    assert IdToken("ABC").keys == ("abc",)
    assert NO_TOKEN.keys == ("",)
