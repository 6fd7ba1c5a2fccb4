"""One end of a dialogue in SOAP that says exactly what a test tells it to, and checks all that it hears."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from itertools import count
from typing import Any

import msgspec

from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.soap import writing
from stationmaster.ocpp.soap.answers import read_answer
from stationmaster.ocpp.soap.envelope import Request, read_request
from stationmaster.ocpp.soap.faults import Fault, FaultCode, SubCode
from stationmaster.ocpp.soap.payload import to_element, to_payload
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.testing.wire import Answer, BrokenRules, Payload, WireError
from stationmaster.transport.http_address import http_address
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.soap_path import any_path
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

_ANSWER_TIMEOUT_S = 10.0


class SoapWireClient:
    """A station: it posts with ``call``, and listens at ``address``; what is posted there is answered as ``on`` says,
    waits in ``received``, and is refused with NotSupported where nothing was said.

    Payloads are the JSON form of the version's own messages. Everything that arrives is held against the version's
    schema, strictly; what breaks it is noted in ``violations`` and raised at the ``call`` or ``expect`` that it belongs
    to. ``says_from``: what it says of where it listens; None: nothing.
    """

    def __init__(
        self,
        version: Version,
        identity: str,
        network: MemoryHttp,
        *,
        url: str,
        address: str,
        password: bytes | None = None,
    ) -> None:
        self.version = version
        self.identity = identity
        self.url = url
        self.says_from: str | None = address
        self.password = password
        self.status = 0
        self.headers: Mapping[str, str] = {}
        """Of the last answer."""
        self.received: asyncio.Queue[tuple[str, Payload]] = asyncio.Queue()
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self._service = SERVICES[version]
        self._client = network.client(remote_address="10.1.2.3")
        self._network = network
        self._answers: dict[str, Answer] = {}
        self._ids = count(1)
        self.listen(address)

    def listen(self, address: str) -> None:
        """Listen at an address, too; whether it says so is another matter."""
        self._network.serve(http_address(address).authority, SoapRoute(self._on_post, place_of=any_path))

    def on(self, action: str, answer: Answer) -> None:
        """How a call is answered: a payload, or a function of the request's; None from it is a fault."""
        self._answers[action] = answer

    async def call(self, action: str, payload: Payload | None = None) -> Payload:
        """Post a request and return its answer.

        Raises WireError for a fault, BrokenRules for an answer that the schema does not allow, ConnectionError where
        nobody is reached, TimeoutError for silence.
        """
        message_id = f"urn:uuid:{self.identity}-{next(self._ids)}"
        headers = writing.request_headers(action, message_id, self.url, self.says_from)
        body = to_element(self._service, action, False, msgspec.json.encode(payload or {}), self._service.cs_ns)
        answer = await self.post(writing.write_request(self._service, body, self.identity, headers), f"/{action}")
        read = read_answer(answer, self._service, action, message_id=message_id)
        if isinstance(read.content, Fault):
            raise WireError(read.content.word, read.content.reason, {})
        for oddness in read.oddnesses:
            self.violations.append(f"{action}Response: {oddness.detail}")
        told = to_payload(self._service, action, True, read.content)
        self._hold_to_schema(action, told, is_response=True)
        self.check()
        return msgspec.json.decode(told, type=dict[str, Any])

    async def post(self, body: bytes, action: str | None = None) -> bytes:
        """Post anything at all."""
        told = {"Content-Type": writing.content_type(action)}
        if self.password is not None:
            told["Authorization"] = f"Basic {b64encode(self.identity.encode() + b':' + self.password).decode()}"
        line = await self._client.connect(self.url)
        answer = await line.post(told, body, _ANSWER_TIMEOUT_S)
        self.status, self.headers = answer.status, answer.headers
        return answer.body

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

    # What arrives

    async def _on_post(self, posted: SoapRequest) -> SoapReply:
        request = read_request(posted.body, Sender.CSMS, charset=posted.charset, http_action=posted.http_action)
        self.requests.append(request)
        payload = to_payload(self._service, request.action, False, request.body)
        self._check_request(request, payload)
        asked = msgspec.json.decode(payload, type=dict[str, Any])
        self.received.put_nowait((request.action, asked))
        answer = self._answers.get(request.action)
        body = answer(asked) if callable(answer) else answer
        return self._refusal(request) if body is None else self._reply(request, body)

    def _reply(self, request: Request, payload: Payload) -> SoapReply:
        namespace = request.reply.namespace
        body = to_element(self._service, request.action, True, msgspec.json.encode(payload), namespace)
        document = writing.write_response(request.reply, request.action, body, f"urn:uuid:{next(self._ids)}")
        return SoapReply(status=200, body=document)

    def _refusal(self, request: Request) -> SoapReply:
        fault = Fault(FaultCode.RECEIVER, SubCode.NOT_SUPPORTED, "nobody said what to answer")
        return SoapReply(status=500, body=writing.write_refusal(request.reply, fault, f"urn:uuid:{next(self._ids)}"))

    # The rules

    def _check_request(self, request: Request, payload: bytes) -> None:
        known = messages(self.version).get(request.action)
        if request.service is not self._service or request.identity != self.identity:
            self._violated(f"{request.action} for {request.identity!r} in OCPP {request.service.version}")
        elif known is None or known.sender not in (Sender.CSMS, Sender.BOTH):
            self._violated(f"{request.action}, which a CSMS does not send in OCPP {self.version}")
        else:
            self._hold_to_schema(request.action, payload, is_response=False)
        for oddness in request.oddnesses:
            self._violated(f"{request.action}Request: {oddness.detail}")

    def _hold_to_schema(self, action: str, payload: bytes, *, is_response: bool) -> None:
        try:
            codec.read_native(self.version, action, payload, response=is_response)
        except codec.SchemaViolation as breach:
            self._violated(f"{action}{'Response' if is_response else 'Request'}: {breach}")

    def _violated(self, what: str) -> None:
        self.violations.append(what)
