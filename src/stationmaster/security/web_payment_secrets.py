"""The secrets that stations make their payment codes with: made from the installation's own secret and a number that
grows with each new one, so that none is stored, and any can be made again to look at a code.
"""

import base64
import hashlib
import hmac

LENGTH = 52
"""Letters and digits of base32: 256 bits."""


def shared_secret(station_key: int, generation: int, pepper: bytes) -> str:
    """The secret of a station in its n-th generation; nobody can tell it from the numbers alone."""
    digest = hmac.digest(pepper, b"web payments:%d:%d" % (station_key, generation), hashlib.sha256)
    return base64.b32encode(digest).decode("ascii")[:LENGTH].lower()
