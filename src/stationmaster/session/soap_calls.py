"""Our calls in SOAP: from a payload to an envelope, to wherever the other side listens, and back. Fulfils ``Calls``.

Whatever must not be said twice goes over a connection of its own, as on a kept one nobody can tell a message that was
read from one that was not. What can, is repeated once where its answer was lost.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap import answers, writing
from stationmaster.ocpp.soap.answers import BadAnswer
from stationmaster.ocpp.soap.elements import Service
from stationmaster.ocpp.soap.faults import Fault
from stationmaster.ocpp.soap.payload import to_element, to_payload
from stationmaster.session.failures import (
    AnswerUnreadable,
    CallRefused,
    CallTimedOut,
    ConnectionLost,
    Unreachable,
)
from stationmaster.session.ports import PostClient, Posted, PostLine
from stationmaster.session.soap_exchange import new_id
from stationmaster.session.watch import Watch

REPEATABLE = frozenset(
    {
        *("GetConfiguration", "GetLocalListVersion", "GetCompositeSchedule", "ChangeAvailability"),
        *("ChangeConfiguration", "ClearCache", "TriggerMessage", "Heartbeat", "StatusNotification", "Authorize"),
        *("FirmwareStatusNotification", "DiagnosticsStatusNotification", "BootNotification"),
        *("StartTransaction", "StopTransaction", "MeterValues"),
    }
)
"""Said twice, they are the same as said once: the receiver knows them again, or ends where it was."""


def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks in a dialogue, and in which version. ``identity``: of the station that it is with, or that speaks."""

    service: Service
    sender: Sender
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """``theirs``: where the other side listens, None while that is not known; ``ours``: where we do. ``heard`` is told
    when the other side has answered."""

    theirs: Callable[[], str | None]
    ours: Callable[[], str | None]
    heard: Callable[[], None] = _nothing


class _HungUp(Unreachable):
    """The connection was over before anything was sent on it."""


class SoapCalls:
    """See above; of one dialogue."""

    def __init__(self, voice: Voice, places: Places, client: PostClient, watch: Watch) -> None:
        self._voice = voice
        self._service = voice.service
        self._namespace = voice.service.namespace(voice.sender)
        self._places = places
        self._client = client
        self._watch = watch
        self._line: tuple[str, PostLine] | None = None

    async def ready(self) -> None:
        """The connection that is opened is the next call's."""
        address = self._where()
        line = await self._connect(address, fresh=True)
        self.close()
        self._line = (address, line)

    async def call(self, action: str, payload: bytes, timeout_s: float) -> bytes:
        """See ``Calls``. ``timeout_s``: for each try."""
        try:
            return await self._call(action, payload, timeout_s, fresh=action not in REPEATABLE)
        except _HungUp:  # it was kept for too long
            return await self._call(action, payload, timeout_s, fresh=True)
        except ConnectionLost as lost:
            if not lost.sent or action not in REPEATABLE:
                raise
        with suppress(Unreachable):
            return await self._call(action, payload, timeout_s, fresh=True)
        raise ConnectionLost(sent=True)

    def close(self) -> None:
        """See ``Calls``."""
        if self._line is not None:
            self._line[1].close()
            self._line = None

    async def _call(self, action: str, payload: bytes, timeout_s: float, *, fresh: bool) -> bytes:
        address = self._where()
        message_id = new_id()
        headers = writing.request_headers(action, message_id, address, self._places.ours())
        body = to_element(self._service, action, False, payload, self._namespace)
        document = writing.write_request(self._service, body, self._voice.identity, headers)
        line = self._kept(address) or await self._connect(address, fresh=fresh)
        self._watch.frame("out", document, action, message_id)
        posted = await self._posted(line, action, document, timeout_s)
        self._places.heard()
        return self._answer(action, message_id, posted)

    async def _posted(self, line: PostLine, action: str, document: bytes, timeout_s: float) -> Posted:
        told = {"Content-Type": writing.content_type(f"/{action}")}
        try:
            return await line.post(told, document, timeout_s)
        except ConnectionError as error:
            raise _HungUp(str(error)) from error
        except TimeoutError as error:
            raise CallTimedOut(f"no answer to {action} in time") from error
        except EOFError as error:
            raise ConnectionLost(sent=True) from error

    def _answer(self, action: str, message_id: str, posted: Posted) -> bytes:
        charset = _charset(posted.headers)
        try:
            answer = answers.read_answer(posted.body, self._service, action, message_id=message_id, charset=charset)
        except BadAnswer as bad:
            if bad.document is not None:
                self._watch.frame("in", bad.document, action, message_id)
            _refuse(posted, bad)
        self._watch.frame("in", answer.document, action, message_id)
        for oddness in answer.oddnesses:
            self._watch.oddity(oddness.kind, action, oddness.detail)
        if isinstance(answer.content, Fault):
            raise CallRefused(answer.content.word, answer.content.reason)
        return to_payload(self._service, action, True, answer.content)

    def _where(self) -> str:
        address = self._places.theirs()
        if address is None:
            raise Unreachable("nobody knows where it listens")
        return address

    async def _connect(self, address: str, *, fresh: bool) -> PostLine:
        try:
            return await self._client.connect(address, fresh=fresh)
        except ConnectionError as error:
            raise Unreachable(str(error)) from error

    def _kept(self, address: str) -> PostLine | None:
        """What ``ready`` opened, if it leads there."""
        if self._line is not None and self._line[0] == address:
            line, self._line = self._line[1], None
            return line
        self.close()
        return None


def _refuse(posted: Posted, bad: BadAnswer) -> NoReturn:
    """Something that is no envelope: HTTP's own word, where it has one."""
    if posted.status >= 400:
        hint = "is the password right?" if posted.status in (401, 403) else "is the address right?"
        raise CallRefused("InternalError", f"HTTP status {posted.status} and no SOAP: {hint}") from bad
    raise AnswerUnreadable(f"no answer in SOAP ({bad.reason}): is the address right?") from bad


def _charset(headers: Mapping[str, str]) -> str | None:
    for part in headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(' "') or None
    return None
