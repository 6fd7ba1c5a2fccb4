"""Credentials of file transfers: made from the transfer's key and the installation's own secret, so that nothing secret
is stored and a command that waited over a restart can still be completed.

They differ from the station's OCPP password (N01.FR.17), and open one transfer only.
"""

import base64
import hashlib
import hmac
import re

PASSWORD_LENGTH = 26
"""Letters and digits of base32: 130 bits."""

_USERNAME = re.compile(r"t([1-9][0-9]{0,18})")


def username_of(transfer_key: int) -> str:
    return f"t{transfer_key}"


def password_of(transfer_key: int, pepper: bytes) -> str:
    """The password of a transfer; nobody can tell it from the key alone."""
    digest = hmac.digest(pepper, b"file transfer:%d" % transfer_key, hashlib.sha256)
    return base64.b32encode(digest).decode("ascii")[:PASSWORD_LENGTH].lower()


def transfer_of(username: str, password: str, pepper: bytes) -> int | None:
    """The key of the transfer that the credentials open, or None. It takes as long for every wrong password."""
    named = _USERNAME.fullmatch(username)
    key = int(named[1]) if named else 0
    right = hmac.compare_digest(password_of(key, pepper).encode(), password.encode())
    return key if named and right else None
