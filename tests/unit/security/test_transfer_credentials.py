from hypothesis import given
from hypothesis import strategies as st

from stationmaster.security.transfer_credentials import PASSWORD_LENGTH, password_of, transfer_of, username_of

PEPPER = b"p" * 32
keys = st.integers(1, 2**63 - 1)


@given(keys)
def test_credentials_open_the_transfer_they_were_made_for(key: int) -> None:
    assert transfer_of(username_of(key), password_of(key, PEPPER), PEPPER) == key


@given(keys, keys, st.binary(min_size=1, max_size=40))
def test_a_password_opens_no_other_transfer_and_not_at_another_installation(
    key: int, other: int, pepper: bytes
) -> None:
    if other != key:
        assert transfer_of(username_of(other), password_of(key, PEPPER), PEPPER) is None
    assert transfer_of(username_of(key), password_of(key, pepper), PEPPER) is None


@given(st.text(max_size=40), st.text(max_size=60))
def test_whatever_else_is_given_opens_nothing(username: str, password: str) -> None:
    assert transfer_of(username, password, PEPPER) is None


@given(keys)
def test_a_password_has_130_bits_in_letters_that_no_url_escapes(key: int) -> None:
    password = password_of(key, PEPPER)
    assert len(password) == PASSWORD_LENGTH == 26
    assert password.isascii() and password.isalnum() and password == password.lower()
