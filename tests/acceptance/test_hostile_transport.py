"""A server meets raw sockets that mean it no good; well-behaved stations beside them notice nothing."""

import asyncio
import gc
import os
import socket
import struct
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from stationmaster.transport.handshake import Admission
from stationmaster.transport.limits import Limits
from stationmaster.transport.websocket_client import connect
from stationmaster.transport.websocket_server import Server, serve

pytestmark = pytest.mark.usefixtures("only_what_comes_is_collected")

LIMITS = Limits(
    max_message_bytes=10_000,
    max_fragments=50,
    max_header_bytes=4096,
    max_write_buffer_bytes=200_000,
    handshake_timeout_s=0.3,
    ping_interval_s=0.4,
    ping_timeout_s=0.3,
    close_timeout_s=0.1,
)
TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
ECHO_BYTES = 9000


class Echo:
    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.texts: list[bytes] = []
        self.closed: list[int] = []

    def on_text(self, data: bytes) -> None:
        self.texts.append(data)
        self.connection.send(data)

    def on_closed(self, code: int, reason: str) -> None:
        self.closed.append(code)


class Target:
    """The server under attack, and all receivers it ever made."""

    def __init__(self) -> None:
        self.server: Server
        self.receivers: list[Echo] = []

    def connected(self, connection: Any, context: Any) -> Echo:
        self.receivers.append(Echo(connection))
        return self.receivers[-1]

    async def until_closed(self) -> int:
        async with asyncio.timeout(5):
            while not self.receivers or not self.receivers[0].closed:
                await asyncio.sleep(0.01)
        return self.receivers[0].closed[0]

    async def still_serves(self) -> None:
        """A good station gets its answer."""
        good: list[Echo] = []

        def receiver(connection: Any) -> Echo:
            good.append(Silent(connection))
            return good[-1]

        url = f"ws://127.0.0.1:{self.server.port}/ocpp/good"
        connection = await connect(url, subprotocols=(), receiver_factory=receiver)
        connection.send(b"hello")
        async with asyncio.timeout(5):
            while not good[0].texts:
                await asyncio.sleep(0.005)
        connection.close()
        async with asyncio.timeout(5):
            while not good[0].closed:
                await asyncio.sleep(0.005)


class Silent(Echo):
    def on_text(self, data: bytes) -> None:
        self.texts.append(data)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    target.server = await serve(
        "127.0.0.1", 0, admit=lambda asked: Admission(), connected=target.connected, limits=LIMITS
    )
    yield target
    await target.still_serves()
    await target.server.close()
    gc.collect()  # a task or future left behind would warn now, and a warning fails the test


class Raw:
    """A socket without manners."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def everything(self) -> bytes:
        """What the server says until it hangs up."""
        async with asyncio.timeout(5):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    def close(self) -> None:
        self.writer.transport.abort()


async def dial(target: Target, receive_buffer: int | None = None) -> Raw:
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", target.server.port))
    return Raw(*await asyncio.open_connection(sock=sock, limit=1024 if receive_buffer else 2**16))


def request(*extra: str, path: str = "/ocpp/CS1", connection: str = "Upgrade") -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: csms.test",
        "Upgrade: websocket",
        f"Connection: {connection}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {b64encode(bytes(16)).decode()}",
        *extra,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def shake(target: Target, *extra: str, receive_buffer: int | None = None, **kwargs: str) -> Raw:
    raw = await dial(target, receive_buffer)
    raw.writer.write(request(*extra, **kwargs))
    answer = await raw.reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in answer.partition(b"\r\n")[0]
    return raw


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bool = True) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    flag = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes([flag | len(payload)])
    elif len(payload) < 65536:
        head += bytes([flag | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([flag | 127]) + struct.pack("!Q", len(payload))
    return head + (bytes(4) if mask else b"") + payload


def close_code(said: bytes) -> int:
    """The code of the first close frame in what a server said."""
    start = said.index(b"\x88")
    return int(struct.unpack("!H", said[start + 2 : start + 4])[0])


BAD_FRAMES = {
    "unmasked": (frame(TEXT, b"x", mask=False), 1002),
    "unknown opcode": (frame(0x3, b"x"), 1002),
    "unknown control opcode": (frame(0xB, b"x"), 1002),
    "reserved bit 1 without an extension": (frame(TEXT, b"x", rsv=4), 1002),
    "reserved bit 2": (frame(TEXT, b"x", rsv=2), 1002),
    "reserved bit 3": (frame(PING, b"x", rsv=1), 1002),
    "fragmented ping": (frame(PING, b"x", fin=False), 1002),
    "long ping": (frame(PING, b"x" * 126), 1002),
    "continuation of nothing": (frame(0x0, b"x"), 1002),
    "text inside a message": (frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), 1002),
    "length not in its shortest form": (bytes([0x81, 0xFE, 0, 5]) + bytes(4) + b"abcde", 1002),
    "length with the top bit": (bytes([0x81, 0xFF]) + b"\xff" * 8 + bytes(4), 1002),
    "binary": (frame(BINARY, b"x"), 1003),
    "not UTF-8": (frame(TEXT, b"[\xc3\x28]"), 1007),
    "not UTF-8 over two frames": (frame(TEXT, b"\xc3", fin=False) + frame(0x0, b"\x28"), 1007),
    "announced too big": (bytes([0x81, 0xFF]) + struct.pack("!Q", 2**40) + bytes(4), 1009),
    "too big": (frame(TEXT, b"x" * 10_001), 1009),
    "too big in parts": (frame(TEXT, b"x" * 9000, fin=False) + frame(0x0, b"x" * 9000), 1009),
    "endless fragments": (frame(TEXT, fin=False) + frame(0x0, fin=False) * 1000, 1009),
    "invalid close code": (frame(CLOSE, struct.pack("!H", 999)), 1002),
    "close of one byte": (frame(CLOSE, b"x"), 1002),
    "close reason that is not UTF-8": (frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
async def test_a_bad_frame_closes_its_connection_with_the_code_for_it(target: Target, name: str) -> None:
    sent, code = BAD_FRAMES[name]
    raw = await shake(target)
    raw.writer.write(sent)
    assert close_code(await raw.everything()) == code
    raw.close()
    await target.until_closed()
    assert target.receivers[0].texts == []
    assert target.server.connections == 0


async def test_what_follows_a_refused_frame_is_never_delivered(target: Target) -> None:
    raw = await shake(target)
    raw.writer.write(frame(TEXT, b"before"))
    raw.writer.write(frame(TEXT, frame(TEXT, b"smuggled") * 2000))
    raw.writer.write(frame(TEXT, b"after") * 100)
    assert close_code((await raw.everything()).partition(b"before")[2]) == 1009
    raw.close()
    assert await target.until_closed() == 1009
    assert set(target.receivers[0].texts) <= {b"before"}


async def test_a_compressed_bomb_is_not_inflated(target: Target) -> None:
    raw = await shake(target, "Sec-WebSocket-Extensions: permessage-deflate")
    packer = zlib.compressobj(9, wbits=-12)
    bomb = packer.compress(bytes(5_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 10_000
    raw.writer.write(frame(TEXT, bomb[:-4], rsv=4))
    assert close_code(await raw.everything()) == 1009
    raw.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"POST /ocpp/CS1 HTTP/1.1\r\n\r\n", 400),
        (b"GET /ocpp/CS1 HTTP/1.1\r\nHost: x\r\n\r\n", 426),
        (request(path="/"), 400),
        (request(path="/ocpp/%00"), 400),
        (request().replace(b"Sec-WebSocket-Key", b"X-Key"), 400),
        (request().replace(b"Version: 13", b"Version: 99"), 400),
        (request("X: " + "y" * 5000), 431),
        (request(*(f"X-{number}: y" for number in range(200))), 400),
    ],
)
async def test_a_bad_handshake_is_answered_with_a_status(target: Target, sent: bytes, status: int) -> None:
    raw = await dial(target)
    raw.writer.write(sent)
    assert (await raw.everything()).startswith(f"HTTP/1.1 {status} ".encode())
    raw.close()
    assert target.receivers == []


async def test_a_connection_header_may_be_a_list(target: Target) -> None:
    raw = await shake(target, connection="keep-alive, Upgrade")
    raw.close()
    await target.until_closed()


async def test_an_endless_header_is_cut_off(target: Target) -> None:
    raw = await dial(target)
    raw.writer.write(b"GET /ocpp/CS1 HTTP/1.1\r\nX: " + b"y" * 100_000)
    assert await raw.everything() == b""
    raw.close()


async def test_a_slow_handshake_is_cut_off(target: Target) -> None:
    raw = await dial(target)
    hung_up = asyncio.ensure_future(raw.everything())
    async with asyncio.timeout(3):
        for byte in request():
            raw.writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if hung_up.done():
                break
        assert await hung_up == b""
    raw.close()
    assert target.receivers == []


async def test_a_peer_that_answers_no_ping_is_dropped(target: Target) -> None:
    raw = await shake(target)
    said = await raw.everything()
    assert said.startswith(b"\x89"), "it was pinged first"
    assert await target.until_closed() == 1006
    raw.close()


async def test_a_frame_that_never_ends_is_no_sign_of_life(target: Target) -> None:
    raw = await shake(target)
    raw.writer.write(frame(TEXT, b"x" * 5000)[:100])
    hung_up = asyncio.ensure_future(raw.everything())
    async with asyncio.timeout(3):
        while not hung_up.done():
            raw.writer.write(b"x")
            await asyncio.sleep(0.05)
    await hung_up
    assert await target.until_closed() == 1006
    raw.close()


async def test_a_peer_that_answers_pings_stays(target: Target) -> None:
    raw = await shake(target)
    for _ in range(4):
        async with asyncio.timeout(2):
            assert await raw.reader.readexactly(2) == b"\x89\x00"
        raw.writer.write(frame(0xA))
    assert target.receivers[0].closed == []
    raw.close()
    assert await target.until_closed() == 1006


async def test_pings_are_answered_with_their_payload(target: Target) -> None:
    raw = await shake(target)
    raw.writer.write(frame(PING, b"are you there"))
    assert await raw.reader.readexactly(15) == b"\x8a\x0dare you there"
    raw.close()


async def test_a_close_that_is_never_answered_ends_by_deadline(target: Target) -> None:
    raw = await shake(target)
    await asyncio.sleep(0)
    target.receivers[0].connection.close(4000, "go")
    assert await target.until_closed() == 4000
    raw.close()


async def test_an_empty_close_is_answered_with_1000_and_told_as_1005(target: Target) -> None:
    raw = await shake(target)
    raw.writer.write(frame(CLOSE))
    assert close_code(await raw.everything()) == 1000
    assert await target.until_closed() == 1005
    raw.close()


@pytest.mark.parametrize("opcode", [PING, TEXT], ids=["pings", "texts"])
async def test_a_flood_whose_answers_are_never_read_is_cut_at_the_write_bound(target: Target, opcode: int) -> None:
    raw = await shake(target, receive_buffer=4096)
    payload = b"x" * (125 if opcode == PING else ECHO_BYTES)
    flood = frame(opcode, payload) * (4000 if opcode == PING else 100)
    async with asyncio.timeout(20):
        while not target.receivers[0].closed:
            raw.writer.write(flood)
            await asyncio.sleep(0.01)
            if raw.writer.transport.get_write_buffer_size() > 50_000_000:
                pytest.fail("the server neither reads on nor closes")
    assert target.receivers[0].closed[0] == 1008
    raw.close()


async def test_a_hundred_sockets_that_die_at_any_point_leave_nothing_behind(target: Target) -> None:
    whole = request() + frame(TEXT, b"x" * 300) + frame(CLOSE, struct.pack("!H", 1000))
    for length in range(0, len(whole), max(1, len(whole) // 100)):
        raw = await dial(target)
        raw.writer.write(whole[:length])
        await raw.writer.drain()
        await asyncio.sleep(0)
        raw.close()
    async with asyncio.timeout(5):
        while target.server.connections:
            await asyncio.sleep(0.01)
    assert all(len(receiver.closed) == 1 for receiver in target.receivers)


async def test_noise_never_reaches_a_receiver(target: Target) -> None:
    for _ in range(30):
        raw = await shake(target)
        raw.writer.write(b"\x03" + os.urandom(2000))
        await raw.everything()
        raw.close()
    assert all(not receiver.texts for receiver in target.receivers)
