"""The key and the password of each tenant's first administrator: made where there is none, and shown once.

A process may end between making them and showing them, and what is stored is hashed: nobody could ever know them. So
a file in the data directory says whose are still to be shown, from before the first is made until all were told; the
next start makes those anew.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

FILE_NAME = "unshown-secrets.json"


class Maker(Protocol):
    """Of one kind of secret."""

    async def is_administered(self, tenant: str) -> bool: ...
    async def ensure_first(self, tenant: str, *, anew: bool) -> str | None: ...


class Unshown(msgspec.Struct, frozen=True):
    """Tenants whose secrets may have been made, and were not told."""

    keys: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()


class FirstSecrets(msgspec.Struct, frozen=True):
    """Of every tenant, by its name; None where there was an administrator."""

    keys: dict[str, str | None]
    passwords: dict[str, str | None]

    def __repr__(self) -> str:
        return f"FirstSecrets(of {list(self.keys)})"


async def first_secrets(directory: Path, tenants: Sequence[str], keys: Maker, passwords: Maker) -> FirstSecrets:
    """Make what is missing, or was never shown. Raises StorageFailed."""
    path = directory / FILE_NAME
    left = _read(path)
    wanted = Unshown(
        keys=await _wanted(tenants, keys, left.keys), passwords=await _wanted(tenants, passwords, left.passwords)
    )
    if wanted not in (left, Unshown()):
        _write(path, wanted)
    return FirstSecrets(
        keys={tenant: await keys.ensure_first(tenant, anew=tenant in left.keys) for tenant in tenants},
        passwords={tenant: await passwords.ensure_first(tenant, anew=tenant in left.passwords) for tenant in tenants},
    )


def shown(directory: Path) -> None:
    """They were told to whoever started the node."""
    (directory / FILE_NAME).unlink(missing_ok=True)


async def _wanted(tenants: Sequence[str], maker: Maker, left: tuple[str, ...]) -> tuple[str, ...]:
    missing = [tenant for tenant in tenants if tenant not in left and not await maker.is_administered(tenant)]
    return (*left, *missing)


def _read(path: Path) -> Unshown:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Unshown)
    except (FileNotFoundError, msgspec.DecodeError):  # one that was cut off while written stands before all making
        return Unshown()


def _write(path: Path, unshown: Unshown) -> None:
    with path.open("wb") as file:
        file.write(msgspec.json.encode(unshown))
        file.flush()
        os.fsync(file.fileno())
