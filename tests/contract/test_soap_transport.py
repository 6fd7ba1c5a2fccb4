"""What those who post SOAP, and those who answer, may rely on, over each engine."""

import asyncio
import gzip
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from stationmaster.transport.callback_address import Reach
from stationmaster.transport.errors import NoReply, Unreached
from stationmaster.transport.http_server import serve_http
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.soap_client import MAX_ANSWER_BYTES, SoapClient
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

TYPE = 'application/soap+xml; charset=utf-8; action="/Heartbeat"'
HEADERS = {"Content-Type": TYPE}
HERE = Reach(loopback=True)
Answer = Callable[[SoapRequest], Awaitable[SoapReply]]


class Sockets:
    nobody = "http://127.0.0.1:1/soap"

    def __init__(self) -> None:
        self.server: Any = None
        self.client: Any = SoapClient(reach=HERE)

    async def serve(self, route: SoapRoute) -> None:
        self.server = await serve_http([route.on()], "127.0.0.1", 0)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"


class Memory:
    nobody = "http://nobody.test/soap"

    def __init__(self) -> None:
        self.network = MemoryHttp()
        self.server: Any = None
        self.client: Any = self.network.client("127.0.0.1", HERE)

    async def serve(self, route: SoapRoute) -> None:
        self.server = self.network.serve("csms.test:9001", route)

    def url(self, path: str) -> str:
        return f"http://csms.test:9001{path}"


class Site:
    """One server that does as it is told, and who posts to it."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.seen: list[SoapRequest] = []
        self.finished = 0
        self.answer: Answer = self.echo

    async def open(self, **kwargs: Any) -> None:
        async def answer(request: SoapRequest) -> SoapReply:
            self.seen.append(request)
            reply = await self.answer(request)
            self.finished += 1
            return reply

        await self.engine.serve(SoapRoute(answer, **kwargs))

    async def echo(self, request: SoapRequest) -> SoapReply:
        return SoapReply(status=200, body=request.body, headers={"X-Said": "yes"})

    async def line(self, path: str = "/soap", *, fresh: bool = False) -> Any:
        return await self.engine.client.connect(self.engine.url(path), fresh=fresh)

    async def post(self, body: bytes = b"<x/>", path: str = "/soap", timeout_s: float = 5.0, **headers: str) -> Any:
        given = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await (await self.line(path)).post(given, body, timeout_s)


@pytest.fixture(params=[Sockets, Memory], ids=["sockets", "memory"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    made = Site(request.param())
    yield made
    await made.engine.client.close()
    if made.engine.server is not None:
        await made.engine.server.close()


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.005)


async def test_an_envelope_goes_there_and_one_comes_back(site: Site) -> None:
    await site.open()
    status, headers, body = await site.post("<ü/>".encode(), "/soap/acme/v1.5?x=1")
    assert (status, headers["x-said"], body) == (200, "yes", "<ü/>".encode())
    (seen,) = site.seen
    assert (seen.tenant, seen.version, seen.path, seen.remote_address) == (
        "acme",
        "1.5",
        "/soap/acme/v1.5",
        "127.0.0.1",
    )
    assert (seen.media_type, seen.charset, seen.http_action) == ("application/soap+xml", "utf-8", "/Heartbeat")


async def test_credentials_arrive(site: Site) -> None:
    await site.open()
    await site.post(Authorization="Basic " + b64encode(b"CS1:secret").decode())
    await site.post(Authorization="Basic ???")
    assert [each.basic_auth for each in site.seen] == [(b"CS1", b"secret"), None]
    assert [each.authorization_malformed for each in site.seen] == [False, True]


@pytest.mark.parametrize("length", [1, 1024, 200_000])
async def test_bodies_come_through_whole_whether_compressed_on_the_way_or_not(site: Site, length: int) -> None:
    await site.open()
    body = bytes(number * number % 251 for number in range(length))
    assert (await site.post(body))[2] == body
    assert (await site.post(gzip.compress(body), Content_Encoding="gzip"))[2] == body


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 500, 503])
async def test_any_status_is_an_answer_and_nothing_is_followed(site: Site, status: int) -> None:
    async def answer(request: SoapRequest) -> SoapReply:
        return SoapReply(status=status, body=b"<Fault/>", headers={"Location": site.engine.url("/soap/other")})

    site.answer = answer
    await site.open()
    got = await site.post()
    assert (got[0], got[2], len(site.seen)) == (status, b"<Fault/>", 1)


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/soap/a/b/c", {}, b"", 404),
        ("/soap", {"Content_Type": "text/plain"}, b"", 415),
        ("/soap", {"Content_Encoding": "br"}, b"", 415),
        ("/soap", {"Content_Encoding": "gzip"}, b"garbage", 400),
        ("/soap", {}, b"x" * 1001, 413),
        ("/soap", {"Content_Encoding": "gzip"}, gzip.compress(b"x" * 1001, mtime=0), 413),
    ],
)
async def test_what_http_refuses_never_gets_to_the_answerer(
    site: Site, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    await site.open(max_body_bytes=1000)
    assert (await site.post(body, path, **headers))[0] == status
    assert site.seen == []


async def test_a_mistake_of_the_answerer_is_500(site: Site) -> None:
    async def answer(request: SoapRequest) -> SoapReply:
        raise RuntimeError("a mistake of ours")

    site.answer = answer
    await site.open()
    assert (await site.post())[0] == 500


async def test_where_nobody_listens_nothing_is_sent(site: Site) -> None:
    with pytest.raises(Unreached):
        await site.engine.client.connect(site.engine.nobody)


@pytest.mark.parametrize("address", ["", "ftp://x/", "http://user:pw@x/", "http://x:0/", "http://169.254.169.254/"])
async def test_what_is_no_address_to_call_is_not_called(site: Site, address: str) -> None:
    with pytest.raises(Unreached):
        await site.engine.client.connect(address)


async def test_a_line_is_good_for_one_post(site: Site) -> None:
    await site.open()
    line = await site.line()
    await line.post(HEADERS, b"<x/>", 5)
    with pytest.raises(RuntimeError):
        await line.post(HEADERS, b"<x/>", 5)
    unused = await site.line()
    unused.close()
    unused.close()
    with pytest.raises(RuntimeError):
        await unused.post(HEADERS, b"<x/>", 5)
    assert len(site.seen) == 1


async def test_no_answer_in_time_is_no_reply_and_the_other_side_goes_on(site: Site) -> None:
    go_on = asyncio.Event()

    async def answer(request: SoapRequest) -> SoapReply:
        await go_on.wait()
        return SoapReply(status=200)

    site.answer = answer
    await site.open()
    with pytest.raises(NoReply):
        await site.post(timeout_s=0.05)
    go_on.set()
    await until(lambda: site.finished == 1)


async def test_an_answer_that_is_too_long_is_no_reply(site: Site) -> None:
    async def answer(request: SoapRequest) -> SoapReply:
        return SoapReply(status=200, body=b"x" * (MAX_ANSWER_BYTES + 1))

    site.answer = answer
    await site.open()
    with pytest.raises(NoReply):
        await site.post()


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_an_answer_that_does_not_decode_is_no_reply(site: Site, coding: str) -> None:
    async def answer(request: SoapRequest) -> SoapReply:
        return SoapReply(status=200, body=b"garbage", headers={"Content-Encoding": coding})

    site.answer = answer
    await site.open()
    with pytest.raises(NoReply):
        await site.post()


async def test_posts_may_overtake_each_other(site: Site) -> None:
    go_on = asyncio.Event()

    async def answer(request: SoapRequest) -> SoapReply:
        if request.body == b"<first/>":
            await go_on.wait()
        return SoapReply(status=200, body=request.body)

    site.answer = answer
    await site.open()
    first = asyncio.ensure_future(site.post(b"<first/>"))
    await until(lambda: len(site.seen) == 1)
    assert (await site.post(b"<second/>"))[2] == b"<second/>"
    go_on.set()
    assert (await first)[2] == b"<first/>"


async def test_a_hundred_posts_at_once_get_each_its_own_answer(site: Site) -> None:
    await site.open()
    bodies = [f"<x>{number}</x>".encode() for number in range(100)]
    assert [each[2] for each in await asyncio.gather(*map(site.post, bodies))] == bodies


async def test_a_closing_server_answers_what_it_began_and_takes_no_more(site: Site) -> None:
    go_on = asyncio.Event()

    async def answer(request: SoapRequest) -> SoapReply:
        await go_on.wait()
        return SoapReply(status=200, body=b"<done/>")

    site.answer = answer
    await site.open()
    under_way = asyncio.ensure_future(site.post())
    await until(lambda: len(site.seen) == 1)
    closing = asyncio.ensure_future(site.engine.server.close())
    await asyncio.sleep(0.02)
    with pytest.raises(Unreached):
        await site.line(fresh=True)
    go_on.set()
    assert (await under_way)[2] == b"<done/>"
    await closing
    with pytest.raises(Unreached):
        await site.post()


async def test_a_line_whose_server_went_away_says_that_nothing_was_sent(site: Site) -> None:
    await site.open()
    line = await site.line()
    await site.engine.server.close()
    await asyncio.sleep(0.02)
    with pytest.raises(Unreached):
        await line.post(HEADERS, b"<x/>", 5)
    assert site.seen == []
