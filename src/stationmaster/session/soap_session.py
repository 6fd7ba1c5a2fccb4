"""A session without a line: the other side's calls come one by one, ours go to where it says that it listens.

It does what ``session.Session`` does, between payloads in the JSON form of the version's own messages: envelopes, and
where they go, are the affair of whoever makes it. Received calls go through the station's lane; of our own, one is
under way at a time (OCPP-J demands it, and stations that speak SOAP are no stronger), the most urgent of those that
wait next.
"""

import asyncio
import heapq
from collections.abc import Callable
from functools import partial
from itertools import count

from stationmaster.dialects.table import Unsupported
from stationmaster.domain.messages import Answer, Request
from stationmaster.ocpp.errors import OCPPError
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation
from stationmaster.session.failures import CallTimedOut, ConnectionLost
from stationmaster.session.lane import Lane
from stationmaster.session.performer import Performer
from stationmaster.session.ports import Calls
from stationmaster.session.responder import Done, Responder
from stationmaster.session.session import Side
from stationmaster.session.watch import Watch

MAX_WAITING = 20
"""Calls of one station that were received and not yet begun."""


class SoapSession:
    """``calls``: the way to the other side."""

    def __init__(
        self,
        version: Version,
        side: Side,
        calls: Calls,
        *,
        lane: Lane | None = None,
        on_closed: Callable[[], None] | None = None,
    ) -> None:
        self.version = version
        self._side = side
        self._calls = calls
        self._lane = lane or Lane()
        self._performer = Performer(version, side.facts, side.watch, self)
        self._responder = Responder(version, side.facts, side.handlers, side.strictness, side.watch)
        self._turns = _Turns()
        self._waiting = 0
        self._on_closed = on_closed
        self._closed = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return not self._closed.is_set()

    @property
    def watch(self) -> Watch:
        """Who looks over it."""
        return self._side.watch

    async def wait_closed(self) -> None:
        await self._closed.wait()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Calls of ours that wait are lost; one that is under way goes on."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._turns.end()
        self._calls.close()
        if self._on_closed is not None:
            self._on_closed()

    def receive(self, action: str, payload: bytes, done: Done) -> bool:
        """Have a call handled when its turn comes; ``done`` as of ``Responder.respond``. False: too many wait, and
        nothing is done."""
        if self._waiting >= MAX_WAITING:
            return False
        self._waiting += 1
        self._lane.enter(partial(self._handle, action, payload, done))
        return True

    def _handle(self, action: str, payload: bytes, done: Done) -> None:
        self._waiting -= 1
        self._responder.respond(action, payload, partial(self._handled, done))

    def _handled(self, done: Done, outcome: bytes | OCPPError) -> None:
        try:
            done(outcome)
        finally:
            self._lane.leave()

    async def ready(self) -> None:
        """Raises Unreachable where no call can leave."""
        await self._calls.ready()

    async def perform(
        self,
        request: Request,
        *,
        timeout_s: float | None = None,
        priority: int = 0,
        broken: list[Violation] | None = None,
    ) -> Answer:
        """See ``Performer.perform``."""
        return await self._performer.perform(request, timeout_s=timeout_s, priority=priority, broken=broken)

    async def call_raw(
        self, action: str, payload: bytes, *, timeout_s: float | None = None, priority: int = 0
    ) -> bytes:
        """One call with its payload as it is; the answer's payload as it came. ``timeout_s``: from its sending."""
        if not self.is_open:
            raise ConnectionLost(sent=False)
        await self._turns.enter(priority)
        try:
            return await self._calls.call(action, payload, timeout_s or self._side.timeout_s)
        except CallTimedOut:
            self._side.watch.oddity("timeout", action, "no answer in time")
            raise
        finally:
            self._turns.leave()

    def send_raw(self, action: str, payload: bytes) -> None:
        """SOAP has no message without an answer."""
        raise Unsupported(f"{action} needs a line that stays")


class _Turns:
    """One at a time; the most urgent first, then in the order in which they came."""

    def __init__(self) -> None:
        self._busy = False
        self._order = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    async def enter(self, priority: int) -> None:
        """Raises ConnectionLost where it all ends before the turn comes."""
        if not self._busy:
            self._busy = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # it had just come
                self.leave()
            raise

    def leave(self) -> None:
        while self._waiting:
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False

    def end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for *_, turn in waiting:
            if not turn.done():
                turn.set_exception(ConnectionLost(sent=False))
