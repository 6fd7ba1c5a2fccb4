"""The servers of the benchmark as processes of their own, and what they cost."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from stationmaster.cli.errors import CommandFailed
from stationmaster.clock.timeouts import within
from stationmaster.clock.wall import WallClock

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
QUIET_POLLS = 3
MAX_QUIET_POLLS = 80

_CLOCK = WallClock()
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Listens(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a server prints once it listens: its port for stations; where those post to that speak SOAP; where its web
    pages are, and a session to look at them with."""

    port: int
    soap: str = ""
    pages: str = ""
    session: str = ""


class ServerProcess:
    """A server that listens."""

    def __init__(self, process: Process, listens: Listens) -> None:
        self._process = process
        self.url = f"ws://127.0.0.1:{listens.port}"
        self.soap = listens.soap
        self.pages, self.session = listens.pages, listens.session

    def cpu_s(self) -> float:
        """CPU time of all its threads, user and system, since it was started."""
        text = self._proc("stat")
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS_PER_SECOND

    def rss_bytes(self) -> int:
        """Memory that it has in use."""
        return int(self._proc("statm").split()[1]) * _PAGE_BYTES

    async def quiet(self, rest_s: float) -> None:
        """Return once it has rested for so long: what it does after its answers (writing logs) is part of the cost."""
        quiet, before = 0, self.cpu_s()
        for _ in range(MAX_QUIET_POLLS):
            await _CLOCK.sleep(rest_s / QUIET_POLLS)
            now = self.cpu_s()
            quiet = quiet + 1 if now - before <= 1 / _TICKS_PER_SECOND else 0
            if quiet == QUIET_POLLS:
                return
            before = now

    def pause(self) -> None:
        """Have it and what it started do nothing at all until it is resumed, and keep their connections."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self._process.pid, signal.SIGCONT)

    async def kill(self) -> None:
        """End it without warning: whatever it has not stored by now is lost."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """End it in order by closing its input; by force if that takes too long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await within(_CLOCK, STOP_TIMEOUT_S, self._process.wait())
        except TimeoutError:
            await self.kill()

    def _proc(self, name: str) -> str:
        try:
            return Path(f"/proc/{self._process.pid}/{name}").read_text("ascii")
        except OSError as error:
            raise CommandFailed(f"a server of the benchmark has ended by itself: {error}") from error


@asynccontextmanager
async def server(directory: Path, kind: str, *arguments: str) -> AsyncIterator[ServerProcess]:
    """A server of ``servers`` for as long as the context lasts; what it prints goes to a file in ``directory``."""
    said = directory / f"{kind}.log"
    with said.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "stationmaster.cli.benchmark.servers", kind, *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors,
            start_new_session=True,  # so that Ctrl-C reaches only the benchmark, which ends its servers itself
        )
    running = ServerProcess(process, Listens(port=0))
    try:
        running = ServerProcess(process, await _listens(process, kind, said))
        yield running
    except BaseException:
        await running.kill()
        raise
    await running.stop()


async def _listens(process: Process, kind: str, said: Path) -> Listens:
    """The one line that it prints."""
    assert process.stdout is not None
    try:
        line = await within(_CLOCK, START_TIMEOUT_S, process.stdout.readline())
    except TimeoutError:
        line = b""
    if not line:
        raise CommandFailed(f"the benchmark's {kind} server did not start:\n{_end_of(said)}")
    return msgspec.json.decode(line, type=Listens)


def _end_of(said: Path) -> str:
    return "\n".join(said.read_text("utf-8", "replace").splitlines()[-15:])
