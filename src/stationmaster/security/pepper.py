"""The installation's own secret, which password and key hashes are made with. It never stands in the database: whoever
steals the one cannot try passwords without the other."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

FILE_NAME = "secret.key"
_BYTES = 32


def load_pepper(directory: Path) -> bytes:
    """The secret of a data directory, made at first use and readable by its owner alone. It gets its name when it is
    whole: what a process that ends on the way leaves behind is no secret.
    """
    path = directory / FILE_NAME
    if not path.exists():
        _make(path)
    return bytes.fromhex(path.read_text("ascii").strip())


def _make(path: Path) -> None:
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE_NAME}-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_bytes(_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first
            os.link(made, path)
    finally:
        Path(made).unlink()
