"""The server with another library's client, with TLS, on uvloop, compressed."""

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
import uvloop
import websockets

from stationmaster.transport.handshake import Admission, UpgradeRequest
from stationmaster.transport.limits import Limits
from stationmaster.transport.websocket_client import connect
from stationmaster.transport.websocket_server import Server, serve

LONG = ('[2,"1","NotifyReport",{"x":"' + "Energy.Active.Import.Register" * 500 + '"}]').encode()


class Echo:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def on_text(self, data: bytes) -> None:
        self.connection.send(data)

    def on_closed(self, code: int, reason: str) -> None:
        pass


class Ear(Echo):
    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.texts: asyncio.Queue[bytes] = asyncio.Queue()

    def on_text(self, data: bytes) -> None:
        self.texts.put_nowait(data)


async def echo_server(asked: list[UpgradeRequest] | None = None, **kwargs: Any) -> Server:
    def admit(request: UpgradeRequest) -> Admission:
        if asked is not None:
            asked.append(request)
        return Admission(subprotocol="ocpp1.6" if "ocpp1.6" in request.subprotocols else None)

    return await serve("127.0.0.1", 0, admit=admit, connected=lambda connection, context: Echo(connection), **kwargs)


@pytest.mark.parametrize("compression", ["deflate", None])
@pytest.mark.parametrize("ours", [True, False])
async def test_another_librarys_client_is_served_compressed_or_not(compression: str | None, ours: bool) -> None:
    server = await echo_server(compression=ours)
    url = f"ws://127.0.0.1:{server.port}/ocpp/CS1"
    async with websockets.connect(url, subprotocols=["ocpp1.6"], compression=compression) as client:
        assert client.subprotocol == "ocpp1.6"
        for message in ("[]", LONG.decode(), "ü" * 3000, "", LONG.decode()):
            await client.send(message, text=True)
            assert await client.recv() == message
        await client.send([LONG.decode()[:100], LONG.decode()[100:]])
        assert await client.recv() == LONG.decode()
        await (await client.ping())
    await server.close()


async def test_our_client_is_served_by_another_librarys_server() -> None:
    async def echo(connection: Any) -> None:
        async for message in connection:
            await connection.send(message)

    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/CS1"
        connection: Any = None
        ears: list[Ear] = []
        connection = await connect(
            url, subprotocols=(), receiver_factory=lambda made: ears.append(Ear(made)) or ears[0]
        )
        for message in (b"[]", LONG, LONG):
            connection.send(message)
            assert await asyncio.wait_for(ears[0].texts.get(), 5) == message
        connection.close()


async def test_a_compressed_message_is_smaller_on_the_wire() -> None:
    server = await echo_server()
    sizes = {}
    for compression in (True, False):
        ears: list[Ear] = []
        connection: Any = await connect(
            f"ws://127.0.0.1:{server.port}/CS1",
            subprotocols=(),
            receiver_factory=lambda made, ears=ears: ears.append(Ear(made)) or ears[0],
            compression=compression,
        )
        sent: list[int] = []
        transport = connection._transport
        connection._transport = _Weigh(transport, sent)
        connection.send(LONG)
        assert await asyncio.wait_for(ears[0].texts.get(), 5) == LONG
        connection._transport = transport
        connection.close()
        sizes[compression] = sent[0]
    assert sizes[True] * 10 < sizes[False] == len(LONG)
    await server.close()


class _Weigh:
    """Stands before a picows transport and notes how long each payload is."""

    def __init__(self, transport: Any, sizes: list[int]) -> None:
        self._transport = transport
        self._sizes = sizes

    def send(self, kind: Any, payload: bytes, *flags: bool) -> None:
        self._sizes.append(len(payload))
        self._transport.send(kind, payload, *flags)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def test_it_runs_on_uvloop() -> None:
    async def main() -> list[bytes]:
        server = await echo_server(limits=Limits(close_timeout_s=0.2))
        ears: list[Ear] = []

        def receiver(connection: Any) -> Ear:
            ears.append(Ear(connection))
            return ears[-1]

        for number in range(20):
            await connect(f"ws://127.0.0.1:{server.port}/CS{number}", subprotocols=(), receiver_factory=receiver)
        for ear in ears:
            ear.connection.send(LONG)
        answers = [await asyncio.wait_for(ear.texts.get(), 5) for ear in ears]
        await server.close()
        assert server.connections == 0
        return answers

    assert uvloop.run(main()) == [LONG] * 20


async def test_the_credentials_of_a_request_are_not_kept_with_the_connection() -> None:
    server = await echo_server()
    ears: list[Ear] = []
    connection: Any = await connect(
        f"ws://127.0.0.1:{server.port}/CS1",
        subprotocols=(),
        receiver_factory=lambda made: ears.append(Ear(made)) or ears[0],
        basic_auth=("CS1", b"hunter2"),
    )
    far: Any = next(iter(server._keep_alive.members))
    assert "Authorization" not in far._transport.request.headers
    assert "Authorization" not in connection._transport.request.headers
    await server.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command to make certificates")
async def test_over_tls_the_client_certificate_reaches_the_one_who_admits(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate)
    server_side.load_cert_chain(certificate, key)
    server_side.verify_mode = ssl.CERT_OPTIONAL
    asked: list[UpgradeRequest] = []
    server = await echo_server(asked, tls=server_side)
    for shows_certificate in (True, False):
        client_side = ssl.create_default_context(cafile=certificate)
        if shows_certificate:
            client_side.load_cert_chain(certificate, key)
        ears: list[Ear] = []
        connection = await connect(
            f"wss://127.0.0.1:{server.port}/ocpp/CS1",
            subprotocols=("ocpp1.6",),
            receiver_factory=lambda made, ears=ears: ears.append(Ear(made)) or ears[0],
            tls=client_side,
        )
        connection.send(LONG)
        assert await asyncio.wait_for(ears[0].texts.get(), 5) == LONG
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    assert [request.peer_certificate for request in asked] == [der, None]
    await server.close()
