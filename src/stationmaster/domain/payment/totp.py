"""One-time passwords of QR codes for web payments, "v1" of OCPP 2.1 part 2, C25.

A code is a word of letters and digits, made from a secret that a station and its CSMS share and from the number of
the time interval; it counts for its interval, and for the one before and the one after.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

VERSION = "v1"
VALIDITY_S = (6, 3600)
"""The shortest and the longest interval."""
LENGTH = (6, 64)
"""The fewest letters (of the specification) and the most (ours: they repeat themselves after 32)."""

ALPHABET = "0123456789abcdefghijklmnpqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""As the specification prints it: it calls it base62, but it has no small "o"."""
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What a station may have made of that name."""


def interval_of(at: datetime, validity_s: int) -> int:
    """The number of the interval that a moment lies in, counted from 1970."""
    return int(at.timestamp()) // validity_s


def totp(secret: str, interval: int, length: int, alphabet: str = ALPHABET) -> str:
    """The code of an interval."""
    digest = hmac.digest(secret.encode(), interval.to_bytes(8, "big"), hashlib.sha256)
    offset = digest[-1] & 0x0F
    return "".join(alphabet[digest[(offset + place) % len(digest)] % len(alphabet)] for place in range(length))


def is_valid(code: str, secrets: Iterable[str], at: datetime, validity_s: int, length: int) -> bool:
    """Whether a code was made with one of the secrets about now. It takes as long for every wrong one."""
    now = interval_of(at, validity_s)
    given, found = code.encode(), False
    for secret in secrets:
        for interval in (now - 1, now, now + 1):
            for alphabet in (ALPHABET, _BASE62):
                found |= hmac.compare_digest(totp(secret, interval, length, alphabet).encode(), given)
    return found
