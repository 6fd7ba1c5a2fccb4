"""The scripted Central System over SOAP: HTTP in memory both ways, in the words of 1.6 wherever a test looks."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from itertools import count
from typing import Any

import msgspec
from scripted_csms import ANSWER_WITHIN_S, Answer, Call, CallError, Payload, ScriptedCsms

from stationmaster.clock.virtual import VirtualClock
from stationmaster.ocpp.errors import OCPPError
from stationmaster.ocpp.messages import Sender
from stationmaster.ocpp.soap import writing
from stationmaster.ocpp.soap.answers import read_answer
from stationmaster.ocpp.soap.envelope import Request, read_request
from stationmaster.ocpp.soap.faults import Fault, fault_of
from stationmaster.ocpp.soap.payload import to_element, to_payload
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.upgrade import lift, lower
from stationmaster.ocpp.version import Version
from stationmaster.station.connection.lines import SoapPlace
from stationmaster.station.connection.soap_listener import SoapListener
from stationmaster.transport.memory_http import MemoryHttp, MemoryHttpServer
from stationmaster.transport.soap_path import any_path
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

IDENTITY = "S1"
CSMS, POST = "csms.test", "post.test"
CSMS_URL, CALLBACK_URL = f"http://{CSMS}/soap", f"http://{POST}/{IDENTITY}"


class ScriptedSoapCsms(ScriptedCsms):
    """What it hears is held to its version's own schema and lifted; what it says is lowered. There is no line to lose:
    ``drop`` is that it does not answer HTTP any more, which a station notices when it next has something to say."""

    def __init__(self, version: Version, clock: VirtualClock, script: dict[str, Callable[[Payload], Answer]]) -> None:
        super().__init__(version, clock, script)
        self._service = SERVICES[version]
        self._http = MemoryHttp()
        self._client = self._http.client()
        self._listener = SoapListener()
        self._servers: list[MemoryHttpServer] = []
        self._told: dict[str, Payload | CallError] = {}
        self._numbers = count(1)

    # The line ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def listen(self) -> None:
        """Be there, and the station's listener too."""
        if not self._servers:
            routes = {CSMS: SoapRoute(self._on_post), POST: SoapRoute(self._at_station, place_of=any_path)}
            self._servers = [self._http.serve(authority, route) for authority, route in routes.items()]

    async def close(self) -> None:
        """Answer nobody any more: not even those that the script lets wait."""
        for server in self._servers:
            await server.close()

    def place(self) -> SoapPlace:
        """For the station: where it finds this, and where it is called."""
        return SoapPlace(csms_url=CSMS_URL, client=self._client, listener=self._listener, callback_url=CALLBACK_URL)

    def drop(self, *, and_refuse: bool = True) -> None:
        self.reachable = not and_refuse
        if and_refuse:
            self._http.refuse(CSMS)
        self._http.cut(CSMS)
        self.lost_at.append(self.clock.monotonic())

    def accept(self) -> None:
        self.reachable = True
        self._http.restore(CSMS)

    # Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, action: str, payload: Payload) -> Payload:
        """Post a request and return the answer. Raises CallError for a fault, TimeoutError."""
        message_id = self._new_id()
        asked = msgspec.json.encode(lower(self.version, action, False, deepcopy(payload)))
        body = to_element(self._service, action, False, asked, self._service.cp_ns)
        headers = writing.request_headers(action, message_id, CALLBACK_URL)
        line = await self._client.connect(CALLBACK_URL)
        document = writing.write_request(self._service, body, IDENTITY, headers)
        await line.post({"Content-Type": writing.content_type(f"/{action}")}, document, ANSWER_WITHIN_S)
        told = self._told.pop(message_id)
        if isinstance(told, CallError):
            raise told
        return told

    async def _at_station(self, posted: SoapRequest) -> SoapReply:
        """The station's listener. Its answers are heard as they leave it: what follows them is posted apart."""
        sent = await self._listener.answer(posted)
        asked = read_request(posted.body, Sender.CSMS, charset=posted.charset, http_action=posted.http_action)
        self._told[str(asked.addressing.message_id)] = self._heard_answer(asked, sent.body)
        return SoapReply(status=sent.status, body=sent.body, headers={"Content-Type": sent.content_type})

    def _heard_answer(self, asked: Request, document: bytes) -> Payload | CallError:
        read = read_answer(document, self._service, asked.action, message_id=asked.addressing.message_id)
        self.violations += [f"{asked.action}Response: {oddness.detail}" for oddness in read.oddnesses]
        if isinstance(read.content, Fault):
            return CallError(read.content.word)
        answer = self._lifted(asked.action, True, to_payload(self._service, asked.action, True, read.content))
        self.heard.append(Call(self.clock.monotonic(), asked.action, answer, is_answer=True))
        return answer

    # Listening ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _on_post(self, posted: SoapRequest) -> SoapReply:
        request = read_request(posted.body, Sender.STATION, charset=posted.charset, http_action=posted.http_action)
        self._check_headers(request)
        payload = self._lifted(request.action, False, to_payload(self._service, request.action, False, request.body))
        self.heard.append(Call(self.clock.monotonic(), request.action, payload))
        answer = self.script[request.action](payload)
        if answer is None:
            return await asyncio.get_running_loop().create_future()
        if isinstance(answer, CallError):
            fault = fault_of(OCPPError.received(answer.code, "", {}))
            return SoapReply(status=500, body=writing.write_refusal(request.reply, fault, self._new_id()))
        told = msgspec.json.encode(lower(self.version, request.action, True, deepcopy(answer)))
        body = to_element(self._service, request.action, True, told, request.reply.namespace)
        return SoapReply(status=200, body=writing.write_response(request.reply, request.action, body, self._new_id()))

    def _check_headers(self, request: Request) -> None:
        message_id, told_from = request.addressing.message_id, request.addressing.from_address
        wrong = [oddness.detail for oddness in request.oddnesses]
        if request.service is not self._service or request.identity != IDENTITY:
            wrong.append(f"for {request.identity!r} in OCPP {request.service.version}")
        if told_from != CALLBACK_URL:
            wrong.append(f"from {told_from!r}")
        if message_id is None or message_id in self._seen_ids:
            wrong.append(f"message id {message_id!r}")
        self._seen_ids.add(str(message_id))
        self.violations += [f"{request.action}Request: {each}" for each in wrong]

    def _lifted(self, action: str, response: bool, payload: bytes) -> Payload:
        tree = msgspec.json.decode(payload, type=dict[str, Any])
        self._check_schema(action, tree, response=response)
        lifted: Payload = lift(self.version, action, response, tree)
        return lifted

    def _new_id(self) -> str:
        return f"urn:uuid:csms-{next(self._numbers)}"
