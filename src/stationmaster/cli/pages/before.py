"""The pages put before the API of a node."""

import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from litestar import Litestar

from stationmaster.api.http.relayed import relayed
from stationmaster.api.http.server import BACKLOG, serve
from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.pages.line import Setup
from stationmaster.cli.pages.process import PagesProcess
from stationmaster.cli.settings import ServeSettings
from stationmaster.clock.wall import WallClock
from stationmaster.ui.api import CALLER


@asynccontextmanager
async def pages_before(
    api: Litestar, listeners: Sequence[socket.socket], bus: MemoryBus, settings: ServeSettings
) -> AsyncIterator[None]:
    """Pages and API on ``listeners`` for as long as the context lasts. Raises PagesDown.

    People wait by the wall's clock, whatever the stations' is.
    """
    with tempfile.TemporaryDirectory(prefix="stationmaster-") as private:
        path = str(Path(private) / "api.sock")
        inside = await serve(relayed(api, CALLER), [_listening(path)])
        setup = Setup(
            listeners=tuple(listener.fileno() for listener in listeners),
            api=path,
            log_level=settings.log_level,
            log_format=settings.log_format,
            log_id_tokens=settings.log_id_tokens,
            pages_priority=settings.pages_priority,
        )
        pages = PagesProcess(setup, bus, WallClock())
        try:
            await pages.start()
            yield
        finally:
            api.state.streams.end()  # else they would be waited for
            await pages.close()
            await inside.close()
            for listener in listeners:
                listener.close()


def _listening(path: str) -> socket.socket:
    """In a directory that is for nobody else."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener
