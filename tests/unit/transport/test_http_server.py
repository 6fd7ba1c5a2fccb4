"""The HTTP listener over real sockets, spoken to by hand: what it bounds, refuses and survives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
import raw_http
from raw_http import Answer, Client, hang_up

from stationmaster.transport.http_messages import Read, Refused, Reply, RequestHead
from stationmaster.transport.http_server import HttpServer, Route, serve_http, whole
from stationmaster.transport.http_wire import HttpLimits

LIMITS = HttpLimits(max_connections=8, head_s=0.4, keep_alive_s=0.4, idle_s=0.4, drain_bytes=2000, drain_s=0.4)
MAX_BODY = 100


class Handler:
    """Echoes, remembers, and does what the path says."""

    def __init__(self) -> None:
        self.heads: list[RequestHead] = []
        self.finished = 0
        self.cancelled = 0
        self.go_on = asyncio.Event()

    async def __call__(self, head: RequestHead, read: Read) -> Reply:
        self.heads.append(head)
        if head.query == "early":
            raise Refused(415)
        body = await read()
        if head.query == "fail":
            raise RuntimeError("a mistake of ours")
        if head.query == "wait":
            try:
                await self.go_on.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        self.finished += 1
        return Reply(status=200, headers=((b"x-method", head.method.encode()),), body=body)


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
async def server(handler: Handler) -> AsyncIterator[HttpServer]:
    made = await serve_http([route(handler)], "127.0.0.1", 0, limits=LIMITS)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
async def _hung_up() -> AsyncIterator[None]:
    yield
    await hang_up()


def route(handler: Handler, *, request_s: float = 1.0, max_at_once: int = 2, grace_s: float = 0.0) -> Route:
    return Route(
        prefixes=("/echo", "/also"),
        serve=whole(handler, max_at_once),
        request_s=request_s,
        max_body_bytes=MAX_BODY,
        grace_s=grace_s,
    )


async def connect(server: HttpServer) -> Client:
    return await raw_http.connect(server.port)


def post(target: str = "/echo", body: bytes = b"body", *lines: str) -> bytes:
    fields = [f"POST {target} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *lines]
    return ("\r\n".join(fields) + "\r\n\r\n").encode() + body


def raw(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join([*lines, "", ""]).encode() + body


async def ask(server: HttpServer, request: bytes) -> Answer:
    client = await connect(server)
    client.send(request)
    return await client.answer()


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.005)


# What is answered ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("target", ["/echo", "/echo/", "/echo/deeper/still", "/echo?x=1", "/also", "http://x/echo"])
async def test_a_route_answers_for_its_path_and_what_is_below_it(
    server: HttpServer, handler: Handler, target: str
) -> None:
    answer = await ask(server, post(target))
    assert (answer.status, answer.body, answer.headers["x-method"]) == (200, b"body", "POST")
    assert handler.heads[0].target == target.removeprefix("http://x")
    assert handler.heads[0].remote_address == "127.0.0.1"


@pytest.mark.parametrize("target", ["/", "/other", "/echoes", "/ECHO", "//echo", "*", "http://[/echo", "echo"])
async def test_where_no_route_is_there_is_nothing(server: HttpServer, handler: Handler, target: str) -> None:
    answer = await ask(server, post(target))
    assert (answer.status, answer.body) == (404, b"There is nothing at this path.\n")
    assert handler.heads == []


async def test_a_route_for_all_the_rest_is_asked_last(handler: Handler) -> None:
    rest = Handler()
    everything = Route(prefixes=("/",), serve=whole(rest, 1), request_s=1, max_body_bytes=9)
    server = await serve_http([everything, route(handler)], "127.0.0.1", 0, limits=LIMITS)
    try:
        for target in ("/echo", "/", "/any/where"):
            assert (await ask(server, post(target))).status == 200
    finally:
        await server.close()
    assert [len(handler.heads), len(rest.heads)] == [1, 2]


async def test_headers_are_told_in_lower_case_and_several_of_a_name_joined(
    server: HttpServer, handler: Handler
) -> None:
    await ask(server, post("/echo", b"", "X-A: 1", "X-b: ü", "x-a: 2", "Authorization: Basic c2VjcmV0"))
    assert handler.heads[0].headers["x-a"] == "1, 2"
    assert handler.heads[0].headers["x-b"].encode("latin-1").decode() == "ü"
    assert "c2VjcmV0" not in repr(handler.heads[0])


async def test_a_mistake_of_ours_is_500_and_the_connection_goes_on(server: HttpServer) -> None:
    client = await connect(server)
    client.send(post("/echo?fail"))
    assert (await client.answer()).status == 500
    client.send(post("/echo"))
    assert (await client.answer()).status == 200


# Connections ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_connection_is_kept_and_its_requests_are_answered_in_order(server: HttpServer) -> None:
    client = await connect(server)
    client.send(b"".join(post("/echo", str(number).encode()) for number in range(5)))  # without waiting between
    assert [(await client.answer()).body for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]


async def test_http_1_0_is_answered_and_hung_up_on(server: HttpServer) -> None:
    client = await connect(server)
    client.send(raw("POST /echo HTTP/1.0", "Content-Length: 4", body=b"body"))
    answer = await client.answer()
    assert (answer.status, answer.body, await client.rest()) == (200, b"body", b"")


async def test_who_asks_for_the_end_gets_it(server: HttpServer) -> None:
    client = await connect(server)
    client.send(post("/echo", b"body", "Connection: close"))
    assert (await client.answer()).headers["connection"] == "close"
    assert await client.rest() == b""


async def test_a_kept_connection_that_stays_silent_is_hung_up_on(server: HttpServer) -> None:
    client = await connect(server)
    client.send(post())
    await client.answer()
    assert await client.rest() == b""


async def test_a_client_that_asks_first_is_told_to_go_on(server: HttpServer) -> None:
    client = await connect(server)
    client.send(post("/echo", b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 4"))
    assert (await client.answer()).status == 100
    client.send(b"body")
    assert (await client.answer()).body == b"body"


@pytest.mark.parametrize(
    ("target", "length", "status"), [("/echo", 101, 413), ("/echo?early", 5, 415), ("/no", 5, 404)]
)
async def test_a_client_that_asks_first_is_refused_before_it_sends_anything(
    server: HttpServer, target: str, length: int, status: int
) -> None:
    client = await connect(server)
    client.send(post(target, b"", "Expect: 100-continue").replace(b"Length: 0", f"Length: {length}".encode()))
    answer = await client.answer()
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    assert await client.rest() == b""


async def test_a_client_that_hangs_up_while_it_is_served_does_not_stop_what_was_begun(
    server: HttpServer, handler: Handler
) -> None:
    client = await connect(server)
    client.send(post("/echo?wait"))
    await until(lambda: len(handler.heads) == 1)
    client.writer.close()
    await asyncio.sleep(0.05)
    handler.go_on.set()
    await until(lambda: handler.finished == 1)
    assert handler.cancelled == 0


# Bounds ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_body_as_long_as_allowed_passes_and_a_longer_one_does_not(server: HttpServer, handler: Handler) -> None:
    client = await connect(server)
    client.send(post("/echo", b"x" * MAX_BODY))
    assert (await client.answer()).status == 200
    client.send(post("/echo", b"x" * (MAX_BODY + 1)))
    assert (await client.answer()).status == 413
    client.send(post("/echo"))  # the connection is as good as before
    assert (await client.answer()).status == 200
    assert len(handler.heads) == 2


async def test_a_body_that_turns_out_too_long_is_refused_on_the_way(server: HttpServer, handler: Handler) -> None:
    client = await connect(server)
    client.send(raw("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked"))
    for _ in range(6):
        client.send(b"14\r\n" + b"x" * 20 + b"\r\n")
    client.send(b"0\r\n\r\n")
    assert (await client.answer()).status == 413
    client.send(post())
    assert (await client.answer()).status == 200
    assert handler.finished == 1


async def test_chunks_within_the_bound_are_put_together(server: HttpServer) -> None:
    chunks = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    answer = await ask(server, raw("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body=chunks))
    assert (answer.status, answer.body) == (200, b"abcde")


async def test_more_at_once_than_a_route_takes_are_told_to_come_again(server: HttpServer, handler: Handler) -> None:
    waiting = [await connect(server) for _ in range(2)]
    for client in waiting:
        client.send(post("/echo?wait"))
    await until(lambda: len(handler.heads) == 2)
    late = await connect(server)
    late.send(post())
    answer = await late.answer()
    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True)
    handler.go_on.set()
    assert [(await client.answer()).status for client in waiting] == [200, 200]
    late.send(post())
    assert (await late.answer()).status == 200


async def test_halves_of_requests_keep_no_place_from_whole_ones(server: HttpServer, handler: Handler) -> None:
    for _ in range(5):
        (await connect(server)).send(post()[:-1])
    await until(lambda: len(handler.heads) == 5)
    assert (await ask(server, post())).status == 200


async def test_an_answer_that_takes_too_long_is_given_up_and_the_client_told(handler: Handler) -> None:
    server = await serve_http([route(handler, request_s=0.1)], "127.0.0.1", 0, limits=LIMITS)
    try:
        answer = await ask(server, post("/echo?wait"))
        assert (answer.status, "retry-after" in answer.headers, handler.cancelled) == (503, True, 1)
    finally:
        await server.close()


async def test_a_request_that_drips_in_is_hung_up_on_although_something_always_comes(handler: Handler) -> None:
    server = await serve_http([route(handler, request_s=0.3)], "127.0.0.1", 0, limits=LIMITS)
    try:
        client = await connect(server)
        client.send(post("/echo", b"").replace(b"Length: 0", b"Length: 99"))
        ended = asyncio.ensure_future(client.rest())
        started = asyncio.get_running_loop().time()
        while not ended.done():
            client.send(b"x")
            await asyncio.sleep(0.05)
        assert asyncio.get_running_loop().time() - started < 2
        assert handler.finished == 0
    finally:
        await server.close()


@pytest.mark.parametrize("start", [b"", b"POST /echo HT", post()[:-1]])
async def test_a_client_that_stops_sending_is_hung_up_on(server: HttpServer, handler: Handler, start: bytes) -> None:
    client = await connect(server)
    client.send(start)
    assert b" 200 " not in await client.rest()
    assert handler.finished == 0


async def test_more_clients_than_allowed_are_hung_up_on(server: HttpServer) -> None:
    clients = [await connect(server) for _ in range(LIMITS.max_connections)]
    for client in clients:
        client.send(post())
        await client.answer()
    assert await (await connect(server)).rest() == b""
    assert server.connections == LIMITS.max_connections


# Nonsense ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

SMUGGLED = b"0\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (raw("POST /echo HTTP/1.1", "Host: x", "Content-Length: 4", "Transfer-Encoding: chunked", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "Content-Length: 4", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Content-Length: 4", "Content-Length: 61", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Content-Length: 4", "content-length: 4", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Content-Length: 4, 5", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Content-Length: -4", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Content-Length: +4", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Content-Length : 4", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: gzip, chunked", body=SMUGGLED), 501),
        (raw("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: xchunked", body=SMUGGLED), 501),
        (raw("POST /echo HTTP/1.0", "Transfer-Encoding: chunked", body=SMUGGLED), 400),
        (raw("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body=b"zz\r\n"), 400),
        (raw("POST /echo HTTP/1.1", "Content-Length: 4", body=SMUGGLED), 400),  # no Host
        (raw("POST /echo HTTP/1.1", "Host: x", "X: " + "x" * 200_000), 431),
        (raw("POST /echo HTTP/1.1", "Host: x", "X: " + "x" * 17_000), 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # TLS to a listener that has none
        (b"nonsense\r\n\r\n", 400),
    ],
)
async def test_what_two_readers_could_read_in_two_ways_is_refused_and_the_line_cut(
    server: HttpServer, handler: Handler, request_bytes: bytes, status: int
) -> None:
    client = await connect(server)
    client.send(request_bytes)
    answer = await client.answer()
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    with suppress(OSError):
        client.writer.write_eof()
    assert await client.rest() == b""
    assert handler.finished == 0


async def test_what_looks_like_a_second_length_in_a_body_is_none(server: HttpServer) -> None:
    body = b"x\r\nContent-Length: 5\r\n\r\n"
    client = await connect(server)
    client.send(post("/echo", body) + post("/echo", body))
    assert [(await client.answer()).body for _ in range(2)] == [body, body]


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "BREW"])
async def test_other_methods_are_the_routes_affair(server: HttpServer, method: str) -> None:
    assert (await ask(server, raw(f"{method} /echo HTTP/1.1", "Host: x"))).headers["x-method"] == method


async def test_nobody_is_tunnelled_through(server: HttpServer, handler: Handler) -> None:
    client = await connect(server)
    client.send(raw("CONNECT /echo HTTP/1.1", "Host: x"))
    assert (await client.answer()).status == 501
    client.send(post())
    assert (await client.answer()).status == 200
    assert len(handler.heads) == 1


async def test_an_offer_to_speak_something_else_is_ignored(server: HttpServer) -> None:
    client = await connect(server)
    client.send(post("/echo", b"body", "Connection: Upgrade", "Upgrade: websocket"))
    assert (await client.answer()).status == 200
    client.send(post())
    assert (await client.answer()).status == 200


# Closing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_closing_lets_what_is_under_way_end_and_hangs_up_on_the_rest(handler: Handler) -> None:
    server = await serve_http([route(handler, grace_s=2.0, request_s=5.0)], "127.0.0.1", 0)
    idle, under_way = await connect(server), await connect(server)
    idle.send(post())
    await idle.answer()
    under_way.send(post("/echo?wait"))
    await until(lambda: len(handler.heads) == 2)

    closing = asyncio.ensure_future(server.close())
    assert await idle.rest() == b""
    assert not closing.done()
    with pytest.raises(OSError):
        await connect(server)
    handler.go_on.set()
    answer = await under_way.answer()
    assert (answer.status, answer.headers["connection"], await under_way.rest()) == (200, "close", b"")
    async with asyncio.timeout(1):
        await closing
    assert server.connections == 0


@pytest.mark.parametrize("grace_s", [0.0, 0.1])
async def test_closing_cancels_what_has_no_grace_left(handler: Handler, grace_s: float) -> None:
    server = await serve_http([route(handler, grace_s=grace_s, request_s=5.0)], "127.0.0.1", 0)
    client = await connect(server)
    client.send(post("/echo?wait"))
    await until(lambda: len(handler.heads) == 1)
    async with asyncio.timeout(2):
        await server.close()
    assert (await client.rest(), handler.cancelled) == (b"", 1)
