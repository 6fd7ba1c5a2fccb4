"""The two ends of a dialogue in SOAP, made of zeep: a client as it comes, and a server of its parts, as it has none.

Nothing of ours reads or writes here; both ends hold all that passes against the schema in the WSDL, and what is ours
against the rules for WS-Addressing as well.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import requests
from lxml import etree
from lxml.builder import ElementMaker
from zeep import Client, Plugin, Transport
from zeep.helpers import serialize_object
from zeep_contracts import ANONYMOUS, ENV, WSA, Contract

from stationmaster.ocpp.version import Version

WAIT_S = 10
_WSA = ElementMaker(namespace=WSA[1:-1], nsmap={"wsa": WSA[1:-1]})
_MUST = f"{ENV}mustUnderstand"


def plain(told: Any) -> Any:
    """What zeep has read or was given, in the JSON form of the version's messages."""
    match told:
        case Mapping():
            named = {("value" if name == "_value_1" else name): plain(each) for name, each in told.items()}
            return {name: each for name, each in named.items() if each not in (None, [])}
        case list():
            return [plain(each) for each in told]
        case datetime():
            assert told.tzinfo is not None
            return told.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Decimal():
            return float(told)
    return told


class _Headers(Plugin):
    """Adds the headers that zeep leaves out, and looks at those of the answers. ``says_from``: where the client's own
    side listens."""

    def __init__(self, contract: Contract, says_from: str) -> None:
        self._contract = contract
        self._says_from = says_from

    def egress(self, envelope: Any, http_headers: Any, operation: Any, binding_options: Any) -> Any:
        header = envelope.find(f"{ENV}Header")
        header.append(_WSA.From(_WSA.Address(self._says_from)))
        header.append(_WSA.ReplyTo(_WSA.Address(ANONYMOUS)))
        if self._contract.version is Version.V16S:
            for name in (f"{{{self._contract.namespace}}}chargeBoxIdentity", f"{WSA}Action", f"{WSA}To"):
                header.find(name).set(_MUST, "true")
        self._contract.check(envelope)
        self._asked = header.findtext(f"{WSA}MessageID")
        return envelope, http_headers

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> Any:
        self._contract.check(envelope)
        header = envelope.find(f"{ENV}Header")
        assert header.findtext(f"{WSA}RelatesTo") == self._asked
        assert header.findtext(f"{WSA}To") == ANONYMOUS
        assert http_headers["Content-Type"].startswith("application/soap+xml; charset=utf-8")
        if envelope.find(f"{ENV}Body/{ENV}Fault") is None:
            assert header.findtext(f"{WSA}Action") == f"/{operation.name}Response"
        return envelope, http_headers


class ZeepClient:
    """Calls the other side, at ``url``, about a station."""

    def __init__(self, contract: Contract, url: str, identity: str, says_from: str) -> None:
        self._identity = identity
        self._session = requests.Session()
        self._session.trust_env = False
        client = Client(
            contract.document, transport=Transport(session=self._session), plugins=[_Headers(contract, says_from)]
        )
        self._service = client.create_service(contract.binding_name, url)

    async def ask(self, action: str, request: Mapping[str, Any]) -> Any:
        """What comes back, in plain form: as zeep has it, without the one element around it that an answer may have.

        Raises zeep's Fault.
        """
        told = {name: _with_text(each) for name, each in request.items()}
        headers = {"ChargeBoxIdentity": self._identity}
        answer = await asyncio.to_thread(self._service[action], _soapheaders=headers, **told)
        return plain(serialize_object(answer, dict))

    def close(self) -> None:
        self._session.close()


def _with_text(told: Any) -> Any:
    """As zeep takes it: the text of an element with attributes, 1.5's values, has a name of its own there."""
    match told:
        case {"timestamp": _, "value": [*samples]}:
            renamed = [
                {("_value_1" if name == "value" else name): text for name, text in each.items()} for each in samples
            ]
            return {**told, "value": renamed}
        case Mapping():
            return {name: _with_text(each) for name, each in told.items()}
        case list():
            return [_with_text(each) for each in told]
    return told


class ZeepServer:
    """Answers the other side by a table, which tests may change. ``wrong``: what broke a rule, for whoever looks."""

    def __init__(self, contract: Contract, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self.answers = dict(answers)
        self.url = ""
        self.wrong: list[str] = []
        self._contract = contract
        self._heard: list[tuple[str, Any]] = []
        self._by_element = {each.input.body.qname.text: each for each in contract.operations.values()}

    def heard(self, action: str) -> list[Any]:
        """What was said of an action so far, in plain form."""
        return [told for said, told in self._heard if said == action]

    async def told(self, action: str, number: int = 1, **wanted: Any) -> Any:
        """The first, or a later one, of those with all that is wanted in it, as soon as it was said."""
        async with asyncio.timeout(WAIT_S):
            while len(fitting := [told for told in self.heard(action) if wanted.items() <= told.items()]) < number:
                assert self.wrong == []
                await asyncio.sleep(0.01)
        return fitting[number - 1]

    def answer(self, content_type: str, document: bytes) -> tuple[int, bytes]:
        """The status and the envelope that go back; called in the thread of a connection."""
        try:
            return 200, self._answer(content_type, document)
        except Exception as error:
            self.wrong.append(f"{error!r}: {document.decode(errors='replace')}")
            return 500, b""

    def _answer(self, content_type: str, document: bytes) -> bytes:
        envelope = etree.fromstring(document)
        self._contract.check(envelope)
        (content,) = envelope.find(f"{ENV}Body")
        operation = self._by_element[str(content.tag)]
        self._look_at(envelope.find(f"{ENV}Header"), content_type, operation.name)
        asked = operation.input.deserialize(envelope)
        self._heard.append((operation.name, plain(serialize_object(asked.body, dict)) or {}))
        reply = operation.output.serialize(**_with_text(self.answers[operation.name])).content
        header = etree.Element(f"{ENV}Header")
        header.append(_WSA.Action(f"/{operation.name}Response"))
        header.append(_WSA.MessageID(f"urn:uuid:{uuid4()}"))
        header.append(_WSA.RelatesTo(envelope.findtext(f"{ENV}Header/{WSA}MessageID")))
        header.append(_WSA.To(ANONYMOUS))
        reply.insert(0, header)
        self._contract.check(reply)
        return bytes(etree.tostring(reply, xml_declaration=True, encoding="utf-8"))

    def _look_at(self, header: Any, content_type: str, action: str) -> None:
        assert header.findtext(f"{WSA}Action") == f"/{action}"
        assert header.findtext(f"{WSA}MessageID").startswith("urn:uuid:")
        assert header.findtext(f"{WSA}To") == self.url
        assert header.findtext(f"{WSA}From/{WSA}Address").startswith("http://127.0.0.1:")
        assert header.findtext(f"{WSA}ReplyTo/{WSA}Address") == ANONYMOUS
        assert content_type == f'application/soap+xml; charset=utf-8; action="/{action}"'
        if self._contract.version is Version.V16S:
            must = (f"{{{self._contract.namespace}}}chargeBoxIdentity", f"{WSA}Action", f"{WSA}To", f"{WSA}ReplyTo")
            assert all(header.find(name).get(_MUST) == "true" for name in must)


@contextmanager
def listening(contract: Contract, answers: Mapping[str, Mapping[str, Any]]) -> Iterator[ZeepServer]:
    """At a free port of this machine, until the end."""
    server = ZeepServer(contract, answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, document = server.answer(self.headers["Content-Type"], body)
            self.send_response(status)
            self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}/ocpp"
        http.daemon_threads, http.block_on_close = True, False
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
