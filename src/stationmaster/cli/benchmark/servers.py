"""The servers that are measured: ``python -m stationmaster.cli.benchmark.servers KIND``.

Each prints where it listens (``process.Listens``) and runs until its standard input ends, so that none outlives the
benchmark.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from stationmaster.cli.benchmark.process import Listens
from stationmaster.transport.http_messages import Read, Reply, RequestHead
from stationmaster.transport.http_server import Route, serve_http, whole
from stationmaster.transport.http_wire import HttpLimits
from stationmaster.transport.soap_path import PREFIX
from stationmaster.transport.soap_server import MAX_AT_ONCE, MAX_BODY_BYTES, REQUEST_S
from stationmaster.transport.websocket_server import READ_BUFFER_BYTES

if TYPE_CHECKING:
    from stationmaster.cli.node_info import NodeInfo

HOST = "127.0.0.1"
BACKLOG = 1024
MAX_CONNECTIONS = 20_000


class _Echo(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
        else:
            transport.send(frame.msg_type, frame.get_payload_as_bytes())


def _echo_listener(request: WSUpgradeRequest) -> WSListener:
    return _Echo()


@asynccontextmanager
async def echo(options: argparse.Namespace) -> AsyncIterator[Listens]:
    """The least that a server on the CSMS's WebSocket library and event loop can do."""
    server = await ws_create_server(
        _echo_listener, HOST, 0, backlog=BACKLOG, read_buffer_init_size=READ_BUFFER_BYTES, use_aiofastnet=False
    )
    yield Listens(port=server.sockets[0].getsockname()[1])
    server.close()


async def _sent_back(head: RequestHead, read: Read) -> Reply:
    content_type = head.headers.get("content-type", "text/plain").encode()
    return Reply(status=200, headers=((b"content-type", content_type),), body=await read())


@asynccontextmanager
async def http_echo(options: argparse.Namespace) -> AsyncIterator[Listens]:
    """The listener that SOAP comes to, with SOAP's bounds and nobody behind it."""
    route = Route(
        prefixes=(PREFIX,),
        serve=whole(_sent_back, MAX_AT_ONCE),
        request_s=REQUEST_S,
        max_body_bytes=MAX_BODY_BYTES,
    )
    server = await serve_http([route], HOST, 0, limits=HttpLimits(max_connections=MAX_CONNECTIONS))
    yield Listens(port=server.port, soap=f"http://{HOST}:{server.port}{PREFIX}")
    await server.close()


@asynccontextmanager
async def csms(options: argparse.Namespace) -> AsyncIterator[Listens]:
    """The CSMS as `serve` runs it, on any free ports and with its doors open; its pages only where they are looked at,
    as they take a second to load."""
    from stationmaster.cli.collector import calm, loading

    with loading():
        from stationmaster.cli.logs import configure
        from stationmaster.cli.node import running_node
        from stationmaster.cli.settings import ServeSettings

    settings = ServeSettings(
        ocpp_port=0,
        api_port=0,
        files_port=0,
        registration="open",
        data_dir=options.data_dir,
        message_log=options.message_log,
        inventory="off",
        pages=options.look,
    )
    configure(settings)
    async with running_node(settings) as node:
        calm()
        session = await _signed_in(node.info) if options.look else ""
        soap = node.info.soap_url or ""
        yield Listens(port=node.ocpp.port, soap=soap, pages=node.info.api_url, session=session)


async def _signed_in(info: "NodeInfo") -> str:
    """The secret of a session of the first administrator."""
    import httpx

    from stationmaster.cli.benchmark.page_client import SESSION_COOKIE
    from stationmaster.domain.people.person import FIRST_NAME

    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{info.api_url}/api/v1/session", json={"name": FIRST_NAME, "password": info.password})
        return answer.raise_for_status().cookies[SESSION_COOKIE]


@asynccontextmanager
async def mobilityhouse(options: argparse.Namespace) -> AsyncIterator[Listens]:
    """MobilityHouse's library as a server."""
    from stationmaster.cli.benchmark.mobilityhouse import listening

    async with listening(HOST, BACKLOG) as port:
        yield Listens(port=port)


SERVERS: dict[str, Callable[[argparse.Namespace], AbstractAsyncContextManager[Listens]]] = {
    "echo": echo,
    "http_echo": http_echo,
    "csms": csms,
    "mobilityhouse": mobilityhouse,
}


async def run(options: argparse.Namespace) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)  # nobody writes there: readable is ended
    async with SERVERS[options.kind](options) as listens:
        print(msgspec.json.encode(listens).decode(), flush=True)
        await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=SERVERS)
    parser.add_argument("--data-dir", type=Path, help="of the csms")
    parser.add_argument("--no-message-log", dest="message_log", action="store_false", help="of the csms")
    parser.add_argument("--look", action="store_true", help="at the pages of the csms: print a session for them")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
