"""Received calls in SOAP: from a request that was read to the envelope that answers it."""

import asyncio
from functools import partial
from uuid import uuid4

from msgspec import Struct

from stationmaster.ocpp.errors import OCPPError, Unavailable
from stationmaster.ocpp.soap import writing
from stationmaster.ocpp.soap.envelope import Reply, Request
from stationmaster.ocpp.soap.faults import Fault, fault_of, http_status
from stationmaster.ocpp.soap.payload import to_element, to_payload
from stationmaster.session.soap_session import SoapSession
from stationmaster.session.watch import Direction, Watch

BUSY = Unavailable("too many messages of this station wait; it may send this one again")
RETRY_S = 5
NEEDED = frozenset({"StartTransaction", "StopTransaction", "MeterValues"})
"""Never refused for their form: a station would only send them again, and drop them in the end."""


class Sent(Struct, frozen=True, kw_only=True):
    """What goes back by HTTP."""

    status: int
    body: bytes
    content_type: str
    retry_after_s: int | None = None


async def answered(session: SoapSession, request: Request, watch: Watch, *, strict: bool) -> Sent:
    """Have a request handled, in its turn. ``strict``: what is odd about its headers is a fault.

    May be cancelled: the request is handled to its end all the same.
    """
    log = _Log(watch, request.action, request.addressing.message_id or new_id())
    log.frame("in", request.document)
    for oddness in request.oddnesses:
        watch.oddity(oddness.kind, request.action, oddness.detail)
    fault = request.strict_fault if strict and request.action not in NEEDED else None
    if fault is not None:
        return refused(request.reply, fault, log)
    outcome: asyncio.Future[bytes | OCPPError] = asyncio.get_running_loop().create_future()
    payload = to_payload(request.service, request.action, False, request.body)
    is_taken = session.receive(request.action, payload, partial(_settle, outcome))
    result = await outcome if is_taken else BUSY
    if isinstance(result, Unavailable):
        return refused(request.reply, fault_of(result), log, status=503, retry_after_s=RETRY_S)
    if isinstance(result, OCPPError):
        return refused(request.reply, fault_of(result), log)
    return accepted(request, result, log)


class _Log:
    """One exchange in the message log: call and answer are found by the call's id, also where it came without one."""

    def __init__(self, watch: Watch, action: str, message_id: str) -> None:
        self._watch = watch
        self._action = action
        self._message_id = message_id

    def frame(self, direction: Direction, document: bytes) -> None:
        self._watch.frame(direction, document, self._action, self._message_id)


def refused(
    reply: Reply, fault: Fault, log: _Log | None = None, *, status: int | None = None, retry_after_s: int | None = None
) -> Sent:
    """A fault as an answer."""
    document = writing.write_refusal(reply, fault, new_id())
    if log is not None:
        log.frame("out", document)
    return Sent(
        status=status or http_status(fault),
        body=document,
        content_type=writing.content_type(is_soap_11=reply.is_soap_11),
        retry_after_s=retry_after_s,
    )


def accepted(request: Request, payload: bytes, log: _Log | None = None) -> Sent:
    """The answer to a request, in its version's words."""
    body = to_element(request.service, request.action, True, payload, request.reply.namespace)
    document = writing.write_response(request.reply, request.action, body, new_id())
    if log is not None:
        log.frame("out", document)
    return Sent(status=200, body=document, content_type=writing.content_type(f"/{request.action}Response"))


def _settle(outcome: "asyncio.Future[bytes | OCPPError]", result: bytes | OCPPError) -> None:
    if not outcome.done():
        outcome.set_result(result)


def new_id() -> str:
    return f"urn:uuid:{uuid4()}"
