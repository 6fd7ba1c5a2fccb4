"""The line to the CSMS: dialling, registering, and what follows a loss (B01, B04, part 4 §5.3)."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Protocol

import structlog

from stationmaster.dialects.table import Unsupported
from stationmaster.domain.messages import Answer, Request
from stationmaster.session.failures import CallFailed, CallRefused, ConnectionLost
from stationmaster.station.connection.back_off import BackOff
from stationmaster.station.ports import CannotSay, Clock, NotKnown, NotTold, Offline, OpenLine
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

_UNKNOWN_ACTION = frozenset({"NotImplemented", "NotSupported"})

Open = Callable[[], Awaitable[OpenLine]]


ANSWERED_S = 1.0
"""An answer has left by then."""
HURRY_EVERY_S = 10.0
"""A wait ends early so often at most: calls may be anybody's."""


class Follower(Protocol):
    """Who must know how it stands with the line."""

    async def register(self) -> None:
        """Called on a fresh line until it returns; raises Offline."""
        ...

    def on_ready(self, first: bool, away_s: float) -> None:
        """Messages may go out again. ``first``: the CSMS has just accepted the station, else the line was away."""
        ...

    def on_lost(self) -> None: ...


class Way(Protocol):
    """Through which network profile the next line is opened (B10)."""

    @property
    def destination(self) -> Hashable:
        """The same as long as it leads to the same CSMS by the same way."""
        ...

    def begin(self) -> None:
        """A restart, or the line was lost."""
        ...

    def failed(self) -> None:
        """Nobody was reached, or nobody who accepts the station."""
        ...

    def succeeded(self) -> None: ...


class Link:
    """Fulfils the Line port."""

    def __init__(
        self, open_line: Open, way: Way, back_off: BackOff, clock: Clock, configuration: Configuration
    ) -> None:
        self._open_line = open_line
        self._way = way
        self._back_off = back_off
        self._clock = clock
        self._configuration = configuration
        self._line: OpenLine | None = None
        self._ready = False
        self._registered_at: Hashable = None
        self.last_sent = clock.monotonic()
        self.connections = 0
        self.messages = 0
        self._waiting: asyncio.Task[None] | None = None
        self._hurried_at = -HURRY_EVERY_S

    @property
    def online(self) -> bool:
        return self._line is not None

    @property
    def ready(self) -> bool:
        """Whether the CSMS has accepted the station and can be reached."""
        return self._ready

    async def perform(self, request: Request, *, triggered: bool = False) -> Answer:
        """See the port."""
        if self._line is None or not (self._ready or triggered):
            raise Offline("no line to a CSMS that has accepted the station")
        try:
            answer = await self._line.perform(request)
        except ConnectionLost as failure:
            raise Offline(str(failure)) from failure
        except Unsupported as failure:
            raise CannotSay(str(failure)) from failure
        except CallRefused as failure:
            kind = NotKnown if failure.code in _UNKNOWN_ACTION else NotTold
            raise kind(str(failure)) from failure
        except CallFailed as failure:
            raise NotTold(str(failure)) from failure
        self.last_sent = self._clock.monotonic()
        self.messages += 1
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close(1000, "going away")

    async def reconnect(self) -> None:
        """Hang up once what is being answered is answered, and dial again."""
        await self._clock.sleep(ANSWERED_S)
        self.close()

    def called(self) -> None:
        """The CSMS calls, so it is there: without a line, dial at once."""
        now = self._clock.monotonic()
        if self._waiting is not None and now - self._hurried_at >= HURRY_EVERY_S:
            self._hurried_at = now
            self._waiting.cancel()

    async def run(self, follower: Follower) -> None:
        """Keep the line up, until cancelled."""
        lost_at: float | None = None
        self._way.begin()  # B10.FR.04
        while True:
            try:
                self._line = await self._open_line()
            except OSError as failure:
                log.debug("no line to the CSMS", failure=str(failure))
                self._way.failed()
                await self._pause()
                continue
            self._back_off.succeeded()
            self.connections += 1
            away_s = 0.0 if lost_at is None else self._clock.monotonic() - lost_at
            accepted = await self._use(self._line, follower, away_s)
            lost_at = lost_at if self._registered_at is None else self._clock.monotonic()
            (self._way.begin if accepted else self._way.failed)()  # B10.FR.03
            await self._pause()

    async def _pause(self) -> None:
        """Until the next attempt is due."""
        async with asyncio.TaskGroup() as group:
            wait_s = self._back_off.next_s(self._configuration.now)
            self._waiting = group.create_task(self._clock.sleep(wait_s))
        self._waiting = None

    async def _use(self, line: OpenLine, follower: Follower, away_s: float) -> bool:
        """From an open line to a closed one; whether the CSMS accepted the station meanwhile."""
        try:
            async with asyncio.TaskGroup() as group:
                registering = group.create_task(self._make_ready(follower, away_s))
                await line.wait_closed()
                registering.cancel()
                return self._ready
        finally:
            line.close(1000, "going away")
            self._line = None
            self._ready = False
            follower.on_lost()

    async def _make_ready(self, follower: Follower, away_s: float) -> None:
        """A mere reconnect needs no BootNotification (B01.FR.03 speaks of reboots); another CSMS does (B10.FR.10)."""
        first = self._way.destination != self._registered_at
        if first:
            try:
                await follower.register()
            except Offline:
                return
        self._registered_at = self._way.destination
        self._way.succeeded()
        self._ready = True
        follower.on_ready(first, away_s)
