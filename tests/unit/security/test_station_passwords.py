"""Station passwords of every version match as they are sent, and only then."""

import pytest

from stationmaster.security.station_passwords import hash_password, matches, new_password

PEPPER = b"p" * 32
HEX_KEY = "4f43415f4f4354545f61646d696e5f74657374"


@pytest.mark.parametrize("given", [bytes.fromhex(HEX_KEY), HEX_KEY.encode(), HEX_KEY.upper().encode()])
def test_a_1_6_key_matches_as_bytes_and_as_hex_digits(given: bytes) -> None:
    assert matches(hash_password(HEX_KEY, PEPPER), given, PEPPER)


def test_raw_bytes_that_are_no_text_match() -> None:
    key = "ff00fe01fd02fc03fb04fa05f906f807"
    assert matches(hash_password(key, PEPPER), bytes.fromhex(key), PEPPER)


def test_a_text_password_matches_to_the_letter() -> None:
    stored = hash_password("DEADBEEFDEADBEEZ-äß", PEPPER)
    assert matches(stored, "DEADBEEFDEADBEEZ-äß".encode(), PEPPER)
    assert not matches(stored, "deadbeefdeadbeez-äß".encode(), PEPPER)


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password(HEX_KEY, PEPPER) != hash_password(HEX_KEY, PEPPER)


@pytest.mark.parametrize("given", [b"", b"wrong", HEX_KEY.encode()[:-1], b"x" * 100_000])
def test_anything_else_does_not_match(given: bytes) -> None:
    assert not matches(hash_password(HEX_KEY, PEPPER), given, PEPPER)


def test_another_pepper_matches_nothing() -> None:
    assert not matches(hash_password(HEX_KEY, PEPPER), HEX_KEY.encode(), b"q" * 32)


@pytest.mark.parametrize("stored", ["", "$$", "b2k$zz$zz", "md5$00$00"])
def test_a_broken_stored_hash_matches_nothing(stored: str) -> None:
    assert not matches(stored, b"", PEPPER)


def test_new_passwords_are_hex_keys_that_every_version_can_carry() -> None:
    password = new_password()
    assert len(bytes.fromhex(password)) == 20
    assert password != new_password()
