"""Files that stations bring or fetch: one transfer for each, with credentials of its own."""

from datetime import datetime
from typing import Literal

import msgspec

Purpose = Literal["upload", "firmware"]
RefusalReason = Literal["unknown", "wrong_purpose", "missing", "gone", "too_big", "full", "too_many"]

MAX_NAME = 255
_UNSAFE = frozenset('/\\:*?"<>|')


class TransferRefused(Exception):
    """A transfer is not allowed, or cannot go on.

    ``unknown``: no such credentials. ``wrong_purpose``: those of another kind of transfer. ``missing``: there is no
    such file. ``gone``: the transfer is over. ``too_big``: the file is longer than allowed. ``full``: no room is left.
    ``too_many``: too many wrong credentials came from the address; it may try again later.
    """

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


FailureKind = Literal["Failed", "BadMessage", "PermissionDenied", "NotSupportedOperation", "RedirectNotAllowed"]


class TransferFailed(Exception):
    """A file could not be brought or fetched; ``kind`` in the words of LogStatusNotification, as far as it has them."""

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind


class BlobMissing(LookupError):
    """There is no blob of this name."""


class BlobFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a blob once all of it is on disk; digests as hex."""

    size_bytes: int
    sha256: str
    md5: str


class ReceivedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that arrived whole. ``name`` is the sender's, made harmless; ``blob`` is ours."""

    blob: str
    name: str | None
    size_bytes: int
    sha256: str
    received_at: datetime


class Transfer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file to be brought (``upload``) or fetched (``firmware``) by one station, until it expires or is closed,
    which may be some time from now.

    ``blob`` and ``name``: the file that is offered; ``max_bytes``: how long one that is brought may be; ``file``: what
    was brought last, complete.
    """

    key: int
    tenant: str
    station_key: int
    purpose: Purpose
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None
    max_bytes: int = 0
    blob: str | None = None
    name: str | None = None
    file: ReceivedFile | None = None

    def is_open(self, at: datetime) -> bool:
        return at < self.expires_at and (self.closed_at is None or at < self.closed_at)


class TransferClosed(msgspec.Struct, frozen=True, kw_only=True):
    """A record: the transfer is of no more use from ``closed_at`` on; an earlier end stays."""

    key: int
    closed_at: datetime


class FileStored(msgspec.Struct, frozen=True, kw_only=True):
    """A record: a file was brought for a transfer; it takes the place of an earlier one."""

    key: int
    file: ReceivedFile


def harmless_name(name: str | None) -> str | None:
    """The last part of a name that somebody sent, without anything that a file system or a header could act on; None
    where nothing of it is left."""
    if name is None:
        return None
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in last if char.isprintable() and char not in _UNSAFE)
    return kept.strip(" .")[:MAX_NAME] or None
