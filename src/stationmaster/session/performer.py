"""From a domain request to its answer, in as many calls as the other side's version takes."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import NoAnswer, Unsupported, WireCall
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer, Request
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.salvage import Unreadable
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation
from stationmaster.session.failures import AnswerUnreadable, CallFailed, CallRefused
from stationmaster.session.watch import Watch


class Raw(Protocol):
    """The way of bytes to the other side."""

    async def call_raw(
        self, action: str, payload: bytes, *, timeout_s: float | None = None, priority: int = 0
    ) -> bytes: ...
    def send_raw(self, action: str, payload: bytes) -> None: ...


class Performer:
    """Of one session."""

    __slots__ = ("_dialect", "_facts", "_raw", "_version", "_watch")

    def __init__(self, version: Version, facts: Callable[[], StationFacts], watch: Watch, raw: Raw) -> None:
        self._version = version
        self._dialect = dialect_for(version)
        self._facts = facts
        self._watch = watch
        self._raw = raw

    async def perform(
        self,
        request: Request,
        *,
        timeout_s: float | None = None,
        priority: int = 0,
        broken: list[Violation] | None = None,
    ) -> Answer:
        """Ask the other side, in as many calls as its version takes. ``broken`` takes up what in the answers breaks
        the schema.

        Raises Unsupported where its version cannot carry the request, else one of ``session.failures``.
        """
        row = self._dialect.outgoing.get(type(request))
        if row is None:
            raise Unsupported(f"OCPP {self._version} has no {type(request).__name__}")
        exchange = row(self._facts(), request)
        try:
            step = next(exchange)
            while True:
                step = exchange.send(await self._make(step, timeout_s, priority, broken))
        except StopIteration as done:
            result: Answer = done.value
            return result
        finally:
            exchange.close()

    async def _make(
        self, step: WireCall, timeout_s: float | None, priority: int, broken: list[Violation] | None
    ) -> object:
        """One step of an exchange: the answer's message, None to a SEND, or NoAnswer where the row can do without."""
        try:
            payload = self._write(step.action, step.message)
        except codec.NothingToTell as nothing:
            return nothing.response
        if messages(self._version)[step.action].send:
            self._raw.send_raw(step.action, payload)
            return None
        try:
            answer = await self._raw.call_raw(step.action, payload, timeout_s=timeout_s, priority=priority)
            return self._read(step.action, answer, broken)
        except CallFailed as failure:
            if not step.may_fail:
                raise
            return NoAnswer(failure.code if isinstance(failure, CallRefused) else None, str(failure), failure)

    def _write(self, action: str, message: Struct) -> bytes:
        try:
            return codec.write_request(self._version, action, message)
        except codec.CannotCarry as refusal:
            raise Unsupported(str(refusal)) from refusal
        except KeyError as unknown:
            raise Unsupported(f"OCPP {self._version} has no {action}") from unknown

    def _read(self, action: str, payload: bytes, broken: list[Violation] | None) -> object:
        try:
            reading = codec.read_response(self._version, action, payload)
        except Unreadable as unreadable:
            self._watch.violations(action, "in", (unreadable.violation,))
            raise AnswerUnreadable(str(unreadable)) from unreadable
        if reading.violations:
            self._watch.violations(action, "in", reading.violations)
            if broken is not None:
                broken.extend(reading.violations)
        return reading.message
