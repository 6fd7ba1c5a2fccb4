"""A dialling station meets servers of every kind."""

import asyncio
import gc
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha1
from typing import Any

import pytest

from stationmaster.transport.errors import ConnectFailed, ConnectRefused
from stationmaster.transport.limits import Limits
from stationmaster.transport.websocket_client import connect

pytestmark = pytest.mark.usefixtures("only_what_comes_is_collected")

Script = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Ear:
    def __init__(self, connection: Any) -> None:
        self.closed: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.texts: list[bytes] = []
        self.connection = connection

    def on_text(self, data: bytes) -> None:
        self.texts.append(data)

    def on_closed(self, code: int, reason: str) -> None:
        self.closed.set_result((code, reason))


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[str]:
    """A server that reads a request and then follows the script; yields its URL."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp/CS1"
    gc.collect()


def agreed(request: bytes, *extra: str) -> bytes:
    """A 101 to the request."""
    key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accept = b64encode(sha1(key.split(b": ")[1] + GUID).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", *extra, "", ""]).encode()


async def dial(url: str, **kwargs: Any) -> Ear:
    ears: list[Ear] = []

    def receiver(connection: Any) -> Ear:
        ears.append(Ear(connection))
        return ears[-1]

    await connect(url, receiver_factory=receiver, **{"subprotocols": ("ocpp1.6",), "timeout_s": 2, **kwargs})
    return ears[0]


def _answers(answer: Callable[[bytes], bytes]) -> Script:
    async def script(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(request))
        await reader.read()

    return script


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: b"SSH-2.0-OpenSSH\r\n\r\n",
        lambda request: b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        lambda request: agreed(request).replace(b"Accept: ", b"Accept: x"),
        lambda request: agreed(request, "Sec-WebSocket-Protocol: ocpp2.0.1"),
        lambda request: agreed(request, "Sec-WebSocket-Extensions: x-strange"),
        lambda request: agreed(request, "X: " + "y" * 20_000),
    ],
    ids=["not HTTP", "bare 101", "wrong key", "other sub-protocol", "other extension", "endless header"],
)
async def test_an_answer_that_is_no_agreement_fails_the_dialling(answer: Callable[[bytes], bytes]) -> None:
    async with scripted(_answers(answer)) as url:
        with pytest.raises(ConnectFailed):
            await dial(url)


async def test_compression_that_was_not_asked_for_fails_the_dialling() -> None:
    answer = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12"
    async with scripted(_answers(lambda request: agreed(request, answer))) as url:
        with pytest.raises(ConnectFailed):
            await dial(url, compression=False)


async def test_a_redirect_is_not_followed() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n"
    async with scripted(_answers(lambda request: answer)) as url:
        with pytest.raises(ConnectRefused) as refused:
            await dial(url)
    assert refused.value.status == 302


async def test_a_long_reason_is_cut() -> None:
    answer = b"HTTP/1.1 404 Not Found\r\n\r\n" + b"x" * 10_000
    async with scripted(_answers(lambda request: answer)) as url:
        with pytest.raises(ConnectRefused) as refused:
            await dial(url)
    assert (refused.value.status, refused.value.reason) == (404, "x" * 200)


async def test_a_server_that_hangs_up_fails_the_dialling() -> None:
    async def script(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pass

    async with scripted(script) as url:
        with pytest.raises(ConnectFailed):
            await dial(url)


async def test_a_server_that_never_answers_fails_the_dialling_in_time() -> None:
    async with scripted(_answers(lambda request: b"")) as url:
        with pytest.raises(ConnectFailed, match="in time"):
            await dial(url, timeout_s=0.1)


@pytest.mark.parametrize("url", ["http://127.0.0.1/CS1", "ws:///CS1", "CS1"])
async def test_a_url_that_is_none_fails_the_dialling(url: str) -> None:
    with pytest.raises(ConnectFailed):
        await dial(url)


async def test_nothing_comes_of_a_handshake_whose_caller_was_cancelled() -> None:
    answered = asyncio.Event()
    hung_up = asyncio.Event()

    async def script(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answered.wait()
        writer.write(agreed(request))
        assert await reader.read() == b""
        hung_up.set()

    ears: list[Ear] = []

    def receiver(connection: Any) -> Ear:
        ears.append(Ear(connection))
        return ears[-1]

    async with scripted(script) as url:
        dialling = asyncio.ensure_future(connect(url, subprotocols=(), receiver_factory=receiver))
        await asyncio.sleep(0.05)
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        answered.set()
        async with asyncio.timeout(2):
            await hung_up.wait()
    assert ears == []


async def test_messages_that_come_with_the_handshake_are_heard() -> None:
    async with scripted(_answers(lambda request: agreed(request) + b"\x81\x02hi")) as url:
        ear = await dial(url, limits=Limits(close_timeout_s=0.1))
        ear.connection.close()
        await ear.closed
    assert ear.texts == [b"hi"]


async def test_the_interval_of_pings_may_change_while_the_line_is_open() -> None:
    heard: list[int] = []

    async def script(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(agreed(request))
        while frame := await reader.readexactly(6):  # a masked frame without payload
            heard.append(frame[0] & 0x0F)
            writer.write(bytes([0x8A, 0]))  # a pong

    async with scripted(script) as url:
        ear = await dial(url, limits=Limits(ping_interval_s=60))
        ear.connection.ping_every(0.05)
        await asyncio.sleep(0.3)
        assert heard and set(heard) == {0x9}

        ear.connection.ping_every(0)
        ear.connection.send(b"")  # after the last ping, however late that is heard
        await asyncio.sleep(0.2)
        assert heard[heard.index(0x1) :] == [0x1]
        ear.connection.cut()
        await ear.closed
        ear.connection.ping_every(1)  # too late, and no harm


async def test_a_server_that_goes_silent_is_pinged_and_left() -> None:
    said = asyncio.get_running_loop().create_future()

    async def script(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(agreed(request))
        said.set_result(await reader.read())

    async with scripted(script) as url:
        ear = await dial(url, limits=Limits(ping_interval_s=0.1, ping_timeout_s=0.1))
        async with asyncio.timeout(2):
            assert await ear.closed == (1006, "")
            assert (await said)[0] == 0x89


async def test_a_masked_frame_of_a_server_closes_with_1002() -> None:
    async with scripted(_answers(lambda request: agreed(request) + b"\x81\x81\0\0\0\0x")) as url:
        ear = await dial(url, limits=Limits(close_timeout_s=0.1))
        async with asyncio.timeout(2):
            assert (await ear.closed)[0] == 1002
    assert ear.texts == []
