"""The installation's own secret, which password and key hashes are made with. It never stands in the database: whoever
steals the one cannot try passwords without the other."""

import os
import secrets
from pathlib import Path

FILE_NAME = "secret.key"
_BYTES = 32


def load_pepper(directory: Path) -> bytes:
    """The secret of a data directory, made at first use and readable by its owner alone."""
    path = directory / FILE_NAME
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text("ascii").strip())
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        pepper = secrets.token_bytes(_BYTES)
        file.write(pepper.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return pepper
