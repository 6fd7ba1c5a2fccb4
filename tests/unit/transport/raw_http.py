"""A client of HTTP by hand: no library stands between a test and the bytes."""

import asyncio
from contextlib import suppress


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self, *, head: bool = False) -> Answer:
        async with asyncio.timeout(5):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
            length = 0 if head or lines[0].split()[1] == "100" else int(headers.get("content-length", 0))
            return Answer(int(lines[0].split()[1]), headers, await self.reader.readexactly(length))

    async def rest(self) -> bytes:
        async with asyncio.timeout(5):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


CLIENTS: list[Client] = []


async def connect(port: int) -> Client:
    CLIENTS.append(Client(*await asyncio.open_connection("127.0.0.1", port)))
    return CLIENTS[-1]


async def hang_up() -> None:
    """Close whatever a test has opened."""
    while CLIENTS:
        CLIENTS[-1].writer.close()
        with suppress(OSError):
            await CLIENTS.pop().writer.wait_closed()
