"""Basic credentials as raw bytes."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.transport.basic_auth import (
    BasicAuth,
    MalformedAuthorization,
    authorization_header,
    parse_authorization,
)


@given(st.text().filter(lambda name: ":" not in name and name.isprintable()), st.binary(max_size=64))
def test_what_is_written_is_read_whatever_bytes_the_password_has(username: str, password: bytes) -> None:
    assert parse_authorization(authorization_header(username, password)) == (username.encode(), password)


def test_the_user_name_ends_at_the_first_colon() -> None:
    assert parse_authorization("basic " + b64encode(b"CS1:a:b").decode()) == (b"CS1", b"a:b")


def test_no_header_is_no_credentials() -> None:
    assert parse_authorization(None) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!!",
        "Basic Q1Mx",  # no colon inside
        "Basic Q1MxO",
        "Bearer Q1MxOng=",
        "Basic \udcffQ1MxOng=",
        "Basic " + b64encode(b"CS1:" + b"x" * 1000).decode(),
    ],
)
def test_an_unreadable_header_is_malformed(header: str) -> None:
    with pytest.raises(MalformedAuthorization):
        parse_authorization(header)


def test_no_password_in_reprs() -> None:
    assert "hunter2" not in repr(BasicAuth(b"CS1", b"hunter2"))
