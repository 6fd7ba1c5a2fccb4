"""One end of an OCPP-J line that says exactly what a test tells it to, right or wrong, and checks all that it hears."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from stationmaster.ocpp import codec
from stationmaster.ocpp.errors import CODES_BY_FAMILY
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import Version

Payload = dict[str, Any]
Answer = Payload | Callable[[Payload], Payload | None]

MAX_MESSAGE_ID_CHARS = 36
_ANSWER_TIMEOUT_S = 10.0


class WireError(Exception):
    """The other side answered with a CALLERROR."""

    def __init__(self, code: str, description: str, details: Any) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.details = details


class BrokenRules(AssertionError):
    """The other side sent what its version of OCPP does not allow."""


class WireClient:
    """A Receiver. Give it to a transport, set ``connection``, then ``call``; what the other side calls is answered as
    ``on`` says, waits in ``received``, and is refused with NotSupported where nothing was said.

    Everything that arrives is held against the version's schema, strictly, in the direction CSMS to station. What
    breaks it is noted in ``violations`` and raised at the ``call`` or ``expect`` that it belongs to.
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        self.connection: Any = None
        self.received: asyncio.Queue[tuple[str, Payload]] = asyncio.Queue()
        self.frames: list[list[Any]] = []
        self.violations: list[str] = []
        self.closed: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._answers: dict[str, Answer] = {}
        self._asked: dict[str, str] = {}
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._ids = count(1)

    def on(self, action: str, answer: Answer) -> None:
        """How a call is answered: a payload, or a function of the request's; None from it leaves it unanswered."""
        self._answers[action] = answer

    async def call(self, action: str, payload: Payload | None = None, *, message_id: str | None = None) -> Payload:
        """Send a CALL and return its answer.

        Raises WireError for a CALLERROR, BrokenRules for an answer that the schema does not allow, ConnectionError
        when the line is closed first, TimeoutError for silence.
        """
        future = self.start_call(action, payload, message_id=message_id)
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            return await future

    def start_call(
        self, action: str, payload: Payload | None = None, *, message_id: str | None = None
    ) -> asyncio.Future[Payload]:
        """Send a CALL without waiting for its answer, which the future brings."""
        message_id = message_id or f"{self.version}-{next(self._ids)}"
        future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = future
        self.send_frame([2, message_id, action, payload or {}])
        return future

    def send_frame(self, frame: Any) -> None:
        """Anything that JSON can say."""
        if isinstance(frame, list) and len(frame) > 2 and frame[0] == 2 and isinstance(frame[1], str):
            self._asked[frame[1]] = str(frame[2])
        self.connection.send(msgspec.json.encode(frame, order=None))

    def send_bytes(self, data: bytes) -> None:
        """Anything at all."""
        self.connection.send(data)

    async def expect(self, action: str) -> Payload:
        """The next call that the other side makes of an action; others before it are passed over.

        Raises BrokenRules if anything was wrong with what it sent so far, TimeoutError if no such call comes.
        """
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            while True:
                received, payload = await self.received.get()
                self.check()
                if received == action:
                    return payload

    def check(self) -> None:
        """Raise BrokenRules if the other side has sent anything that it must not."""
        if self.violations:
            raise BrokenRules("; ".join(self.violations))

    # As a Receiver

    def on_text(self, data: bytes) -> None:
        frame = msgspec.json.decode(data)
        self.frames.append(frame)
        _KINDS.get(frame[0], WireClient._other)(self, frame)

    def on_closed(self, code: int, reason: str) -> None:
        if not self.closed.done():
            self.closed.set_result((code, reason))
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError(f"closed with {code} {reason}"))

    def _call(self, frame: list[Any]) -> None:
        _, message_id, action, payload = frame
        self._check_call(message_id, action, payload)
        self.received.put_nowait((action, payload))
        answer = self._answers.get(action)
        if answer is None:
            self.send_frame([4, message_id, "NotSupported", "", {}])
            return
        body = answer(payload) if callable(answer) else answer
        if body is not None:
            self.send_frame([3, message_id, body])

    def _result(self, frame: list[Any]) -> None:
        action = self._asked.pop(frame[1], None)
        if action is None:
            self._violated(f"an answer to {frame[1]!r}, which is no open call")
            return
        wrong = self._schema_breach(action, frame[2], response=True)
        if wrong is not None:
            self._violated(wrong)
        future = self._waiting.pop(frame[1], None)
        if future is None or future.done():
            return
        if wrong is None:
            future.set_result(frame[2])
        else:
            future.set_exception(BrokenRules(wrong))

    def _error(self, frame: list[Any]) -> None:
        self._asked.pop(frame[1], None)
        if frame[2] not in CODES_BY_FAMILY[self.version.family].values():
            self._violated(f"errorCode {frame[2]!r}, which OCPP {self.version} does not have")
        future = self._waiting.pop(frame[1], None)
        if future is not None and not future.done():
            future.set_exception(WireError(*frame[2:5]))

    def _other(self, frame: list[Any]) -> None:
        if self.version is not Version.V21:
            self._violated(f"a frame of kind {frame[0]!r}, which OCPP {self.version} does not have")

    # The rules

    def _check_call(self, message_id: str, action: str, payload: Payload) -> None:
        known = messages(self.version).get(action)
        if known is None or known.sender not in (Sender.CSMS, Sender.BOTH):
            self._violated(f"{action}, which a CSMS does not send in OCPP {self.version}")
            return
        if not 0 < len(message_id) <= MAX_MESSAGE_ID_CHARS:
            self._violated(f"a message id of {len(message_id)} characters")
        wrong = self._schema_breach(action, payload, response=False)
        if wrong is not None:
            self._violated(wrong)

    def _schema_breach(self, action: str, payload: Payload, *, response: bool) -> str | None:
        if action not in messages(self.version):
            return f"an answer to {action}, which OCPP {self.version} does not have" if response else None
        try:
            codec.read_native(self.version, action, msgspec.json.encode(payload), response=response)
        except codec.SchemaViolation as breach:
            return f"{action}{'Response' if response else 'Request'}: {breach}"
        return None

    def _violated(self, what: str) -> None:
        self.violations.append(what)


_KINDS = {2: WireClient._call, 3: WireClient._result, 4: WireClient._error}
