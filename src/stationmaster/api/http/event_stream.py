"""The live event stream: what the outbox holds after a place, then what the bus tells, each event at least once.

An event that is in the outbox has a number; a client that comes back with the last one it saw misses nothing that the
outbox still holds. Events in passing (periodic readings) have none: they are told to whoever listens, and cannot be
asked for again. A listener that is too slow for the bus loses there and catches up from the outbox. A client that
comes back for events which the outbox no longer holds is told so by an event of the kind "gap".

A stream ends with what let its client in: a session that is over or a key that is revoked hears nothing more.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from weakref import WeakSet

import msgspec

from stationmaster.api.http import keys
from stationmaster.api.ports import Bus, BusMessage, Clock, Outbox
from stationmaster.csms import subjects
from stationmaster.csms.people import desk, sessions
from stationmaster.domain.people.roles import Role, may
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event

MAX_STREAMS = 200
HEARTBEAT_S = 15.0
RETRY_MS = 3000
GAP = "gap"

NEEDED_TO_HEAR: Mapping[str, Role] = {
    desk.CHANGED: "administrator",
    sessions.CHANGED: "administrator",
    keys.CHANGED: "administrator",
    "CustomerInformationReceived": "administrator",
    "DriverErased": "administrator",
    "DriverErasureBegun": "administrator",
    "DriverExported": "administrator",
    "AccountChanged": "operator",
    "CertificateRequestChanged": "operator",
    "CertificateRequested": "operator",
    "CertificatesChanged": "operator",
    "CertificatesSeen": "operator",
    "DataTransfer": "operator",
    "FileReceived": "operator",
    "FirmwareImageChanged": "operator",
    "LogStatus": "operator",
    "LogUploadChanged": "operator",
    "NetworkProfileSet": "operator",
    "PaymentSettled": "operator",
    "WebPaymentChanged": "operator",
}
"""The least role for each kind of event that not everybody is told: that for reading what it is about, by
``access.NEEDED``."""

_decode = msgspec.json.Decoder(CommittedEvent).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class TooManyStreams(Exception):
    """As many streams are open as this node allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events a stream tells, to somebody of this role. ``after``: the place in the outbox to go on from; None:
    from now on."""

    tenant: str
    role: str
    kinds: frozenset[str] = frozenset()
    station_key: int | None = None
    after: int | None = None

    def has(self, committed: CommittedEvent) -> bool:
        event = committed.event
        return (
            event.tenant == self.tenant
            and (not self.kinds or event.kind in self.kinds)
            and self.station_key in (None, event.station_key)
            and may(self.role, NEEDED_TO_HEAR.get(event.kind, "viewer"))
        )


class EventStreams:
    """All streams of a node."""

    def __init__(self, bus: Bus, outbox: Outbox, clock: Clock, most: int = MAX_STREAMS) -> None:
        self._bus = bus
        self._outbox = outbox
        self._clock = clock
        self._most = most
        # Weakly: one that was made and never read has nothing that ends it.
        self._open: WeakSet[EventStream] = WeakSet()
        self._ending = asyncio.Event()

    @property
    def count(self) -> int:
        return len(self._open)

    async def open(self, wanted: Wanted, still_allowed: Callable[[], bool]) -> AsyncIterator[bytes]:
        """The frames of a new stream: from here on, it misses nothing, until it is no longer allowed. Raises
        TooManyStreams."""
        if len(self._open) >= self._most:
            raise TooManyStreams
        stream = EventStream(wanted, still_allowed, self._bus, self._outbox, self._clock, self._ending)
        self._open.add(stream)
        await stream.find_place()
        return stream.frames(self._open.discard)

    def end(self) -> None:
        """End all streams, for the node is about to stop; clients come back by themselves."""
        self._ending.set()


class EventStream:
    """One client's."""

    def __init__(
        self,
        wanted: Wanted,
        still_allowed: Callable[[], bool],
        bus: Bus,
        outbox: Outbox,
        clock: Clock,
        ending: asyncio.Event,
    ) -> None:
        self._wanted = wanted
        self._still_allowed = still_allowed
        self._heard = bus.subscribe(subjects.events(station_key=wanted.station_key))
        self._outbox = outbox
        self._clock = clock
        self._ending = ending
        self._resumes = False
        self._gap: CommittedEvent | None = None
        self._last = 0
        """The highest number seen."""
        self._replayed = 0
        """The highest number that came from the outbox: the bus may tell it again."""

    async def find_place(self) -> None:
        """Where in the outbox it begins. A place that was never reached is no place: then it begins now."""
        newest = await self._outbox.last_seq()
        after = self._wanted.after
        self._resumes = after is not None and after <= newest
        self._last = after if after is not None and self._resumes else newest
        first = await self._outbox.first_seq() if self._resumes else 0
        if self._last + 1 < first:
            self._gap = self._gap_before(first)
            self._last = first - 1

    async def frames(self, ended: "Callable[[EventStream], None]") -> AsyncIterator[bytes]:
        """In the wire form of server-sent events, until the node stops, the client leaves or is no longer allowed."""
        try:
            async with aclosing(self._frames()) as frames:
                async for frame in frames:
                    if not self._still_allowed():
                        return
                    yield frame
        finally:
            ended(self)
            await self._heard.aclose()

    async def _frames(self) -> AsyncGenerator[bytes, None]:
        waiting: asyncio.Task[BusMessage] | None = None
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            if self._gap is not None:
                yield _frame(self._gap)
            if self._resumes:
                async for frame in self._replay():
                    yield frame
            while not self._ending.is_set() and self._still_allowed():  # although nothing may come that is wanted
                waiting = waiting or asyncio.ensure_future(self._heard.__anext__())
                if not await self._came(waiting):
                    if not self._ending.is_set():
                        yield b": still here\n\n"
                    continue
                message, waiting = waiting.result(), None
                if message.lost:
                    async for frame in self._replay():
                        yield frame
                if (told := self._live(message)) is not None:
                    yield told
        except StopAsyncIteration:
            return  # the bus has closed
        finally:
            if waiting is not None:
                waiting.cancel()

    def _gap_before(self, first: int) -> CommittedEvent:
        """Tells a client what it cannot have any more: all up to the place in this event, which it may go on from."""
        data = {"after": self._last, "next": first}
        return CommittedEvent(first - 1, Event(kind=GAP, tenant=self._wanted.tenant, at=self._clock.now(), data=data))

    async def _came(self, waiting: "asyncio.Task[BusMessage]") -> bool:
        """Whether a message came before it was time to show a sign of life, or to end."""
        others = [asyncio.ensure_future(self._clock.sleep(HEARTBEAT_S)), asyncio.ensure_future(self._ending.wait())]
        try:
            await asyncio.wait({waiting, *others}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for other in others:
                other.cancel()
        return waiting.done()

    async def _replay(self) -> AsyncIterator[bytes]:
        while found := await self._outbox.after(self._last):
            for committed in found:
                self._last = self._replayed = committed.seq or self._last
                if self._wanted.has(committed):
                    yield _frame(committed)

    def _live(self, message: BusMessage) -> bytes | None:
        committed = _decode(message.body)
        if committed.seq is not None:
            if committed.seq <= self._replayed:
                return None
            self._last = max(self._last, committed.seq)
        return _frame(committed) if self._wanted.has(committed) else None


def _frame(committed: CommittedEvent) -> bytes:
    """One event in the wire form of server-sent events: JSON has no line breaks of its own."""
    event = committed.event
    body = {"seq": committed.seq, "kind": event.kind, "at": event.at, "station": event.station_key, "data": event.data}
    number = b"" if committed.seq is None else b"id: %d\n" % committed.seq
    return b"%sevent: %s\ndata: %s\n\n" % (number, event.kind.encode(), _encode(body))
