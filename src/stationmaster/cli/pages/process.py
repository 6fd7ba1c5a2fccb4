"""The process of the pages as the node sees it: started, kept up, ended."""

import asyncio
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import structlog

from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.errors import CommandFailed
from stationmaster.cli.pages.line import FromPages, Line, Setup, Up, line_of_node
from stationmaster.cli.pages.telling import Telling
from stationmaster.clock.timeouts import within
from stationmaster.csms.ports import Clock

log = structlog.get_logger(__name__)

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
PAUSES_S = (1.0, 5.0, 30.0)
"""Before it is started again; the last one for all further times."""
STEADY_S = 60.0
"""Whoever ran for so long is started again after the first pause."""
WITHOUT = "to do without them: --no-pages"
COMMAND = (sys.executable, "-m", "stationmaster.cli.pages")


class PagesDown(CommandFailed):
    """The pages could not be started."""


class PagesProcess:
    """``setup`` names the listeners, which stay open while it is started again: whoever comes then waits."""

    def __init__(self, setup: Setup, bus: MemoryBus, clock: Clock, command: Sequence[str] = COMMAND) -> None:
        self._setup = setup
        self._bus = bus
        self._clock = clock
        self._command = command
        self._up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line: Line[FromPages] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    async def start(self) -> None:
        """Return when pages can be opened. Raises PagesDown. Close it in any case."""
        self._keeping = asyncio.create_task(self._keep(), name="pages")
        try:
            await within(self._clock, START_TIMEOUT_S, asyncio.shield(self._up))
        except TimeoutError:
            raise PagesDown(f"the pages did not come up within {START_TIMEOUT_S:g} s; {WITHOUT}") from None

    async def close(self) -> None:
        """End it in order; by force if that takes too long."""
        self._ending.set()
        if self._line is not None:
            self._line.end()
        if self._keeping is not None:
            await self._keeping
        self._up.cancel()

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = self._clock.monotonic()
            status = await self._try_once()
            if self._ending.is_set():
                return
            if not self._up.done():
                self._up.set_exception(PagesDown(f"the pages ended at their start, with status {status}; {WITHOUT}"))
                return
            failures = 0 if self._clock.monotonic() - began >= STEADY_S else failures
            pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            failures += 1
            log.error("pages have ended by themselves, to be started again", status=status, pause_s=pause_s)
            with suppress(TimeoutError):
                await within(self._clock, pause_s, self._ending.wait())

    async def _try_once(self) -> int | None:
        """Its status at its end; None where it could not even be started, or said what nobody understands."""
        try:
            return await self._run_once()
        except (OSError, msgspec.MsgspecError) as error:
            log.error("pages could not be run", reason=repr(error))
            return None

    async def _run_once(self) -> int:
        """Until it ends, however that comes. Returns its status."""
        process, end = await self._spawned()
        self._line = line = await line_of_node(end)
        telling = Telling(self._bus, self._clock, line.say)
        task = asyncio.create_task(telling.run())
        try:
            if not self._ending.is_set():
                line.say(self._setup)
                await self._listen(line, telling)
            line.end()
            return await self._ended(process)
        finally:
            line.end()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _spawned(self) -> tuple[Process, socket.socket]:
        """The process, and the node's end of its line. Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            try:
                process = await asyncio.create_subprocess_exec(
                    *(*self._command, str(number)),
                    stdin=DEVNULL,
                    stdout=DEVNULL,
                    pass_fds=(number, *self._setup.listeners),
                )
            except OSError:
                ours.close()
                raise
        return process, ours

    async def _listen(self, line: Line[FromPages], telling: Telling) -> None:
        async for said in line.heard():
            if not isinstance(said, Up):
                telling.want(said)
            elif not self._up.done():
                self._up.set_result(None)

    async def _ended(self, process: Process) -> int:
        try:
            return await within(self._clock, STOP_TIMEOUT_S, process.wait())
        except TimeoutError:
            log.warning("pages did not end by themselves")
            with suppress(ProcessLookupError):
                process.kill()
            return await process.wait()
