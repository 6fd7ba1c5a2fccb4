"""One live connection of either side. This file shows the flow of a message:

    bytes ─> peer (frames, order, deadlines) ─> codec (types, violations) ─> dialect (domain request)
          ─> handler (decides, and commits) ─> dialect ─> codec ─> peer ─> bytes

Received calls go through the station's lane, one after another. Calls of our own run beside it, so a handler may call
back. A session outlives its connection only until the handlers under way have ended; what they answer then is dropped.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, Protocol

from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer, Request
from stationmaster.domain.station import Strictness
from stationmaster.ocpp.errors import OCPPError
from stationmaster.ocpp.events import (
    AnswerReceived,
    AnswerRejected,
    CallAborted,
    CallReceived,
    CallSent,
    CallTimedOut,
    ErrorReceived,
    Event,
    Oddity,
    SendReceived,
)
from stationmaster.ocpp.peer import Peer
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation
from stationmaster.session.failures import (
    AnswerUnreadable,
    CallFailed,
    CallRefused,
    ConnectionLost,
)
from stationmaster.session.failures import (
    CallTimedOut as TimedOut,
)
from stationmaster.session.lane import Lane
from stationmaster.session.performer import Performer
from stationmaster.session.ports import Connection
from stationmaster.session.responder import Handler, Responder
from stationmaster.session.watch import Unwatched, Watch

MAX_WAITING_SENDS = 100
"""Received and not yet taken. CALLs are bounded by the peer."""


class Clock(Protocol):
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


def _lenient() -> Strictness:
    return "lenient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side brings to its sessions: what it knows of the other, and what it does with its requests."""

    facts: Callable[[], StationFacts]
    handlers: Mapping[type[Request], Handler]
    clock: Clock
    watch: Watch = field(default_factory=Unwatched)
    strictness: Callable[[], Strictness] = _lenient
    timeout_s: float = 30.0


class Session:
    """A Receiver for a transport, and the way to call the other side."""

    def __init__(
        self,
        connection: Connection,
        version: Version,
        side: Side,
        *,
        lane: Lane | None = None,
        on_closed: Callable[[], None] | None = None,
    ) -> None:
        self.version = version
        self._connection = connection
        self._side = side
        self._lane = lane or Lane()
        self._peer = Peer(version, default_timeout_s=side.timeout_s)
        self._performer = Performer(version, side.facts, side.watch, self)
        self._responder = Responder(version, side.facts, side.handlers, side.strictness, side.watch)
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._waiting_sends = 0
        self._deadlines: asyncio.Task[None] | None = None
        self._armed_for = inf
        self._on_closed = on_closed
        self._closed = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return not self._closed.is_set()

    async def wait_closed(self) -> None:
        await self._closed.wait()

    def close(self, code: int = 1000, reason: str = "") -> None:
        self._connection.close(code, reason)

    # What arrives ─────────────────────────────────────────────────────────────────────────────────────────────────

    def on_text(self, data: bytes) -> None:
        side = self._side
        events = self._peer.receive(data, side.clock.monotonic())
        if len(events) == 1 and isinstance(event := events[0], CallReceived):  # nearly always, and nothing to write yet
            side.watch.frame("in", data, event.action, event.message_id)
            self._on_call(event)
            return
        self._side.watch.frame("in", data, *_name(events))
        for event in events:
            _ON_EVENT[type(event)](self, event)
        self._flush()

    def on_closed(self, code: int, reason: str) -> None:
        for event in self._peer.close():
            _ON_EVENT[type(event)](self, event)
        if self._deadlines is not None:
            self._deadlines.cancel()
        self._closed.set()
        if self._on_closed is not None:
            self._on_closed()

    def _on_call(self, event: CallReceived) -> None:
        done = partial(self._answer, event)
        self._lane.enter(partial(self._responder.respond, event.action, event.payload, done))

    def _answer(self, event: CallReceived, outcome: bytes | OCPPError) -> None:
        try:
            if isinstance(outcome, OCPPError):
                self._peer.refuse(event.message_id, outcome)
            else:
                self._peer.answer(event.message_id, outcome)
            self._flush(event.action, event.message_id)
        finally:
            self._lane.leave()

    def _on_send(self, event: SendReceived) -> None:
        if self._waiting_sends >= MAX_WAITING_SENDS:  # no answer holds back who sends them
            self._side.watch.oddity("overflow", event.action, "too many SENDs wait to be taken; this one is dropped")
            return
        self._waiting_sends += 1
        self._lane.enter(partial(self._take, event))

    def _take(self, event: SendReceived) -> None:
        self._waiting_sends -= 1
        self._responder.respond(event.action, event.payload, partial(self._taken, event))

    def _taken(self, event: SendReceived, outcome: bytes | OCPPError) -> None:
        if isinstance(outcome, OCPPError):
            self._side.watch.oddity("refused_send", event.action, str(outcome))
        self._lane.leave()

    def _on_oddity(self, event: Oddity) -> None:
        self._side.watch.oddity(event.kind, None, event.detail)

    def _on_answer_rejected(self, event: AnswerRejected) -> None:
        self._side.watch.oddity("answer_rejected", event.action, str(event.error))

    # What we call ─────────────────────────────────────────────────────────────────────────────────────────────────

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

    async def ready(self) -> None:
        """Return when a call can leave: at once, as there is a line."""

    def send_raw(self, action: str, payload: bytes) -> None:
        """One message that is not answered, with its payload as it is."""
        if not self.is_open:
            raise ConnectionLost(sent=False)
        self._peer.send(action, payload)
        self._flush(action)

    async def call_raw(
        self, action: str, payload: bytes, *, timeout_s: float | None = None, priority: int = 0
    ) -> bytes:
        """One call with its payload as it is; the answer's payload as it came."""
        if not self.is_open:
            raise ConnectionLost(sent=False)
        message_id = self._peer.call(
            action, payload, self._side.clock.monotonic(), timeout_s=timeout_s, priority=priority
        )
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = future
        self._flush(action, message_id)
        try:
            return await future
        except asyncio.CancelledError:
            self._peer.cancel(message_id)
            raise
        finally:
            self._waiting.pop(message_id, None)

    def _settle(self, message_id: str, outcome: bytes | CallFailed) -> None:
        future = self._waiting.get(message_id)
        if future is None or future.done():
            return
        if isinstance(outcome, bytes):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)

    def _on_answer(self, event: AnswerReceived) -> None:
        self._settle(event.message_id, event.payload)

    def _on_error(self, event: ErrorReceived) -> None:
        error = event.error
        if error.code is None:
            self._settle(event.message_id, AnswerUnreadable(error.description))
        else:
            self._settle(event.message_id, CallRefused(error.code, error.description, error.details))

    def _on_timeout(self, event: CallTimedOut) -> None:
        self._side.watch.oddity("timeout", event.action, "no answer in time")
        self._settle(event.message_id, TimedOut(f"no answer to {event.action} in time"))

    def _on_aborted(self, event: CallAborted) -> None:
        self._settle(event.message_id, ConnectionLost(event.sent))

    def _on_sent(self, event: CallSent) -> None:
        """Nothing to do: whoever calls has written down that it does."""

    # Time and output ──────────────────────────────────────────────────────────────────────────────────────────────

    def _flush(self, action: str | None = None, message_id: str | None = None) -> None:
        for frame in self._peer.take_output():
            self._side.watch.frame("out", frame, action, message_id)
            self._connection.send(frame)
        self._arm()

    def _arm(self) -> None:
        """See to it that somebody wakes at the peer's deadline, which a later call may have brought forward."""
        deadline = self._peer.next_deadline()
        if deadline is None or deadline >= self._armed_for:
            return
        if self._deadlines is not None:
            self._deadlines.cancel()
        self._armed_for = deadline
        self._deadlines = asyncio.get_running_loop().create_task(self._watch_deadlines())

    async def _watch_deadlines(self) -> None:
        while (deadline := self._peer.next_deadline()) is not None:
            self._armed_for = deadline
            await self._side.clock.sleep(max(0.0, deadline - self._side.clock.monotonic()))
            for event in self._peer.tick(self._side.clock.monotonic()):
                _ON_EVENT[type(event)](self, event)
            for frame in self._peer.take_output():
                self._side.watch.frame("out", frame, None, None)
                self._connection.send(frame)
        self._armed_for = inf


_ON_EVENT: Mapping[type[Any], Callable[[Session, Any], None]] = {
    CallReceived: Session._on_call,
    SendReceived: Session._on_send,
    AnswerReceived: Session._on_answer,
    ErrorReceived: Session._on_error,
    CallTimedOut: Session._on_timeout,
    CallAborted: Session._on_aborted,
    CallSent: Session._on_sent,
    AnswerRejected: Session._on_answer_rejected,
    Oddity: Session._on_oddity,
}


def _name(events: list[Event]) -> tuple[str | None, str | None]:
    """The action and the message id that a frame's events tell of, the first that do."""
    for event in events:
        action = getattr(event, "action", None)
        if action is not None and not isinstance(event, CallSent):
            return action, getattr(event, "message_id", None)
    return None, None
