"""Secrets that callers carry: keys to the API, and sessions of people. Of 256 random bits, so they need no slow hash,
only one that the database alone cannot be turned back from."""

import hashlib
import secrets

MAX_LENGTH = 100
"""Of whatever is presented: nothing longer is looked at."""
_BYTES = 32


class BearerSecrets:
    """``pepper`` is the installation's own secret and kept elsewhere than what is made with it."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper[:64]

    def digest(self, secret: str, purpose: bytes) -> str:
        """What may be stored of a secret. ``purpose``: so that a hash for one thing cannot stand for another (16 bytes
        at most)."""
        return hashlib.blake2b(secret.encode(), digest_size=32, key=self._pepper, person=purpose).hexdigest()

    def __repr__(self) -> str:
        return "BearerSecrets()"


def new_secret(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(_BYTES)
