"""A CSMS in a process of its own, to be killed and started again on the same data and the same ports."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from stationmaster.cli.settings import DATABASE_NAME

START_TIMEOUT_S = 30.0
HOST = "127.0.0.1"


class CsmsProcess:
    """`stationmaster serve`. ``log`` is all that it ever said, over all its starts."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.database = self.data_dir / DATABASE_NAME
        self.log = folder / "server.log"
        self.port, self.api_port, self.files_port = _free_port(), _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    @property
    def url(self) -> str:
        return f"ws://{HOST}:{self.port}/ocpp"

    async def start(self) -> None:
        """Return when stations can connect."""
        command = [
            *(sys.executable, "-c", "from stationmaster.cli.main import run; run()", "serve"),
            *("--data-dir", str(self.data_dir), "--registration", "open", "--log-level", "warning"),
            *("--inventory", "off"),  # its stations know only what they are told to do
            *("--ocpp-port", str(self.port), "--api-port", str(self.api_port)),
            *("--files-port", str(self.files_port)),
        ]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STATIONMASTER_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.log.parent, env=environment)
        self.starts += 1
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await self._listens():
                assert self._process.poll() is None, f"the server ended at its start:\n{self.said()}"
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """As a loss of power would, but that what the kernel holds is still written."""
        await self._end(signal.SIGKILL)

    async def terminate(self, within_s: float) -> int:
        """Ask it to stop; its exit code. Raises TimeoutError when it takes longer."""
        return await self._end(signal.SIGTERM, within_s)

    async def _end(self, number: signal.Signals, within_s: float = 10.0) -> int:
        process = self._process
        assert process is not None
        process.send_signal(number)
        try:
            code = await asyncio.to_thread(process.wait, within_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"still running {within_s} s after {number.name}:\n{self.said()}") from None
        self._process = None
        return code

    def close(self) -> None:
        """Leave nothing running behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
