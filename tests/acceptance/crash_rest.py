"""An operator at the API of a server that is killed and started again: what is asked meanwhile waits for it."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from crash_server import HOST, CsmsProcess

HOLDS_WITHIN_S = 90.0


class CrashRest:
    def __init__(self, server: CsmsProcess) -> None:
        self._server = server

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """What the API answers; tried again while nobody listens."""
        headers = {"Authorization": f"Bearer {await self.key()}"}
        address = f"http://{HOST}:{self._server.api_port}"
        async with httpx.AsyncClient(base_url=address, headers=headers, verify=False) as http:  # reads no certificates
            while True:
                try:
                    answer = await http.request(method, f"/api/v1{path}", **more)
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                    continue
                assert answer.is_success, answer.text
                return answer.json()

    async def until(self, path: str, holds: Any) -> Any:
        """What is at a path once ``holds`` is true of it. Fails with what was there last where it never becomes so."""
        found: Any = "no answer at all"
        try:
            async with asyncio.timeout(HOLDS_WITHIN_S) as bound:
                while not holds(found := await self.ask("GET", path)):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            if not bound.expired():  # it was something else that took too long
                raise
            waited = f"after {HOLDS_WITHIN_S:g} s {path} still is {found}"
            pytest.fail(f"{waited}\nThe server, start {self._server.starts}, said:\n{self._server.said()}")
        return found

    async def key(self) -> str:
        """The first key, which the server prints once it is up: the last one printed, as a start that was cut off
        while it printed leaves it to the next to make another."""
        async with asyncio.timeout(HOLDS_WITHIN_S):
            while not (secrets := re.findall(r"API key\W+(\S+)", self._server.log.read_text())):
                await asyncio.sleep(0.05)
        return str(secrets[-1])
