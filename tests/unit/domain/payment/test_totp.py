"""C25 One-time passwords of QR codes."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.payment.totp import ALPHABET, interval_of, is_valid, totp

AT = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
SECRET = "a secret of a station"


def test_the_alphabet_is_the_one_of_the_specification() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 61
    assert "o" not in ALPHABET and "O" in ALPHABET


def test_an_interval_is_counted_from_1970() -> None:
    assert interval_of(datetime(1970, 1, 1, 0, 0, 59, tzinfo=UTC), 30) == 1
    assert interval_of(AT, 30) == int(AT.timestamp()) // 30


def test_a_code_is_made_step_by_step_as_the_specification_says() -> None:
    digest = hmac.new(SECRET.encode(), (1234).to_bytes(8, "big"), hashlib.sha256).digest()
    first = digest[-1] % 16
    assert totp(SECRET, 1234, 8) == "".join(ALPHABET[digest[(first + i) % 32] % 61] for i in range(8))


def test_codes_that_were_worked_out_once_stay_the_same() -> None:
    assert [totp("stationmaster", interval, 8) for interval in (0, 1, 59_000_000)] == [
        "HB4UUmJB",
        "EQ4huIDv",
        "gVBDXGrE",
    ]


@pytest.mark.parametrize(("age", "valid"), [(-31, True), (-61, False), (0, True), (31, True), (61, False)])
def test_C25_FR_07_the_interval_before_and_the_one_after_count_too(age: int, valid: bool) -> None:
    code = totp(SECRET, interval_of(AT, 30), 8)
    assert is_valid(code, (SECRET,), AT + timedelta(seconds=age), 30, 8) is valid


def test_a_code_with_all_62_letters_counts_too() -> None:
    digest = hmac.new(SECRET.encode(), interval_of(AT, 30).to_bytes(8, "big"), hashlib.sha256).digest()
    letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    first = digest[-1] % 16
    code = "".join(letters[digest[(first + i) % 32] % 62] for i in range(8))
    assert is_valid(code, (SECRET,), AT, 30, 8)


@given(st.text(max_size=80))
def test_no_other_text_is_a_code(text: str) -> None:
    now = interval_of(AT, 30)
    codes = {totp(SECRET, interval, 8) for interval in (now - 1, now, now + 1)}
    assert is_valid(text, (SECRET,), AT, 30, 8) is (text in codes)
    assert not is_valid(text, (), AT, 30, 8)


@given(st.text(min_size=1, max_size=64), st.integers(0, 2**40), st.integers(6, 64))
def test_a_code_has_its_length_and_letters_that_need_no_escape(secret: str, interval: int, length: int) -> None:
    code = totp(secret, interval, length)
    assert len(code) == length
    assert set(code) <= set(ALPHABET)
