"""The client of SOAP against servers that answer in every way: what it keeps, trusts and believes."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from stationmaster.transport import http_client
from stationmaster.transport.callback_address import Reach
from stationmaster.transport.errors import NoReply, Unreached
from stationmaster.transport.http_messages import Read, Reply, RequestHead
from stationmaster.transport.http_server import Route, serve_http, whole
from stationmaster.transport.soap_client import MAX_ANSWER_BYTES, MAX_IDLE, SoapClient

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<x/>"
HERE = Reach(loopback=True)


class Server:
    """Answers each request with the next of ``answers``, the last one again and again; an empty one hangs up."""

    def __init__(self, *answers: bytes, then_hangs_up: bool = False) -> None:
        self.answers = list(answers)
        self.then_hangs_up = then_hangs_up
        self.requests: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.port = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                (line,) = [each for each in head.lower().split(b"\r\n") if each.startswith(b"content-length")]
                self.requests.append(head + await reader.readexactly(int(line.split(b":")[1])))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                writer.write(answer)
                await writer.drain()
                if not answer or self.then_hangs_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/soap"


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[Server]:
    listener = await asyncio.start_server(server, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()


@pytest.fixture
async def client() -> AsyncIterator[SoapClient]:
    made = SoapClient(reach=HERE)
    yield made
    await made.close()


async def post(client: SoapClient, url: str, *, fresh: bool = False, timeout_s: float = 5.0) -> Any:
    line = await client.connect(url, fresh=fresh)
    return await line.post({"Content-Type": "application/soap+xml"}, b"<question/>", timeout_s)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.005)


async def test_what_is_sent_is_a_plain_post(client: SoapClient) -> None:
    async with listening(Server(OK)) as server:
        await post(client, server.url("localhost") + "/a?b=c")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *fields = head.lower().split(b"\r\n")
    assert first == b"post /soap/a?b=c http/1.1"
    assert sorted(fields) == [
        b"accept-encoding: gzip, deflate",
        b"content-length: 11",
        b"content-type: application/soap+xml",
        f"host: localhost:{server.port}".encode(),
    ]
    assert body == b"<question/>"


# What is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_connection_is_used_again_unless_it_shall_be_fresh(client: SoapClient) -> None:
    async with listening(Server(OK)) as server:
        for _ in range(3):
            await post(client, server.url())
        assert server.connections == 1
        await post(client, server.url(), fresh=True)
        assert server.connections == 2
        await client.close()


async def test_no_more_than_two_idle_connections_are_kept_for_a_server(client: SoapClient) -> None:
    async with listening(Server(OK)) as server:
        lines = [await client.connect(server.url()) for _ in range(5)]
        for line in lines:
            assert (await line.post({}, b"", 5))[0] == 200
        await until(lambda: server.open == MAX_IDLE)
        await asyncio.gather(post(client, server.url()), post(client, server.url()))
        assert server.connections == 5
        await client.close()
        await until(lambda: server.open == 0)


async def test_idle_connections_are_bounded_over_all_servers(
    client: SoapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "MAX_KEPT", 1)
    async with listening(Server(OK)) as one, listening(Server(OK)) as other:
        await post(client, one.url())
        await post(client, other.url())
        await until(lambda: (one.open, other.open) == (1, 0))
        await client.close()


async def test_an_idle_connection_is_given_up_after_a_while() -> None:
    idle: http_client.IdleWires[str] = http_client.IdleWires(2, idle_s=0.05)
    async with listening(Server(OK)) as server:
        address = http_client.HttpAddress("127.0.0.1", server.port, "/", False)
        wire = await http_client.Dialler().dial(address)
        await wire.post(address, (), b"", 100)
        idle.keep("key", wire)
        assert await idle.take("other") is None
        await until(lambda: server.open == 0)
        assert await idle.take("key") is None


async def test_an_idle_connection_that_ends_this_very_moment_is_not_taken() -> None:
    idle: http_client.IdleWires[str] = http_client.IdleWires(2)
    async with listening(Server(OK)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        wire = http_client.ClientWire(reader, writer)
        await wire.post(http_client.HttpAddress("127.0.0.1", server.port, "/", False), (), b"", 100)
        idle.keep("key", wire)
        await asyncio.sleep(0)
        reader.feed_eof()
        assert await idle.take("key") is None
        assert writer.is_closing()


@pytest.mark.parametrize("unasked", [b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
async def test_a_kept_connection_that_the_server_ended_is_not_used_again(client: SoapClient, unasked: bytes) -> None:
    async with listening(Server(OK, OK + unasked, OK, then_hangs_up=True)) as server:
        for expected in (1, 2, 3):
            assert (await post(client, server.url()))[0] == 200
            await asyncio.sleep(0.02)
            assert server.connections == expected


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n<x/>",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother",
    ],
)
async def test_a_connection_that_is_at_its_end_or_has_a_tail_is_not_kept(client: SoapClient, answer: bytes) -> None:
    async with listening(Server(answer)) as server:
        for expected in (1, 2):
            assert (await post(client, server.url()))[2] == b"<x/>"
            assert server.connections == expected


async def test_who_is_cancelled_while_waiting_hangs_up(client: SoapClient) -> None:
    async with listening(Server(b"HTTP/1.1 100 Continue\r\n\r\n")) as server:
        asked = asyncio.ensure_future(post(client, server.url()))
        await until(lambda: len(server.requests) == 1)
        asked.cancel()
        await until(lambda: server.open == 0)
        await asyncio.gather(asked, return_exceptions=True)


# What is believed ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<x\r\n2\r\n/>\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<x/>",
        b"HTTP/1.0 200 OK\r\n\r\n<x/>",
        b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\n<x/>",
    ],
)
async def test_answers_come_in_many_forms(client: SoapClient, answer: bytes) -> None:
    async with listening(Server(answer, then_hangs_up=True)) as server:
        assert (await post(client, server.url()))[2] == b"<x/>"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<x/>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n<x/>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (10 * MAX_ANSWER_BYTES) + b"x" * (2 * MAX_ANSWER_BYTES),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
)
async def test_what_cannot_be_read_is_no_reply(client: SoapClient, answer: bytes) -> None:
    async with listening(Server(answer, then_hangs_up=True)) as server:
        with pytest.raises(NoReply):
            await post(client, server.url())
        assert len(server.requests) == 1  # and it is not said twice


async def test_an_answer_that_drips_in_for_ever_is_given_up(client: SoapClient) -> None:
    async with listening(Server(b"HTTP/1.1 100 Continue\r\n\r\n")) as server:
        with pytest.raises(NoReply, match="time"):
            await post(client, server.url(), timeout_s=0.05)


async def test_a_server_that_does_not_even_answer_the_dial_is_not_reached() -> None:
    client = SoapClient(reach=HERE, connect_s=0.05)
    with socket.socket() as full:  # its queue is full, so the kernel drops what knocks
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), pytest.raises(Unreached):
            for _ in range(3):
                await client.connect(f"http://127.0.0.1:{port}/", fresh=True)


# Whom it calls ────────────────────────────────────────────────────────────────────────────────────────────────────────


def resolving_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names resolve to each answer in turn; what was asked."""
    asked: list[str] = []
    left = list(answers)

    async def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return left.pop(0)

    monkeypatch.setattr(http_client, "_lookup", lookup)
    return asked


@pytest.mark.parametrize("ip", ["127.0.0.1", "169.254.169.254", "0.0.0.0"])
async def test_a_name_that_resolves_to_a_forbidden_address_is_not_called(
    monkeypatch: pytest.MonkeyPatch, ip: str
) -> None:
    resolving_to(monkeypatch, [ip])
    client = SoapClient(reach=Reach())
    async with listening(Server(OK)) as server:
        with pytest.raises(Unreached, match="the address is"):
            await client.connect(server.url("cs1.example"))
        assert server.connections == 0


async def test_a_name_is_resolved_once_and_what_was_judged_is_what_is_called(
    client: SoapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving_to(monkeypatch, ["169.254.169.254", "127.0.0.1"])
    async with listening(Server(OK)) as server:
        await post(client, server.url("cs1.example"))
        assert asked == ["cs1.example"]
        assert f"host: cs1.example:{server.port}".encode() in server.requests[0].lower()
        await client.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "[::1]", "0"])
async def test_this_machine_is_not_called_by_any_of_its_names(host: str) -> None:
    client = SoapClient(reach=Reach())
    async with listening(Server(OK)) as server:
        with pytest.raises(Unreached):
            await client.connect(server.url(host))
        assert server.connections == 0


async def test_this_machine_is_not_sent_anything_by_its_address_in_the_network_either() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine is in no network")
        own = probe.getsockname()[0]
    server = Server(OK)
    listener = await asyncio.start_server(server, own, 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        with pytest.raises(Unreached, match="this machine"):
            await SoapClient(reach=Reach()).connect(server.url(own))
        client = SoapClient()
        assert (await post(client, server.url(own)))[0] == 200
        await client.close()
    finally:
        listener.close()
        await listener.wait_closed()
    assert len(server.requests) == 1


@pytest.mark.parametrize("host", ["nobody.invalid", "a..b", "x" * 64 + ".example"])
async def test_a_name_that_means_nothing_is_not_reached(client: SoapClient, host: str) -> None:
    with pytest.raises(Unreached):
        await client.connect(f"http://{host}/")


# TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command to make certificates")
async def test_over_tls_a_server_is_believed_only_if_its_certificate_is(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(certificate, key)

    async def respond(head: RequestHead, read: Read) -> Reply:
        return Reply(status=200, body=await read())

    route = Route(prefixes=("/soap",), serve=whole(respond, 9), request_s=5, max_body_bytes=999)
    server = await serve_http([route], "127.0.0.1", 0, tls=server_side)
    trusting = SoapClient(reach=HERE, tls=ssl.create_default_context(cafile=certificate))
    try:
        for _ in range(2):
            got = await post(trusting, f"https://localhost:{server.port}/soap")
            assert (got[0], got[2]) == (200, b"<question/>")
        assert server.connections == 1
        with pytest.raises(Unreached):  # another name than the certificate's
            await trusting.connect(f"https://127.0.0.1:{server.port}/soap")
        with pytest.raises(Unreached):  # a certificate that nobody vouches for
            await SoapClient(reach=HERE).connect(f"https://localhost:{server.port}/soap")
        with pytest.raises(NoReply):  # no TLS where there should be
            await post(trusting, f"http://localhost:{server.port}/soap")
    finally:
        await trusting.close()
        await server.close()
