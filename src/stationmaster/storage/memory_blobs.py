"""Blobs in memory: for virtual time, where nothing may wait for a disk, and for tests."""

import hashlib
from collections.abc import AsyncIterator, Mapping

from stationmaster.domain.transfer import BlobFacts, BlobMissing
from stationmaster.storage.blobs import PORTION_BYTES, checked_name


class MemoryBlobs:
    """Fulfils the Blobs port; all of it is gone with the object."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def create(self, name: str) -> "_MemoryWriter":
        return _MemoryWriter(self._blobs, checked_name(name))

    async def size(self, name: str) -> int:
        return len(self._find(name))

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        content = self._find(name)[start:end]
        for at in range(0, len(content), PORTION_BYTES):
            yield content[at : at + PORTION_BYTES]

    async def delete(self, name: str) -> None:
        self._blobs.pop(checked_name(name), None)

    async def sizes(self) -> Mapping[str, int]:
        return {name: len(content) for name, content in self._blobs.items()}

    def _find(self, name: str) -> bytes:
        try:
            return self._blobs[checked_name(name)]
        except KeyError:
            raise BlobMissing(name) from None


class _MemoryWriter:
    def __init__(self, blobs: dict[str, bytes], name: str) -> None:
        self._blobs = blobs
        self._name = name
        self._content = bytearray()

    async def write(self, data: bytes) -> None:
        self._content += data

    async def commit(self) -> BlobFacts:
        content = self._blobs[self._name] = bytes(self._content)
        return BlobFacts(
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        )

    async def abort(self) -> None:
        self._content.clear()
