"""The servers that are measured: ``python -m stationmaster.cli.benchmark.servers echo|csms|mobilityhouse``.

Each prints the port that it listens on and runs until its standard input ends, so that none outlives the benchmark.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from stationmaster.transport.websocket_server import READ_BUFFER_BYTES

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
async def echo(options: argparse.Namespace) -> AsyncIterator[int]:
    """The least that a server on the CSMS's WebSocket library and event loop can do."""
    server = await ws_create_server(
        _echo_listener, HOST, 0, backlog=BACKLOG, read_buffer_init_size=READ_BUFFER_BYTES, use_aiofastnet=False
    )
    yield server.sockets[0].getsockname()[1]
    server.close()


@asynccontextmanager
async def csms(options: argparse.Namespace) -> AsyncIterator[int]:
    """The CSMS as `serve` runs it, on any free ports and with its doors open."""
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
    )
    configure(settings)
    async with running_node(settings) as node:
        calm()
        yield node.ocpp.port


@asynccontextmanager
async def mobilityhouse(options: argparse.Namespace) -> AsyncIterator[int]:
    """MobilityHouse's library as a server."""
    from stationmaster.cli.benchmark.mobilityhouse import listening

    async with listening(HOST, BACKLOG) as port:
        yield port


SERVERS: dict[str, Callable[[argparse.Namespace], AbstractAsyncContextManager[int]]] = {
    "echo": echo,
    "csms": csms,
    "mobilityhouse": mobilityhouse,
}


async def run(options: argparse.Namespace) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)  # nobody writes there: readable is ended
    async with SERVERS[options.kind](options) as port:
        print(port, flush=True)
        await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=SERVERS)
    parser.add_argument("--data-dir", type=Path, help="of the csms")
    parser.add_argument("--no-message-log", dest="message_log", action="store_false", help="of the csms")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
