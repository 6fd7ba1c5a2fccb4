"""Passwords of stations: long and machine-made, so a keyed, salted hash of microseconds is enough, and ten thousand
reconnects don't queue behind it. (People choose short ones and get another hash.)

1.6's AuthorizationKey is written as hex digits and sent as the bytes they stand for (security whitepaper, §4.2); some
stations send the digits. Both match. 2.x sends the text as it is (A01).
"""

import hashlib
import hmac
import re
import secrets

MIN_LENGTH = 16
MAX_LENGTH = 64

_HEX_KEY = re.compile(rb"(?:[0-9a-fA-F]{2}){16,20}")
_SALT_BYTES = 12
_DIGEST_BYTES = 32
_SCHEME = "b2k"


def new_password() -> str:
    """A password that every version can carry: 40 hex digits."""
    return secrets.token_hex(20)


def hash_password(password: str, pepper: bytes) -> str:
    """What may be stored of a password. ``pepper`` is the installation's own secret, kept outside the database."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{_SCHEME}${salt.hex()}${_digest(_canonical(password.encode()), salt, pepper).hex()}"


def matches(stored: str, given: bytes, pepper: bytes) -> bool:
    """Whether what a station gave is the stored password, as bytes or as their hex digits."""
    try:
        scheme, salt_hex, digest_hex = stored.split("$")
        salt, expected = bytes.fromhex(salt_hex), bytes.fromhex(digest_hex)
    except ValueError:
        return False
    if scheme != _SCHEME or len(given) > 4 * MAX_LENGTH:
        return False
    found = _digest(_canonical(given), salt, pepper)
    return hmac.compare_digest(found, expected)


def _canonical(password: bytes) -> bytes:
    return bytes.fromhex(password.decode("ascii")) if _HEX_KEY.fullmatch(password) else password


def _digest(password: bytes, salt: bytes, pepper: bytes) -> bytes:
    return hashlib.blake2b(password, digest_size=_DIGEST_BYTES, salt=salt, key=pepper[:64]).digest()
