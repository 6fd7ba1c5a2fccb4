"""Where stations bring files to and fetch them from: one transfer each, opened for a command, closed when it is done.

Who may do what is known from the credentials alone (see ``security.transfer_credentials``), so a listener can ask any
node. A file that is brought is answered for once it is on disk *and* in the journal; a blob that no row tells of, as a
crash between the two leaves it, is swept away.
"""

from collections.abc import AsyncIterator

from stationmaster.csms.ports import Blobs, BlobWriter, Clock, Journal, TransferRows
from stationmaster.csms.settings import FileSettings
from stationmaster.domain.records import Event
from stationmaster.domain.transfer import (
    BlobMissing,
    FileStored,
    Purpose,
    ReceivedFile,
    Transfer,
    TransferRefused,
    harmless_name,
)
from stationmaster.security.guesses import Guesses
from stationmaster.security.transfer_credentials import password_of, transfer_of, username_of

UPLOADS = "up-"
"""How the names of blobs begin that stations brought."""
PATHS: dict[Purpose, str] = {"upload": "up", "firmware": "fw"}


class Room:
    """How much of the quota is taken: by what is stored, and by what is on its way."""

    def __init__(self, quota_bytes: int) -> None:
        self._quota_bytes = quota_bytes
        self.stored_bytes = 0
        self.under_way: dict[str, int] = {}

    def take(self, blob: str, size_bytes: int) -> None:
        """The blob on its way is so long now. Raises TransferRefused."""
        others = sum(size for name, size in self.under_way.items() if name != blob)
        if self.stored_bytes + others + size_bytes > self._quota_bytes:
            raise TransferRefused("full")
        self.under_way[blob] = size_bytes

    def give_back(self, blob: str) -> None:
        self.under_way.pop(blob, None)


class TransferDesk:
    """Any node has one. ``addresses``: where it can be reached, by scheme, as ``https://host:port``; whoever listens
    enters itself."""

    def __init__(
        self, rows: TransferRows, journal: Journal, blobs: Blobs, clock: Clock, settings: FileSettings, pepper: bytes
    ) -> None:
        self._rows = rows
        self._journal = journal
        self._clock = clock
        self._pepper = pepper
        self._room = Room(settings.quota_bytes)
        self._guesses = Guesses()
        self._count = 0
        self.blobs = blobs
        self.settings = settings
        self.addresses: dict[str, str] = {}

    def url(
        self,
        transfer_key: int,
        purpose: Purpose,
        name: str = "",
        *,
        scheme: str | None = None,
        preferred: str | None = None,
    ) -> str:
        """Where the transfer is, with its credentials: for the wire, never to be stored.

        It ends with the name, or with a slash where there is none: a station adds its own then (N01.FR.21). No query,
        no fragment (N01.FR.27, .28). Raises LookupError where nobody listens for the scheme (None: the preferred one if
        somebody does, else the usual one).
        """
        scheme = scheme or (preferred if preferred in self.addresses else next(iter(self.addresses), None))
        if scheme is None or scheme not in self.addresses:
            raise LookupError(f"no file server for {scheme or 'stations'} is running here")
        base = self.addresses[scheme].partition("://")[2].rstrip("/")
        credentials = f"{username_of(transfer_key)}:{password_of(transfer_key, self._pepper)}"
        return f"{scheme}://{credentials}@{base}/{PATHS[purpose]}/{transfer_key}/{name}"

    # What listeners ask ───────────────────────────────────────────────────────────────────────────────────────────

    async def admit(self, username: str, password: str, purpose: Purpose, address: str) -> Transfer:
        """The transfer that the credentials open. Raises TransferRefused, also for right ones where too many wrong
        ones came from the address."""
        now_s = self._clock.monotonic()
        if self._guesses.wait_s(address, now_s):
            raise TransferRefused("too_many")
        key = transfer_of(username, password, self._pepper)
        if key is None:
            self._guesses.wrong(address, now_s)
        transfer = await self._rows.transfer(key) if key is not None else None
        if transfer is None:
            raise TransferRefused("unknown")
        if transfer.purpose != purpose:
            raise TransferRefused("wrong_purpose")
        if not transfer.is_open(self._clock.now()):
            raise TransferRefused("gone")
        return transfer

    async def receive(self, transfer: Transfer, name: str | None, size_bytes: int | None = None) -> "Receiving":
        """Begin to take a file in; ``size_bytes`` None: not known yet. Raises TransferRefused."""
        self._count += 1
        blob = f"{UPLOADS}{transfer.key}-{int(self._clock.now().timestamp() * 1_000_000)}-{self._count}"
        receiving = Receiving(self, self._room, transfer, harmless_name(name), blob)
        await receiving.begin(size_bytes or 0)
        return receiving

    async def offered_size(self, transfer: Transfer) -> int:
        """Bytes of the file that the transfer offers. Raises TransferRefused."""
        try:
            return await self.blobs.size(transfer.blob or "")
        except (BlobMissing, ValueError):
            raise TransferRefused("missing") from None

    def read(self, transfer: Transfer, start: int, end: int) -> AsyncIterator[bytes]:
        """What the transfer offers, from ``start`` up to ``end``."""
        return self.blobs.read(transfer.blob or "", start, end)

    # What is kept ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def keep(self, transfer: Transfer, file: ReceivedFile) -> None:
        """Enter a file that is on disk; an earlier one of the transfer goes. Raises StorageFailed."""
        before = await self._rows.transfer(transfer.key)
        told = {"transfer": transfer.key, "name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256}
        event = Event(
            kind="FileReceived",
            tenant=transfer.tenant,
            station_key=transfer.station_key,
            at=file.received_at,
            data=told,
        )
        await self._journal.store([FileStored(key=transfer.key, file=file)], [event])
        self._room.stored_bytes += file.size_bytes
        if before is not None and before.file is not None and before.file.blob != file.blob:
            await self.blobs.delete(before.file.blob)
            self._room.stored_bytes -= before.file.size_bytes

    async def sweep(self) -> int:
        """Delete what stations brought and no row tells of; how many blobs that were. Raises StorageFailed."""
        found = await self.blobs.sizes()
        busy = frozenset(self._room.under_way)  # before the rows are read: what is done with by now has its row there
        kept = await self._rows.brought_blobs()
        brought = {name: size for name, size in found.items() if name.startswith(UPLOADS)}
        stray = [name for name in brought if name not in kept and name not in busy]
        for name in stray:
            await self.blobs.delete(name)
        self._room.stored_bytes = sum(size for name, size in brought.items() if name in kept)
        return len(stray)

    def received(self, name: str | None, blob: str, size_bytes: int, sha256: str) -> ReceivedFile:
        """A file that is on disk now."""
        return ReceivedFile(name=name, blob=blob, size_bytes=size_bytes, sha256=sha256, received_at=self._clock.now())


class Receiving:
    """A file on its way in. Whoever began it finishes or aborts it."""

    def __init__(self, desk: TransferDesk, room: Room, transfer: Transfer, name: str | None, blob: str) -> None:
        self._desk = desk
        self._room = room
        self._transfer = transfer
        self._blob = blob
        self._size_bytes = 0
        self._writer: BlobWriter | None = None
        self.name = name

    async def begin(self, announced_bytes: int) -> None:
        """Raises TransferRefused where what is announced is too much."""
        self._take(announced_bytes)
        try:
            self._writer = await self._desk.blobs.create(self._blob)
        except BaseException:
            self._room.give_back(self._blob)
            raise

    async def write(self, data: bytes) -> None:
        """Raises TransferRefused; the file is to be aborted then."""
        assert self._writer is not None
        self._size_bytes += len(data)
        self._take(self._size_bytes)
        await self._writer.write(data)

    async def finish(self) -> ReceivedFile:
        """All of it is there: on disk and in the journal when this returns. Raises StorageFailed."""
        assert self._writer is not None
        try:
            facts = await self._writer.commit()
            file = self._desk.received(self.name, self._blob, facts.size_bytes, facts.sha256)
            await self._desk.keep(self._transfer, file)
        finally:
            self._room.give_back(self._blob)
        return file

    async def abort(self) -> None:
        """It did not come whole: nothing of it is kept."""
        assert self._writer is not None
        try:
            await self._writer.abort()
        finally:
            self._room.give_back(self._blob)

    def _take(self, size_bytes: int) -> None:
        if size_bytes > self._transfer.max_bytes:
            raise TransferRefused("too_big")
        self._room.take(self._blob, size_bytes)
