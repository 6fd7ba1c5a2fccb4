"""A CSMS by script at the far end of a station's line: answers as it is told, and holds all it hears to the schema."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec

from stationmaster.clock.virtual import VirtualClock
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import Version
from stationmaster.transport.handshake import Admission, Refusal

Payload = dict[str, Any]

MAX_MESSAGE_ID_CHARS = 36
ANSWER_WITHIN_S = 40.0


@dataclass(frozen=True)
class Call:
    """What the station said: a CALL, or with ``is_answer`` its answer to one of ours. ``at`` is in virtual seconds."""

    at: float
    action: str
    payload: Payload
    is_answer: bool = False


class CallError(Exception):
    """A CALLERROR: as an answer of the script, and raised by `ScriptedCsms.ask`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Answer = Payload | CallError | None
"""None: no answer at all."""


class ScriptedCsms:
    """A Receiver of one connection at a time. ``script`` says how each action is answered."""

    def __init__(self, version: Version, clock: VirtualClock, script: dict[str, Callable[[Payload], Answer]]) -> None:
        self.version = version
        self.clock = clock
        self.script = script
        self.reachable = True
        self.dialled: list[tuple[float, bool]] = []
        self.heard: list[Call] = []
        self.security_events: list[Call] = []
        """Apart, as they may come between any others."""
        self.violations: list[str] = []
        self.lost_at: list[float] = []
        self.connection: Any = None
        self.on_connected: Callable[[], object] = lambda: None
        self._seen_ids: set[str] = set()
        self._asked: dict[str, tuple[str, asyncio.Future[Payload]]] = {}
        self._ids = count(1)

    # The line ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def admit(self, request: Any) -> Admission | Refusal:
        self.dialled.append((self.clock.monotonic(), self.reachable))
        if not self.reachable:
            return Refusal(status=503)
        return Admission(subprotocol=self.version.subprotocol)

    def connected(self, connection: Any, context: Any) -> "ScriptedCsms":
        self.connection = connection
        asyncio.get_running_loop().call_soon(self.on_connected)
        return self

    def drop(self, *, and_refuse: bool = True) -> None:
        """Break the line, and let nobody in until `accept`."""
        self.reachable = not and_refuse
        self.connection.cut()

    def accept(self) -> None:
        self.reachable = True

    # Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, action: str, payload: Payload) -> Payload:
        """Send a CALL and return the answer. Raises CallError, TimeoutError."""
        message_id = f"csms-{next(self._ids)}"
        future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._asked[message_id] = (action, future)
        self.connection.send(msgspec.json.encode([2, message_id, action, payload]))
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await future

    # As a Receiver ────────────────────────────────────────────────────────────────────────────────────────────────

    def on_text(self, data: bytes) -> None:
        frame = msgspec.json.decode(data)
        if frame[0] == 2:
            self._on_call(*frame[1:])
        elif frame[0] == 3:
            self._on_result(*frame[1:])
        elif frame[0] == 4:
            self._asked.pop(frame[1])[1].set_exception(CallError(frame[2]))
        elif frame[0] == 6 and self.version is Version.V21:
            self._on_send(*frame[1:])
        else:
            self.violations.append(f"a frame of kind {frame[0]}")

    def on_closed(self, code: int, reason: str) -> None:
        self.lost_at.append(self.clock.monotonic())
        self.connection = None

    def _on_call(self, message_id: str, action: str, payload: Payload) -> None:
        self._check_id(message_id)
        known = messages(self.version).get(action)
        if known is None or known.sender not in (Sender.STATION, Sender.BOTH):
            self.violations.append(f"{action} is not a station's to send")
        else:
            self._check_schema(action, payload, response=False)
        heard = self.security_events if action == "SecurityEventNotification" else self.heard
        heard.append(Call(self.clock.monotonic(), action, payload))
        answer = self.script[action](payload)
        if isinstance(answer, CallError):
            self.connection.send(msgspec.json.encode([4, message_id, answer.code, "", {}]))
        elif answer is not None and self.connection is not None:
            self.connection.send(msgspec.json.encode([3, message_id, answer]))

    def _on_send(self, message_id: str, action: str, payload: Payload) -> None:
        """A message that nobody answers (2.1)."""
        self._check_id(message_id)
        self._check_schema(action, payload, response=False)
        self.heard.append(Call(self.clock.monotonic(), action, payload))

    def _on_result(self, message_id: str, payload: Payload) -> None:
        action, future = self._asked.pop(message_id)
        self._check_schema(action, payload, response=True)
        self.heard.append(Call(self.clock.monotonic(), action, payload, is_answer=True))
        future.set_result(payload)

    def _check_id(self, message_id: str) -> None:
        """A message id is never used again, and not too long."""
        if message_id in self._seen_ids or not 0 < len(message_id) <= MAX_MESSAGE_ID_CHARS:
            self.violations.append(f"message id {message_id!r}")
        self._seen_ids.add(message_id)

    def _check_schema(self, action: str, payload: Payload, *, response: bool) -> None:
        try:
            codec.read_native(self.version, action, msgspec.json.encode(payload), response=response)
        except codec.SchemaViolation as breach:
            self.violations.append(f"{action}: {breach}")
