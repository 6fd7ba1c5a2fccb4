"""A page that is open, without a browser: its HTML, its live connection, and everything that the server sends for it.

It speaks what the pages' framework speaks: Engine.IO 4 and Socket.IO 5 over a WebSocket. What arrives is counted and
acknowledged as a browser does it, and drawn nowhere.
"""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from stationmaster.cli.errors import CommandFailed
from stationmaster.clock.wall import WallClock

SESSION_COOKIE = "stationmaster_session"
ACK_EVERY_S = 3.0
MAX_MESSAGE_BYTES = 16 * 1024 * 1024

_QUERY = re.compile(r"[\"']client_id[\"']:\s*[\"']([^\"']+)[\"'].*?[\"']next_message_id[\"']:\s*(\d+)", re.S)
_CLOCK = WallClock()
_OPENED, _PING, _PONG, _CONNECT, _EVENT, _REFUSED = "0", "2", "3", "40", "42", "44"


class OpenPage:
    """``messages`` and ``characters`` are what came over its live connection."""

    def __init__(self, url: str, session: str, path: str) -> None:
        self._url = url
        self._headers = {"Cookie": f"{SESSION_COOKIE}={session}"}
        self._path = path
        self._client_id = ""
        self._next_message = 0
        self._connection: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.messages = 0
        self.characters = 0

    async def open(self, http: httpx.AsyncClient) -> None:
        """Return when it is alive. Raises CommandFailed where the server has no such page for this session."""
        answer = await http.get(f"{self._url}{self._path}", headers=self._headers)
        found = _QUERY.search(answer.text)
        if answer.status_code != httpx.codes.OK or found is None:
            raise CommandFailed(f"the page {self._path} was answered with {answer.status_code} {answer.text[:200]}")
        self._client_id, self._next_message = found[1], int(found[2])
        address = urlsplit(self._url)
        self._connection = await connect(
            f"ws://{address.netloc}/_nicegui_ws/socket.io/?{self._query()}",
            additional_headers=self._headers,
            max_size=MAX_MESSAGE_BYTES,
            ping_interval=None,
            proxy=None,
        )
        await self._shake_hands(self._connection)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._acknowledge())]

    async def close(self) -> None:
        """As when its tab is closed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close()

    @property
    def is_alive(self) -> bool:
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    def _query(self) -> str:
        ours = {"client_id": self._client_id, "next_message_id": self._next_message, "implicit_handshake": "true"}
        return urlencode({"EIO": 4, "transport": "websocket", "document_id": uuid4(), "tab_id": uuid4(), **ours})

    async def _shake_hands(self, connection: ClientConnection) -> None:
        while True:
            text = str(await connection.recv())
            if text.startswith(_OPENED):
                await connection.send(_CONNECT)
            elif text.startswith(_REFUSED):
                raise CommandFailed(f"the page {self._path} was not connected: {text}")
            elif text.startswith(_CONNECT):
                return
            else:
                self._take(text)

    async def _read(self) -> None:
        assert self._connection is not None
        try:
            async for text in self._connection:
                if text == _PING:
                    await self._connection.send(_PONG)
                else:
                    await self._answer(self._take(str(text)))
        except ConnectionClosed:
            return

    def _take(self, text: str) -> dict[str, Any]:
        """What a message says."""
        self.messages += 1
        self.characters += len(text)
        if not text.startswith(_EVENT):
            return {}
        _, *arguments = msgspec.json.decode(text[len(_EVENT) :])
        told = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
        self._next_message = told.get("_id", self._next_message - 1) + 1
        return told

    async def _answer(self, told: dict[str, Any]) -> None:
        """A script that the server waits for: it comes back with nothing."""
        if told.get("request_id"):
            await self._emit("javascript_response", {"request_id": told["request_id"], "result": None})

    async def _emit(self, event: str, content: dict[str, Any]) -> None:
        assert self._connection is not None
        message = msgspec.json.encode([event, {"client_id": self._client_id, **content}]).decode()
        await self._connection.send(_EVENT + message)

    async def _acknowledge(self) -> None:
        """A server keeps what is not acknowledged, to say it again after a broken line."""
        while True:
            await _CLOCK.sleep(ACK_EVERY_S)
            await self._emit("ack", {"next_message_id": self._next_message})
