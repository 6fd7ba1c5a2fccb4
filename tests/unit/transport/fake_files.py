"""Who decides and keeps, for the listeners for files."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from stationmaster.domain.transfer import Purpose, Transfer, TransferRefused

NOW = datetime(2030, 1, 1, tzinfo=UTC)
IMAGE = bytes(range(256)) * 40


class Kept:
    """A file on its way into ``FakeFiles``."""

    def __init__(self, files: "FakeFiles", name: str | None) -> None:
        self.files, self.name, self.content = files, name, b""

    async def write(self, data: bytes) -> None:
        self.content += data
        if len(self.content) > 10_000:
            raise TransferRefused("too_big")

    async def finish(self) -> None:
        if self.files.broken is not None:
            raise self.files.broken
        self.files.stored.append((self.name, self.content))

    async def abort(self) -> None:
        self.files.aborted += 1


class FakeFiles:
    """Transfer 7 is an upload, 8 an image; user and password are ``u`` and ``p``."""

    def __init__(self) -> None:
        self.stored: list[tuple[str | None, bytes]] = []
        self.aborted = 0
        self.addresses: list[str] = []
        self.broken: Exception | None = None
        self.refuses: TransferRefused | None = None

    async def admit(self, username: str, password: str, purpose: Purpose, address: str) -> Transfer:
        self.addresses.append(address)
        if (username, password) != ("u", "p"):
            raise TransferRefused("unknown")
        if self.refuses is not None:
            raise self.refuses
        key = 7 if purpose == "upload" else 8
        return Transfer(key=key, tenant="t", station_key=1, purpose=purpose, opened_at=NOW, expires_at=NOW, blob="fw-8")

    async def receive(self, transfer: Transfer, name: str | None, size_bytes: int | None = None) -> Kept:
        if (size_bytes or 0) > 10_000:
            raise TransferRefused("too_big")
        return Kept(self, name)

    async def offered_size(self, transfer: Transfer) -> int:
        return len(IMAGE)

    async def read(self, transfer: Transfer, start: int, end: int) -> AsyncIterator[bytes]:
        for at in range(start, end, 1000):
            yield IMAGE[at : min(end, at + 1000)]
