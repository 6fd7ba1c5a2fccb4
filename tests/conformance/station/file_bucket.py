"""The far end of a station's file transfers: keeps what is brought, or refuses it."""

import gzip

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.transfer import TransferFailed


class FileBucket:
    """``takes_s``: how long a transfer takes; ``fails``: the failures of the next attempts, in turn."""

    protocols = ("FTP", "HTTP")

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.takes_s = 1.0
        self.fails: list[TransferFailed] = []
        self.attempts: list[float] = []
        self.brought: list[tuple[str, str, bytes]] = []
        self.offered: dict[str, bytes] = {}

    async def upload(self, url: str, filename: str, body: bytes) -> None:
        await self._transfer()
        self.brought.append((url, filename, body))

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        await self._transfer()
        return self.offered[url]

    async def _transfer(self) -> None:
        self.attempts.append(self._clock.monotonic())
        await self._clock.sleep(self.takes_s)
        if self.fails:
            raise self.fails.pop(0)

    @property
    def text(self) -> str:
        """What was brought last."""
        return gzip.decompress(self.brought[-1][2]).decode()
