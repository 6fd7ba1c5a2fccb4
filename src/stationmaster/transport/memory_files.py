"""A station's way to a file server without a network between: for tests, and for fleets in virtual time."""

from stationmaster.domain.transfer import Transfer, TransferFailed, TransferRefused
from stationmaster.transport.file_client import PROTOCOLS, address_of, named
from stationmaster.transport.file_requests import target_of
from stationmaster.transport.file_server import Files


class MemoryFiles:
    """Fulfils a station's FileTransfer port. ``fails``: what happens instead, one for each attempt, first to last."""

    protocols = PROTOCOLS

    def __init__(self, files: Files) -> None:
        self._files = files
        self.fails: list[TransferFailed] = []
        self.attempts = 0

    async def upload(self, url: str, filename: str, body: bytes) -> None:
        self._attempt()
        transfer, name = await self._admitted(named(url, filename))
        try:
            receiving = await self._files.receive(transfer, name, len(body))
        except TransferRefused as refused:
            raise TransferFailed("BadMessage", refused.reason) from None
        await receiving.write(body)
        await receiving.finish()

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        self._attempt()
        transfer, _ = await self._admitted(url)
        try:
            size = await self._files.offered_size(transfer)
        except TransferRefused as refused:
            raise TransferFailed("Failed", refused.reason) from None
        if size > max_bytes:
            raise TransferFailed("BadMessage", f"the file is longer than {max_bytes} bytes")
        return b"".join([data async for data in self._files.read(transfer, 0, size)])

    def _attempt(self) -> None:
        self.attempts += 1
        if self.fails:
            raise self.fails.pop(0)

    async def _admitted(self, url: str) -> tuple[Transfer, str | None]:
        address = address_of(url)
        target = target_of(address.path)
        if target is None:
            raise TransferFailed("Failed", "nothing is there")
        try:
            transfer = await self._files.admit(address.username, address.password, target.purpose, "memory")
        except TransferRefused as refused:
            raise TransferFailed("PermissionDenied", refused.reason) from None
        return transfer, target.name
