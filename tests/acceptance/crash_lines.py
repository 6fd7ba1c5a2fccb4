"""The lines of recording stations, foreign on both transports: what is wrong on both of our sides would not be seen."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from stationmaster.ocpp.version import Version

Payload = dict[str, Any]
LOST = (OSError, EOFError, WebSocketException)
"""What a line raises that is no more."""
ANSWER_TIMEOUT_S = 10.0


class Line(Protocol):
    async def ask(self, action: str, payload: Payload) -> Payload:
        """The answer. Fails where it is none, or another's."""
        ...

    async def tell(self, action: str, payload: Payload) -> None:
        """Send it, and look at nothing that comes."""
        ...

    def cut(self) -> None: ...


OpenLine = Callable[[], Awaitable[Line]]


# WebSocket ------------------------------------------------------------------------------------------------------------


class JsonLine:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = count(1)

    async def ask(self, action: str, payload: Payload) -> Payload:
        sent = await self._send(action, payload)
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            kind, message_id, *rest = json.loads(await self._socket.recv())
        assert kind == 3 and message_id == sent, f"{action} {payload} got {kind} {message_id} {rest}"
        answer: Payload = rest[0]
        return answer

    async def tell(self, action: str, payload: Payload) -> None:
        await self._send(action, payload)

    def cut(self) -> None:
        self._socket.transport.abort()

    async def _send(self, action: str, payload: Payload) -> str:
        message_id = str(next(self._ids))
        await self._socket.send(json.dumps([2, message_id, action, payload]))
        return message_id


async def json_line(url: str, identity: str, version: Version) -> Line:
    socket = await connect(
        f"{url}/{identity}", subprotocols=[version.subprotocol], compression=None, ping_interval=None, proxy=None
    )
    return JsonLine(socket)


# SOAP -----------------------------------------------------------------------------------------------------------------

NAMESPACES = {
    Version.V12: "urn://Ocpp/Cs/2010/08/",
    Version.V15: "urn://Ocpp/Cs/2012/06/",
    Version.V16S: "urn://Ocpp/Cs/2015/10/",
}
ENVELOPE = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" '
    'xmlns="{namespace}"><e:Header><chargeBoxIdentity>{identity}</chargeBoxIdentity><a:Action>/{action}</a:Action>'
    "<a:MessageID>{message_id}</a:MessageID></e:Header><e:Body><{element}>{body}</{element}></e:Body></e:Envelope>"
)
_FIRST = ("connectorId", "transactionId", "idTag", "timestamp", "meterStart", "meterStop", "reason")
"""The order of elements in every message that recording stations send; what is not here comes after, as it stands."""


class SoapLine:
    """A connection that is kept for one envelope after another."""

    def __init__(self, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], identity: str, version: Version):
        self._reader, self._writer = streams
        self._identity = identity
        self._version = version

    async def ask(self, action: str, payload: Payload) -> Payload:
        sent = self._send(action, payload)
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            status, body = await self._answer()
        if status == 503:  # it ends, and takes nothing more
            raise ConnectionError(f"{action} was answered with {status}")
        assert status == 200, f"{action} {payload} got {status} {body!r}"
        found = {each.tag.rpartition("}")[2]: each.text or "" for each in ElementTree.fromstring(body).iter()}
        assert found.get("RelatesTo") == sent and f"{_element(action)}Response" in found, body
        return found

    async def tell(self, action: str, payload: Payload) -> None:
        self._send(action, payload)
        await self._writer.drain()

    def cut(self) -> None:
        self._writer.transport.abort()

    def _send(self, action: str, payload: Payload) -> str:
        message_id = f"urn:uuid:{uuid4()}"
        body = ENVELOPE.format(
            namespace=NAMESPACES[self._version],
            identity=self._identity,
            action=action,
            message_id=message_id,
            element=f"{_element(action)}Request",
            body=_xml(payload),
        ).encode()
        head = (
            "POST /soap HTTP/1.1\r\nHost: csms\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        return message_id

    async def _answer(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await self._reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.cut()
        return int(head[0].split()[1]), body


async def soap_line(url: str, identity: str, version: Version) -> Line:
    place = urlsplit(url)
    return SoapLine(await asyncio.open_connection(place.hostname, place.port), identity, version)


def _element(action: str) -> str:
    return action[0].lower() + action[1:]


def _xml(payload: Payload) -> str:
    names = sorted(payload, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    return "".join(f"<{name}>{_inner(payload[name])}</{name}>" for name in names)


def _inner(value: Any) -> str:
    return _xml(value) if isinstance(value, dict) else escape(str(value))
