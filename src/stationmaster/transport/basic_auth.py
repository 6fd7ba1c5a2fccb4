"""HTTP Basic credentials as raw bytes: the passwords of OCPP 1.6 are 16-20 bytes in no particular encoding."""

import binascii
from base64 import b64decode, b64encode
from typing import NamedTuple

MAX_ENCODED_LENGTH = 1024


class BasicAuth(NamedTuple):
    username: bytes
    password: bytes

    def __repr__(self) -> str:
        return f"BasicAuth(username={self.username!r}, password=***)"


class MalformedAuthorization(ValueError):
    """There is an Authorization header, but no Basic credentials can be read from it."""


def parse_authorization(header: str | None) -> BasicAuth | None:
    """The credentials of an ``Authorization`` header; None without one. Raises MalformedAuthorization.

    The user name ends at the first colon: a password may contain more of them (RFC 7617 section 2).
    """
    if header is None:
        return None
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(encoded) > MAX_ENCODED_LENGTH:
        raise MalformedAuthorization("not Basic, or too long")
    try:
        decoded = b64decode(encoded.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise MalformedAuthorization("not base64") from None
    username, colon, password = decoded.partition(b":")
    if not colon:
        raise MalformedAuthorization("no colon")
    return BasicAuth(username, password)


def authorization_header(username: str, password: bytes) -> str:
    """The value of an ``Authorization`` header."""
    return "Basic " + b64encode(username.encode() + b":" + password).decode()
