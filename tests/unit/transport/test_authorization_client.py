"""Asking an authorization system over HTTP, against servers that answer in every way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from stationmaster.domain.authorization.outside_word import OracleSilent
from stationmaster.transport.authorization_client import MAX_ANSWER_BYTES, AuthorizationClient, endpoint

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WORD = b'{"status":"Accepted"}'


def response(body: bytes, status: str = "200 OK", *more: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*head, "", ""]).encode() + body


class Server:
    """Answers each request with the next of ``answers``; the last one again and again."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
                self.requests.append(head + await reader.readexactly(int(lengths[0].split(b":")[1])))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                writer.write(answer)
                await writer.drain()
                if not answer or b"close" in answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def asking(serve: Serve, path: str = "/auth?x=1", secret: str = "s3") -> AsyncIterator[AuthorizationClient]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = AuthorizationClient({"default": endpoint(f"http://127.0.0.1:{port}{path}", secret)})
    try:
        yield client
    finally:
        await client.close()
        server.close()
        await server.wait_closed()


async def test_a_question_is_posted_with_the_secret_and_its_answer_returned() -> None:
    server = Server(response(WORD))
    async with asking(server) as client:
        assert await client.ask("default", b'{"q":1}') == WORD
    (request,) = server.requests
    head, body = request.split(b"\r\n\r\n")
    assert head.startswith(b"POST /auth?x=1 HTTP/1.1\r\n")
    assert b"authorization: bearer s3" in head.lower().replace(b"Bearer", b"bearer")
    assert body == b'{"q":1}'


async def test_a_connection_is_used_again() -> None:
    server = Server(response(WORD))
    async with asking(server) as client:
        for _ in range(5):
            await client.ask("default", b"{}")
    assert server.connections == 1


async def test_a_kept_connection_that_was_hung_up_costs_no_question() -> None:
    server = Server(response(WORD, "200 OK", "Connection: close"))
    async with asking(server) as client:
        for _ in range(3):
            assert await client.ask("default", b"{}") == WORD
    assert server.connections == 3


async def test_a_server_that_hung_up_in_silence_is_called_again() -> None:
    calls = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(2)
        writer.write(response(WORD))  # and then it hangs up without a word
        await writer.drain()
        writer.close()

    async with asking(once) as client:
        for _ in range(3):
            assert await client.ask("default", b"{}") == WORD
            await asyncio.sleep(0)
    assert calls == 3


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (response(b"", "302 Found", "Location: http://127.0.0.1/"), "HTTP 302"),
        (response(b"oh", "500 Oops"), "HTTP 500"),
        (response(b"x" * (MAX_ANSWER_BYTES + 1)), "longer"),
        (b"garbage\r\n\r\n", "RemoteProtocolError"),
        (response(WORD)[:-3] + b"", "RemoteProtocolError|EOFError"),
        (b"", "HungUp"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000, "RemoteProtocolError"),
    ],
)
async def test_what_is_no_answer_is_silence(answer: bytes, said: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.write_eof()
            await reader.read()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with asking(serve) as client:
        with pytest.raises(OracleSilent, match=said):
            await client.ask("default", b"{}")


async def test_nobody_there_is_silence() -> None:
    client = AuthorizationClient({"default": endpoint("http://127.0.0.1:1/")})
    with pytest.raises(OracleSilent):
        await client.ask("default", b"{}")
    with pytest.raises(OracleSilent, match="no authorization system"):
        await client.ask("other", b"{}")


@pytest.mark.parametrize(
    "url", ["ftp://a/", "http:///x", "http://user:pw@host/", "http://host:port/", "http://h/ü", "http://h/a b", "host"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        endpoint(url)


def test_an_address_is_shown_without_its_secret() -> None:
    assert "s3cret" not in repr(endpoint("https://host/", "s3cret"))
    with pytest.raises(ValueError):
        endpoint("https://host/", "a\nb")
