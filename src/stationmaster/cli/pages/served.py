"""The pages served for a node, as long as it holds the line."""

import asyncio
import socket

import httpx

from stationmaster import __version__
from stationmaster.api.http.server import serve
from stationmaster.cli.collector import calm
from stationmaster.cli.logs import configure
from stationmaster.cli.pages.hearing import LineChanges
from stationmaster.cli.pages.line import Setup, Told, Up, line_of_pages
from stationmaster.cli.pages.passage import Passage
from stationmaster.cli.pages.standing_back import stand_back_further, tell_of_lateness
from stationmaster.clock.wall import WallClock
from stationmaster.ui.api import CALLER, Doorway
from stationmaster.ui.app import Front

PAGES_CONNECTIONS = 32
PASSED_CONNECTIONS = 1000
IDLE_S = 15.0
"""For which a connection to the API is kept: less than the API's own side keeps it."""


async def serve_pages(end: socket.socket) -> None:
    """Return once the line has ended, and what was under way with it."""
    line = await line_of_pages(end)
    heard = line.heard()
    setup = await anext(heard, None)
    if not isinstance(setup, Setup):  # the node is gone already
        return
    configure(setup)
    changes = LineChanges(line.say)
    async with _way(setup, PAGES_CONNECTIONS) as own, _way(setup, PASSED_CONNECTIONS) as passed:
        clock = WallClock()
        front = Front(Passage(passed, CALLER), Doorway(own), changes, clock, __version__)
        server = await serve(front, [socket.socket(fileno=number) for number in setup.listeners], websockets=True)
        calm()
        if setup.pages_priority == "idle":
            stand_back_further()
        late = asyncio.create_task(tell_of_lateness(clock))
        line.say(Up())
        async for said in heard:
            if isinstance(said, Told):
                changes.tell(said.changes)
        late.cancel()
        await server.close()


def _way(setup: Setup, connections: int) -> httpx.AsyncHTTPTransport:
    limits = httpx.Limits(max_connections=connections, keepalive_expiry=IDLE_S)
    return httpx.AsyncHTTPTransport(uds=setup.api, limits=limits)
