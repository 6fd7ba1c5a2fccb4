"""What a request to the file server asks for: its path, its range, its file's name. Pure."""

import re
from typing import Literal
from urllib.parse import unquote

import msgspec

from stationmaster.domain.transfer import Purpose

_PATH = re.compile(r"/(up|fw)/([1-9][0-9]{0,18})(?:/([^/]*))?")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_DISPOSITION = re.compile(r"""filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))""", re.IGNORECASE)
_PURPOSES: dict[str, Purpose] = {"up": "upload", "fw": "firmware"}
PREFIXES = tuple(f"/{name}" for name in _PURPOSES)
"""What every path here begins with."""


class Target(msgspec.Struct, frozen=True):
    purpose: Purpose
    transfer_key: int
    name: str | None


def target_of(raw: str) -> Target | None:
    """What a request's path means; None: nothing here. Only the path's shape leads anywhere: the name in it is a label
    that no file system sees."""
    path = raw.partition("?")[0]
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    name = unquote(found[3] or "", errors="replace")
    return Target(_PURPOSES[found[1]], int(found[2]), name or None)


class Part(msgspec.Struct, frozen=True):
    """The bytes from ``start`` up to ``end``."""

    start: int
    end: int


def range_of(header: str | None, size: int) -> Part | Literal["unsatisfiable"] | None:
    """The one range that is asked for (RFC 9110 §14); None: the whole file, as for several ranges or nonsense."""
    found = _RANGE.fullmatch(header.strip()) if header is not None else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:  # the last so many bytes
        count = int(found[2])
        return Part(max(0, size - count), size) if count and size else "unsatisfiable"
    start, end = int(found[1]), int(found[2]) + 1 if found[2] else size
    if start >= size:
        return "unsatisfiable"
    return Part(start, min(end, size)) if end > start else None


def disposition_name(header: str | None) -> str | None:
    """The file name of a Content-Disposition (N01.FR.19)."""
    found = _DISPOSITION.search(header) if header is not None else None
    if found is None:
        return None
    quoted, bare = found[1], found[2]
    return re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
