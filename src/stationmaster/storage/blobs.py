"""Blobs in a directory: one file for each, named as the blob.

A blob is written under another name, brought to disk, and then renamed: whoever finds it finds all of it. What a crash
leaves half written is cleared away at the next start.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO

from stationmaster.domain.transfer import BlobFacts, BlobMissing

PORTION_BYTES = 256 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_PARTIAL = ".partial-"


class DirectoryBlobs:
    """Fulfils the Blobs port. Made by :meth:`open`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @classmethod
    async def open(cls, directory: Path) -> "DirectoryBlobs":
        """Use (or make) a directory, which is nobody else's to read."""
        await asyncio.to_thread(_prepare, directory)
        return cls(directory)

    async def create(self, name: str) -> "_DirectoryWriter":
        """Begin a blob; see the port."""
        return await asyncio.to_thread(_DirectoryWriter, self._directory, checked_name(name))

    async def size(self, name: str) -> int:
        """Bytes; raises BlobMissing."""
        return await asyncio.to_thread(_size, self._directory / checked_name(name))

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to ``end``; raises BlobMissing."""
        file = await asyncio.to_thread(_opened, self._directory / checked_name(name), start)
        try:
            left = None if end is None else max(0, end - start)
            while data := await asyncio.to_thread(file.read, _portion(left)):
                left = None if left is None else left - len(data)
                yield data
        finally:
            await asyncio.to_thread(file.close)

    async def delete(self, name: str) -> None:
        """One that is not there is deleted already."""
        await asyncio.to_thread((self._directory / checked_name(name)).unlink, missing_ok=True)

    async def sizes(self) -> Mapping[str, int]:
        """Every whole blob's size in bytes."""
        return await asyncio.to_thread(_sizes, self._directory)


class _DirectoryWriter:
    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self._target = directory / name
        descriptor, path = tempfile.mkstemp(prefix=_PARTIAL, dir=directory)
        self._partial = Path(path)
        self._file = os.fdopen(descriptor, "wb")
        self._digests = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        self._size = 0

    async def write(self, data: bytes) -> None:
        await asyncio.to_thread(self._write, data)

    async def commit(self) -> BlobFacts:
        return await asyncio.to_thread(self._commit)

    async def abort(self) -> None:
        await asyncio.to_thread(self._abort)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._size += len(data)
        for digest in self._digests:
            digest.update(data)

    def _commit(self) -> BlobFacts:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._target)
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # the new name too
        finally:
            os.close(descriptor)
        sha256, md5 = (digest.hexdigest() for digest in self._digests)
        return BlobFacts(size_bytes=self._size, sha256=sha256, md5=md5)

    def _abort(self) -> None:
        self._file.close()
        self._partial.unlink(missing_ok=True)


def checked_name(name: str) -> str:
    """The name, if it is one that a blob may have; else ValueError: it must lead nowhere else."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name for a blob: {name!r}")
    return name


def _prepare(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for partial in directory.glob(f"{_PARTIAL}*"):
        partial.unlink(missing_ok=True)


def _opened(path: Path, start: int) -> BinaryIO:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise BlobMissing(path.name) from None
    file.seek(start)
    return file


def _portion(left: int | None) -> int:
    return PORTION_BYTES if left is None else min(PORTION_BYTES, left)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        raise BlobMissing(path.name) from None


def _sizes(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in directory.iterdir() if _NAME.fullmatch(path.name)}
