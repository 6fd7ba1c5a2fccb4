"""From a received call to the bytes of its answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from stationmaster.dialects.table import Dialect, Incoming, Unattributable
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer, MeterValues, Request, TransactionEvent
from stationmaster.domain.station import Strictness
from stationmaster.ocpp import codec
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.messages import MessageType, Sender, messages
from stationmaster.ocpp.salvage import Unreadable
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation
from stationmaster.session.watch import Watch

Handler = Callable[[Any], Awaitable[Answer]]
"""From a domain request to its answer. An OCPPError that it raises is sent as a CALLERROR."""

log = structlog.get_logger(__name__)

_OTHER_SIDE = {"csms": Sender.STATION, "station": Sender.CSMS}


class Responder:
    """Reads, has handled, and answers the calls of one connection."""

    __slots__ = ("_dialect", "_facts", "_handlers", "_messages", "_strictness", "_version", "_watch")

    def __init__(
        self,
        version: Version,
        dialect: Dialect,
        facts: Callable[[], StationFacts],
        handlers: Mapping[type[Request], Handler],
        strictness: Callable[[], Strictness],
        watch: Watch,
    ) -> None:
        self._version = version
        self._dialect = dialect
        self._facts = facts
        self._handlers = handlers
        self._strictness = strictness
        self._watch = watch
        self._messages = messages(version)

    async def respond(self, action: str, payload: bytes) -> bytes:
        """The payload of the answer. Raises OCPPError for what is answered by a CALLERROR; nothing else."""
        try:
            facts = self._facts()
            row = self._row(action, facts)
            request = self._read(action, payload, row, facts)
            if request is None:
                return b"{}"
            answer = await self._handler(action, request)(request)
            if self._messages[action].send:
                return b""
            return codec.write_response(self._version, action, row.write(facts, request, answer))
        except OCPPError:
            raise
        except Exception as error:
            log.exception("handler failed", action=action, version=str(self._version))
            raise OCPPError(ErrorKind.INTERNAL, "the message could not be handled; it may be sent again") from error

    def _row(self, action: str, facts: StationFacts) -> Incoming:
        known: MessageType | None = self._messages.get(action)
        if known is None:
            raise OCPPError(ErrorKind.NOT_IMPLEMENTED, f"{action[:50]} is not an action of OCPP {self._version}")
        if known.sender not in (_OTHER_SIDE[facts.role], Sender.BOTH):
            raise OCPPError(ErrorKind.NOT_SUPPORTED, f"{action} goes the other way")
        row = self._dialect.incoming.get(action)
        if row is None:
            raise OCPPError(ErrorKind.NOT_SUPPORTED, f"{action} is not supported")
        return row

    def _read(self, action: str, payload: bytes, row: Incoming, facts: StationFacts) -> Request | None:
        """The request, or None where it says nothing that can be used and is only to be acknowledged."""
        try:
            reading = codec.read_request(self._version, action, payload)
        except Unreadable as unreadable:
            self._watch.violations(action, "in", (unreadable.violation,))
            raise _error(unreadable.violation) from unreadable
        if reading.violations:
            self._watch.violations(action, "in", reading.violations)
        try:
            request = row.read(facts, reading.message)
        except Unattributable as unattributable:
            if self._strictness() != "strict" and self._messages[action].answer_may_be_empty:
                self._watch.oddity("unattributable", action, str(unattributable))
                return None
            if reading.violations:
                raise _error(reading.violations[0]) from unattributable
            raise OCPPError(ErrorKind.OCCURRENCE, str(unattributable)) from unattributable
        if reading.violations and self._strictness() == "strict":
            self._refuse_unless_needed(request, reading.violations)
        return request

    def _refuse_unless_needed(self, request: Request, violations: Sequence[Violation]) -> None:
        """A transaction message is never refused for its form: the station would only send it again, then drop it."""
        needed = isinstance(request, TransactionEvent) or (
            isinstance(request, MeterValues) and request.transaction_id is not None
        )
        if not needed:
            raise _error(violations[0])

    def _handler(self, action: str, request: Request) -> Handler:
        handler = self._handlers.get(type(request))
        if handler is None:
            raise OCPPError(ErrorKind.NOT_SUPPORTED, f"{action} is not supported")
        return handler


def _error(violation: Violation) -> OCPPError:
    return OCPPError(ErrorKind[violation.kind.name], f"{violation.path}: {violation.detail}")
