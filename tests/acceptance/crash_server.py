"""A CSMS in a process of its own, to be killed and started again on the same data and the same ports.

The processes are forks of one that has imported the program and done nothing yet (see ``crash_seed``): it would take
longer to import it again at each start than to serve.
"""

import asyncio
import multiprocessing
import os
import socket
import sys
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from stationmaster.cli.main import run
from stationmaster.cli.settings import DATABASE_NAME

START_TIMEOUT_S = 30.0
HOST = "127.0.0.1"
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["crash_seed"])


class CsmsProcess:
    """`stationmaster serve`, with ``config`` for its stationmaster.toml. ``log`` is all that it ever said, over all its
    starts."""

    def __init__(self, folder: Path, config: str = "") -> None:
        (folder / "stationmaster.toml").write_text(config)
        self.data_dir = folder / "data"
        self.database = self.data_dir / DATABASE_NAME
        self.log = folder / "server.log"
        self.port, self.api_port, self.files_port = _free_port(), _free_port(), _free_port()
        self._process: BaseProcess | None = None
        self.starts = 0

    @property
    def url(self) -> str:
        return f"ws://{HOST}:{self.port}/ocpp"

    @property
    def soap_url(self) -> str:
        return f"http://{HOST}:{self.files_port}/soap"

    async def start(self) -> None:
        """Return when stations can connect."""
        arguments = [
            *("serve", "--data-dir", str(self.data_dir), "--registration", "open", "--log-level", "warning"),
            *("--no-pages", "--inventory", "off"),  # its stations know only what they are told to do
            *("--ocpp-port", str(self.port), "--api-port", str(self.api_port)),
            *("--files-port", str(self.files_port), "--soap-loopback-callbacks"),
        ]
        with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):  # the fork server knows no other way
            ensure_running()
        self._process = _FORKS.Process(target=_stationmaster, args=(arguments, self.log))
        self._process.start()
        self.starts += 1
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await self._listens():
                assert self._process.exitcode is None, f"the server ended at its start:\n{self.said()}"
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """As a loss of power would, but that what the kernel holds is still written."""
        self.strike()
        await self._ended(10.0)

    def strike(self) -> None:
        """As ``kill``, at this very moment; there is something to wait for still."""
        assert self._process is not None
        self._process.kill()

    async def terminate(self, within_s: float) -> int:
        """Ask it to stop; its exit code. Raises TimeoutError when it takes longer."""
        assert self._process is not None
        self._process.terminate()
        return await self._ended(within_s)

    async def _ended(self, within_s: float) -> int:
        process = self._process
        assert process is not None
        await asyncio.to_thread(process.join, within_s)
        if process.exitcode is None:
            raise TimeoutError(f"still running {within_s} s after it was told to end:\n{self.said()}")
        self._process = None
        return process.exitcode

    def close(self) -> None:
        """Leave nothing running behind."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def said(self) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


def _stationmaster(arguments: list[str], log: Path) -> None:
    """What a shell does: the program with its arguments, in a directory, writing into a file."""
    for name in [name for name in os.environ if name.startswith("STATIONMASTER_")]:
        del os.environ[name]
    os.chdir(log.parent)
    with log.open("ab") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    sys.argv = ["stationmaster", *arguments]
    run()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
