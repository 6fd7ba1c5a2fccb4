"""`stationmaster serve` in a process of its own, its first administrator, and its API."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

import coverage

HOST = "127.0.0.1"
START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 15.0
ROLES = ("viewer", "operator", "administrator")
PASSWORD = "correct horse battery staple"
SESSION_COOKIE = "stationmaster_session"
_MEASURED = Path(__file__).with_name("measured")
_ROOT = Path(__file__).parents[2]


class Site:
    """A CSMS with its pages, which get processor time even where browsers want all of it. It can be stopped and started
    again on the same ports and the same data.

    ``options`` are further arguments of `serve`. ``people``: somebody of each role, made at the first start; their
    names are the roles, ``PASSWORD`` is everybody's.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._sessions: dict[str, str] = {}
        self.api_port, self.ocpp_port, self.files_port = _free_port(), _free_port(), _free_port()
        self.http = httpx.AsyncClient(base_url=f"{self.url}/api/v1", timeout=20)
        self.administrator = ("", "")
        """Name and password of the first administrator, as the banner shows them once."""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.api_port}"

    @property
    def ocpp_url(self) -> str:
        return f"ws://{HOST}:{self.ocpp_port}/ocpp"

    async def start(self) -> None:
        """Return when it serves."""
        first = not self.administrator[0]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stationmaster", *self._arguments()], stdout=log, stderr=log, env=_environment()
            )
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await self._answers():
                assert self._process.poll() is None, f"the server ended at its start:\n{self.said()}"
                await asyncio.sleep(0.05)
        if first:
            await self._read_banner()
            await self._make_people()

    def stop(self) -> None:
        """End it in order."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        finally:
            self._process.kill()
            self._process = None

    async def close(self) -> None:
        await self.http.aclose()
        await asyncio.to_thread(self.stop)

    def said(self) -> str:
        return self._log.read_text("utf-8", "replace")

    async def get(self, path: str, **query: Any) -> Any:
        """The API's answer to the first administrator's key; ``path`` begins behind /api/v1."""
        return await self.ask("GET", path, params=query)

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await self.http.request(method, path, **({"json": body} if body is not None else {}), **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def session(self, role: str) -> str:
        """The secret of a session of somebody with this role, the same one for all who ask."""
        if role not in self._sessions:
            self._sessions[role] = await self.new_session(role)
        return self._sessions[role]

    def forget_session(self, role: str) -> None:
        """It has been ended; the next one who asks gets a new one."""
        self._sessions.pop(role, None)

    async def new_session(self, role: str) -> str:
        async with httpx.AsyncClient(base_url=self.url) as http:
            body = {"name": role, "password": PASSWORD, "tenant": "default"}
            answer = await http.post("/api/v1/session", json=body)
            assert answer.is_success, answer.text
            return answer.cookies[SESSION_COOKIE]

    def _arguments(self) -> list[str]:
        return [
            *("serve", "--data-dir", str(self._folder / "data"), "--registration", "open", "--log-level", "warning"),
            *("--ocpp-port", str(self.ocpp_port), "--api-port", str(self.api_port)),
            *("--files-port", str(self.files_port), "--pages-priority", "low", *self._options),
        ]

    async def _answers(self) -> bool:
        try:
            return (await self.http.get(f"{self.url}/sign-in")).is_success
        except httpx.TransportError:
            return False

    async def _read_banner(self) -> None:
        """It is written a moment after the server listens."""
        async with asyncio.timeout(START_TIMEOUT_S):
            while not (key := re.search(r"^API key +(\S+)", self.said(), re.M)):
                await asyncio.sleep(0.02)
        self.http.headers["Authorization"] = f"Bearer {key[1]}"
        shown = re.search(r"^Password of (\S+) +(\S+)", self.said(), re.M)
        assert shown, self.said()
        self.administrator = (shown[1], shown[2])

    async def _make_people(self) -> None:
        for role in ROLES:
            await self.ask("POST", "/people", {"name": role, "role": role, "password": PASSWORD})


def _environment() -> dict[str, str]:
    """Where the tests are measured, so are the processes of a site: the pages' code runs there only."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STATIONMASTER_")}
    if coverage.Coverage.current() is not None:
        ours |= {"COVERAGE_PROCESS_START": str(_ROOT / "pyproject.toml"), "PYTHONPATH": str(_MEASURED)}
    return ours


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
