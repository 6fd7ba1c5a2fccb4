"""The servers that are measured: ``python -m stationmaster.cli.benchmark.servers echo|csms|mobilityhouse``.

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
from stationmaster.transport.websocket_server import READ_BUFFER_BYTES

if TYPE_CHECKING:
    from stationmaster.cli.node_info import NodeInfo

HOST = "127.0.0.1"
BACKLOG = 1024


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


@asynccontextmanager
async def csms(options: argparse.Namespace) -> AsyncIterator[Listens]:
    """The CSMS as `serve` runs it, on any free ports and with its doors open; its pages only where they are looked at,
    as they take a second to load."""
    from stationmaster.cli.collector import calm
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
        yield Listens(port=node.ocpp.port, pages=node.info.api_url, session=session)


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
