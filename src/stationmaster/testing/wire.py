"""One end of an OCPP-J line that says exactly what a test tells it to, right or wrong."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from stationmaster.ocpp.version import Version

Payload = dict[str, Any]
Answer = Payload | Callable[[Payload], Payload | None]

_ANSWER_TIMEOUT_S = 10.0


class WireError(Exception):
    """The other side answered with a CALLERROR."""

    def __init__(self, code: str, description: str, details: Any) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.details = details


class WireClient:
    """A Receiver. Give it to a transport, set ``connection``, then ``call``; what the other side calls is answered as
    ``on`` says, waits in ``received``, and is refused with NotSupported where nothing was said."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.connection: Any = None
        self.received: asyncio.Queue[tuple[str, Payload]] = asyncio.Queue()
        self.frames: list[list[Any]] = []
        self.closed: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._answers: dict[str, Answer] = {}
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._ids = count(1)

    def on(self, action: str, answer: Answer) -> None:
        """How a call is answered: a payload, or a function of the request's; None from it leaves it unanswered."""
        self._answers[action] = answer

    async def call(self, action: str, payload: Payload | None = None, *, message_id: str | None = None) -> Payload:
        """Send a CALL and return its answer. Raises WireError for a CALLERROR, TimeoutError for silence."""
        message_id = message_id or f"{self.version}-{next(self._ids)}"
        future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = future
        self.send_frame([2, message_id, action, payload or {}])
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            return await future

    def send_frame(self, frame: Any) -> None:
        """Anything that JSON can say."""
        self.connection.send(msgspec.json.encode(frame, order=None))

    def send_bytes(self, data: bytes) -> None:
        """Anything at all."""
        self.connection.send(data)

    async def expect(self, action: str) -> Payload:
        """The next call that the other side makes of an action; others before it are passed over."""
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            while True:
                received, payload = await self.received.get()
                if received == action:
                    return payload

    # As a Receiver

    def on_text(self, data: bytes) -> None:
        frame = msgspec.json.decode(data)
        self.frames.append(frame)
        _KINDS.get(frame[0], WireClient._ignore)(self, frame)

    def on_closed(self, code: int, reason: str) -> None:
        if not self.closed.done():
            self.closed.set_result((code, reason))
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError(f"closed with {code} {reason}"))

    def _call(self, frame: list[Any]) -> None:
        _, message_id, action, payload = frame
        self.received.put_nowait((action, payload))
        answer = self._answers.get(action)
        if answer is None:
            self.send_frame([4, message_id, "NotSupported", "", {}])
            return
        body = answer(payload) if callable(answer) else answer
        if body is not None:
            self.send_frame([3, message_id, body])

    def _result(self, frame: list[Any]) -> None:
        future = self._waiting.pop(frame[1], None)
        if future is not None and not future.done():
            future.set_result(frame[2])

    def _error(self, frame: list[Any]) -> None:
        future = self._waiting.pop(frame[1], None)
        if future is not None and not future.done():
            future.set_exception(WireError(*frame[2:5]))

    def _ignore(self, frame: list[Any]) -> None:
        """It stays in ``frames``."""


_KINDS = {2: WireClient._call, 3: WireClient._result, 4: WireClient._error}
