"""N11-N15 Periodic event streams, as a station: a monitor's values go out many at a time, without answers.

wanted ──> open ──────> ending ──> gone
   │ └──> refused (by the CSMS: NotifyEvent instead, until the monitor is set again or the program starts anew)
   └─ no line, or too many: tried again when there is a line, or room

Whoever watches the monitors says for which of them a stream is wanted, and gives it every value; what no stream takes
is for NotifyEvent (N11.FR.07). One task opens and closes, one stream after the other, so that a monitor that is set
twice has its second stream after the first. Streams end with the program, and are wanted again by the next one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from stationmaster.clock.timeouts import within
from stationmaster.domain.messages import Answer, CommandAnswer, Request
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    ClosePeriodicEventStream,
    EventStream,
    EventStreamList,
    GetPeriodicEventStream,
    NotifyPeriodicEventStream,
    OpenPeriodicEventStream,
    StreamParams,
)
from stationmaster.station.ports import Clock, Line, NotTold, Offline

log = structlog.get_logger(__name__)

MAX_BUFFERED = 10_000
"""Values of one stream; beyond it the oldest are lost."""
PER_MESSAGE = 500
"""Values in a message where nobody said how many."""


class _Running:
    """A stream that the CSMS has accepted."""

    def __init__(self, stream: EventStream) -> None:
        self.stream = stream
        self.buffer: deque[tuple[datetime, str]] = deque(maxlen=MAX_BUFFERED)
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    @property
    def params(self) -> StreamParams:
        return self.stream.params

    @property
    def is_full(self) -> bool:
        return bool(self.params.values) and len(self.buffer) >= (self.params.values or 0)


class EventStreams:
    """At most ``most`` at a time. ``spawn`` runs a task until the program ends. ``adjusted`` is told of parameters
    that the CSMS has changed: the monitor, and the new ones."""

    def __init__(
        self, line: Line, clock: Clock, most: Callable[[], int], spawn: Callable[[Any], asyncio.Task[None]]
    ) -> None:
        self._line = line
        self._clock = clock
        self._most = most
        self._spawn = spawn
        self.adjusted: Callable[[int, StreamParams], None] = lambda monitoring_id, params: None
        self._wanted: dict[int, StreamParams] = {}
        self._refused: set[int] = set()
        self._running: dict[int, _Running] = {}
        self._ending: list[_Running] = []
        self._news = asyncio.Event()
        self._last_id = 0
        self.handlers: Mapping[type[Request], Callable[[Any], Awaitable[Answer]]] = {
            GetPeriodicEventStream: self.get,
            AdjustPeriodicEventStream: self.adjust,
        }

    # What is wanted ───────────────────────────────────────────────────────────────────────────────────────────────

    def want(self, monitoring_id: int, params: StreamParams | None) -> None:
        """N11.FR.01-.03, N13.FR.05, .06: the monitor is to have a new stream; None: it has none from now on."""
        running = self._running.pop(monitoring_id, None)
        if running is not None:
            self._end(running)
        self._refused.discard(monitoring_id)
        self._wanted.pop(monitoring_id, None)
        if params is not None:
            self._wanted[monitoring_id] = params
        if running is not None or params is not None:
            self._news.set()

    def resume(self) -> None:
        """The CSMS can be reached."""
        self._news.set()

    async def run(self) -> None:
        """Open what is wanted and close what is not, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                while self._ending:
                    await self._close(self._ending[0])
                    del self._ending[0]
                for monitoring_id in tuple(self._wanted):
                    await self._open_if_missing(monitoring_id)
            except Offline:
                continue  # until there is a line

    def _end(self, running: _Running) -> None:
        if running.task is not None:
            running.task.cancel()
        self._ending.append(running)

    async def _open_if_missing(self, monitoring_id: int) -> None:
        params = self._wanted.get(monitoring_id)
        is_settled = monitoring_id in self._running or monitoring_id in self._refused
        if params is None or is_settled or len(self._running) >= self._most():
            return
        self._last_id += 1
        running = _Running(EventStream(id=self._last_id, monitoring_id=monitoring_id, params=params))
        accepted = await self._accepted(running.stream)
        if self._wanted.get(monitoring_id) is not params:  # set anew, or cleared, while the CSMS was asked
            if accepted:
                self._ending.append(running)
            self._news.set()
        elif accepted:
            self._running[monitoring_id] = running
            running.task = self._spawn(self._run(running))
        else:
            self._refused.add(monitoring_id)  # N11.FR.07

    async def _accepted(self, stream: EventStream) -> bool:
        """Raises Offline."""
        try:
            answer = await self._line.perform(OpenPeriodicEventStream(stream=stream))
        except Offline:
            raise
        except NotTold as failure:
            log.warning("event stream not opened", monitor=stream.monitoring_id, failure=str(failure))
            return False
        return isinstance(answer, CommandAnswer) and answer.status == "Accepted"

    async def _close(self, ending: _Running) -> None:
        """N13.FR.01, .03: what is left goes out, then the stream ends. Raises Offline."""
        try:
            while ending.buffer:
                await self._send(ending)
            await self._line.perform(ClosePeriodicEventStream(id=ending.stream.id))
        except Offline:
            raise
        except NotTold as failure:
            log.warning("event stream not closed", monitor=ending.stream.monitoring_id, failure=str(failure))

    # What the CSMS asks ───────────────────────────────────────────────────────────────────────────────────────────

    async def get(self, request: GetPeriodicEventStream) -> Answer:
        """N12.FR.01."""
        return EventStreamList(streams=tuple(running.stream for running in self._running.values()))

    async def adjust(self, request: AdjustPeriodicEventStream) -> Answer:
        """N14."""
        running = next((each for each in self._running.values() if each.stream.id == request.id), None)
        if running is None or request.params.is_empty:
            return CommandAnswer(status="Rejected", reason="InvalidValue")
        stream = running.stream
        running.stream = EventStream(id=stream.id, monitoring_id=stream.monitoring_id, params=request.params)
        self._wanted[stream.monitoring_id] = request.params
        self.adjusted(stream.monitoring_id, request.params)
        running.changed.set()
        return CommandAnswer(status="Accepted")

    # Values ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, monitoring_id: int, value: str, at: datetime) -> bool:
        """Whether a stream takes the value, so that no event is needed."""
        running = self._running.get(monitoring_id)
        if running is None:
            return False
        running.buffer.append((at, value))
        if running.is_full:
            running.changed.set()
        return True

    async def _run(self, running: _Running) -> None:
        """N15.FR.06-.08: at every interval all that there is, and as soon as there are enough."""
        due = self._due(running)
        while True:
            if not await self._woken(running, due):
                await self._send_all(running, lambda: bool(running.buffer))
                due = self._due(running)
                continue
            running.changed.clear()
            await self._send_all(running, lambda: running.is_full)
            if due is None or not running.params.interval_s:
                due = self._due(running)
            else:
                due = min(due, self._clock.monotonic() + running.params.interval_s)

    async def _woken(self, running: _Running, due: float | None) -> bool:
        """Whether there is something new, not only the time up."""
        if due is None:
            return await running.changed.wait()
        try:
            return await within(self._clock, max(0.0, due - self._clock.monotonic()), running.changed.wait())
        except TimeoutError:
            return False

    def _due(self, running: _Running) -> float | None:
        interval_s = running.params.interval_s
        return self._clock.monotonic() + interval_s if interval_s else None

    async def _send_all(self, running: _Running, more: Callable[[], bool]) -> None:
        try:
            while more():
                await self._send(running)
        except NotTold as failure:
            log.debug("values of an event stream wait", failure=str(failure))

    async def _send(self, running: _Running) -> None:
        """N15.FR.04, .09: the first value's time is the base. What could not be sent is still there."""
        most = running.params.values or PER_MESSAGE
        portion = [running.buffer[place] for place in range(min(most, len(running.buffer)))]
        base = portion[0][0]
        values = tuple((Decimal(str((at - base).total_seconds())), value) for at, value in portion)
        pending = len(running.buffer) - len(portion)
        message = NotifyPeriodicEventStream(id=running.stream.id, base_time=base, values=values, pending=pending)
        await self._line.perform(message)
        for _ in portion:
            running.buffer.popleft()
