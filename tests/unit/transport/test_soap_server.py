"""What a POST of SOAP carries, read and answered without a socket."""

import asyncio
import gzip
import zlib
from base64 import b64encode
from typing import Any

import pytest

from stationmaster.ocpp.version import Version
from stationmaster.transport import soap_server
from stationmaster.transport.http_messages import Refused, Reply, request_head
from stationmaster.transport.soap_path import SoapPath, any_path
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

TYPE = 'application/soap+xml; charset=utf-8; action="/Heartbeat"'
ENVELOPE = b"<Envelope/>"
REPLY = SoapReply(status=200, body=b"<Answer/>")


class Answerer:
    def __init__(self, reply: SoapReply = REPLY) -> None:
        self.reply = reply
        self.asked: list[SoapRequest] = []

    async def __call__(self, request: SoapRequest) -> SoapReply:
        self.asked.append(request)
        return self.reply


def contract(place: SoapPath) -> bytes | None:
    return f"<definitions for='{place.tenant} {place.version}'/>".encode() if place.tenant != "nowhere" else None


class Desk:
    """A route, and what its answerer saw."""

    def __init__(self, reply: SoapReply = REPLY) -> None:
        self.answerer = Answerer(reply)
        self.route = SoapRoute(self.answerer, contract=contract, max_body_bytes=5000)
        self.reads = 0

    async def ask(
        self, target: str = "/soap", body: bytes = ENVELOPE, method: str = "POST", **headers: str | None
    ) -> Reply:
        given = {"content_type": TYPE, **headers}
        lines = [(name.replace("_", "-"), value) for name, value in given.items() if value is not None]

        async def read() -> bytes:
            self.reads += 1
            return body

        return await self.route.respond(request_head(method, target, lines, "192.0.2.7"), read)

    async def refused(self, *args: str, **kwargs: str | None) -> Refused:
        with pytest.raises(Refused) as refused:
            await self.ask(*args, **kwargs)  # type: ignore[arg-type]
        assert self.answerer.asked == []
        return refused.value

    @property
    def seen(self) -> SoapRequest:
        (request,) = self.answerer.asked
        return request


async def test_a_body_that_does_not_come_keeps_its_place_for_so_long_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soap_server, "BODY_S", 0.01)

    async def never() -> bytes:
        await asyncio.Event().wait()
        return b""

    desk = Desk()
    with pytest.raises(Refused) as refused:
        await desk.route.respond(request_head("POST", "/soap", [("content-type", TYPE)], "192.0.2.7"), never)
    assert refused.value.status == 408
    assert desk.answerer.asked == []


async def test_an_envelope_is_handed_on_with_what_http_says_of_it() -> None:
    desk = Desk()
    reply = await desk.ask("/soap/acme/v1.5?x=1")
    seen = desk.seen
    assert (seen.tenant, seen.version, seen.path) == ("acme", Version.V15, "/soap/acme/v1.5")
    assert (seen.body, seen.media_type, seen.charset, seen.http_action) == (
        ENVELOPE,
        "application/soap+xml",
        "utf-8",
        "/Heartbeat",
    )
    assert (seen.basic_auth, seen.authorization_malformed, seen.remote_address) == (None, False, "192.0.2.7")
    assert reply == Reply(
        status=200, headers=((b"content-type", b"application/soap+xml; charset=utf-8"),), body=b"<Answer/>"
    )


@pytest.mark.parametrize(
    ("content_type", "soap_action", "media_type", "charset", "action"),
    [
        ("application/soap+xml", None, "application/soap+xml", None, None),
        ("Application/SOAP+XML;charset=UTF-16", None, "application/soap+xml", "UTF-16", None),
        (
            'application/soap+xml; Action = "urn://a;b" ; charset="utf-8"',
            None,
            "application/soap+xml",
            "utf-8",
            "urn://a;b",
        ),
        ("application/soap+xml;action=/Heartbeat;charset=utf-8", None, "application/soap+xml", "utf-8", "/Heartbeat"),
        ("text/xml; charset=utf-8", '"/Heartbeat"', "text/xml", "utf-8", "/Heartbeat"),
        ("application/xml", '""', "application/xml", None, None),
        ('application/soap+xml; action="', None, "application/soap+xml", None, None),
        ('application/soap+xml; action="/A"', "/B", "application/soap+xml", None, "/A"),
    ],
)
async def test_the_field_writes_content_types_in_many_ways(
    content_type: str, soap_action: str | None, media_type: str, charset: str | None, action: str | None
) -> None:
    desk = Desk()
    await desk.ask(content_type=content_type, SOAPAction=soap_action)
    assert (desk.seen.media_type, desk.seen.charset, desk.seen.http_action) == (media_type, charset, action)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "application/soap+xmlx", "multipart/related", "", None, "text/xml, text/plain"],
)
async def test_what_is_not_xml_is_refused_unread(content_type: str | None) -> None:
    desk = Desk()
    assert (await desk.refused(content_type=content_type)).status == 415
    assert desk.reads == 0


async def test_credentials_are_handed_on_as_bytes_and_never_shown() -> None:
    desk = Desk()
    await desk.ask(authorization="Basic " + b64encode(b"CS1:\xffse:cret").decode())
    assert desk.seen.basic_auth == (b"CS1", b"\xffse:cret")
    assert "cret" not in repr(desk.seen)


@pytest.mark.parametrize("authorization", ["Bearer x", "Basic ***", "Basic " + b64encode(b"nocolon").decode()])
async def test_credentials_that_cannot_be_read_are_said_to_be_so(authorization: str) -> None:
    desk = Desk()
    await desk.ask(authorization=authorization)
    assert (desk.seen.basic_auth, desk.seen.authorization_malformed) == (None, True)


@pytest.mark.parametrize(("coding", "write"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_compressed_envelope_is_read(coding: str, write: object) -> None:
    desk = Desk()
    await desk.ask(body=write(ENVELOPE), content_encoding=coding)  # type: ignore[operator]
    assert desk.seen.body == ENVELOPE


@pytest.mark.parametrize(
    ("body", "coding", "status"),
    [(gzip.compress(b"x" * 5001, mtime=0), "gzip", 413), (b"garbage", "gzip", 400), (ENVELOPE, "br", 415)],
)
async def test_a_body_that_does_not_unfold_within_its_bound_is_refused(body: bytes, coding: str, status: int) -> None:
    desk = Desk()
    with pytest.raises(Refused) as refused:
        await desk.ask(body=body, content_encoding=coding)
    assert (refused.value.status, desk.answerer.asked) == (status, [])


@pytest.mark.parametrize("target", ["/soap/a/b/c", "/soap/v9.9", "/soap/a%20b"])
async def test_where_no_tenant_and_version_is_named_there_is_nothing(target: str) -> None:
    desk = Desk()
    assert (await desk.refused(target)).status == 404
    assert desk.reads == 0


@pytest.mark.parametrize(
    ("method", "allow"), [("PUT", b"GET, POST"), ("DELETE", b"GET, POST"), ("HEAD", b"GET, POST"), ("GET", b"POST")]
)
async def test_only_post_is_spoken_and_get_for_the_contract(method: str, allow: bytes) -> None:
    refused = await Desk().refused(method=method)
    assert (refused.status, refused.headers) == (405, ((b"allow", allow),))


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"method": "GET"}, "?wsdl"),
        ({"method": "PUT"}, "SOAP 1.2"),
        ({"target": "/soap/v2.0"}, "/v1.6"),
        ({"content_type": "application/json"}, "application/soap+xml"),
        ({"content_encoding": "br"}, "gzip"),
        ({"content_encoding": "gzip"}, "Content-Encoding"),
        ({"body": gzip.compress(b"x" * 5001), "content_encoding": "gzip"}, "5000 bytes"),
    ],
)
async def test_who_does_it_wrong_is_told_how_it_is_done(wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused) as refused:
        await Desk().ask(**wrong)
    reply = refused.value.reply("POST")
    assert word in reply.body.decode()
    assert dict(reply.headers)[b"content-type"] == b"text/plain; charset=utf-8"
    assert refused.value.reply("HEAD").body == b""


@pytest.mark.parametrize("target", ["/soap/acme/v1.5?wsdl", "/soap/acme/v1.5?WSDL", "/soap/acme/v1.5/wsdl"])
async def test_the_contract_is_shown_to_who_asks(target: str) -> None:
    desk = Desk()
    reply = await desk.ask(target, method="GET", content_type=None)
    assert (reply.status, reply.body) == (200, b"<definitions for='acme 1.5'/>")
    assert dict(reply.headers)[b"content-type"].startswith(b"text/xml")
    assert desk.answerer.asked == []


async def test_where_there_is_no_contract_there_is_nothing() -> None:
    assert (await Desk().refused("/soap/nowhere?wsdl", method="GET")).status == 404
    with pytest.raises(Refused):
        await SoapRoute(Answerer()).respond(request_head("GET", "/soap?wsdl", ()), lambda: pytest.fail("read"))


async def test_what_the_answerer_says_of_its_reply_wins() -> None:
    said = {"Content-Type": 'application/soap+xml; action="/HeartbeatResponse"', "Retry-After": "30"}
    reply = await Desk(SoapReply(status=503, body=b"<Fault/>", headers=said)).ask()
    assert (reply.status, dict(reply.headers)) == (
        503,
        {b"content-type": b'application/soap+xml; action="/HeartbeatResponse"', b"retry-after": b"30"},
    )


async def test_who_is_not_let_in_is_told_what_to_show() -> None:
    reply = await Desk(SoapReply(status=401, body=b"<Fault/>")).ask()
    assert dict(reply.headers)[b"www-authenticate"] == b'Basic realm="OCPP"'


async def test_a_long_reply_is_compressed_for_who_asked() -> None:
    desk = Desk(SoapReply(status=200, body=b"x" * 2000))
    reply = await desk.ask(accept_encoding="gzip, deflate")
    assert gzip.decompress(reply.body) == b"x" * 2000
    assert dict(reply.headers)[b"content-encoding"] == b"gzip"
    assert (await desk.ask()).body == b"x" * 2000


async def test_a_stations_listener_takes_any_path() -> None:
    answerer = Answerer()
    route = SoapRoute(answerer, place_of=any_path)

    async def read() -> bytes:
        return ENVELOPE

    await route.respond(request_head("POST", "/what/ever/v9.9", [("content-type", TYPE)]), read)
    assert (answerer.asked[0].path, answerer.asked[0].tenant) == ("/what/ever/v9.9", "default")


def test_as_a_listeners_route_it_stands_under_soap_unless_told_otherwise() -> None:
    route = SoapRoute(Answerer(), max_body_bytes=77)
    assert (route.on().prefixes, route.on().max_body_bytes) == (("/soap",), 77)
    assert route.on("/", max_at_once=3, request_s=4).prefixes == ("/",)
