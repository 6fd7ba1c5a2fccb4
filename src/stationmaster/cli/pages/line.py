"""What the node and the process of its pages say to each other: one JSON document a line."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

import msgspec

from stationmaster.cli.pages.standing_back import Priority
from stationmaster.ui.ports import Change

MAX_LINE_BYTES = 1024 * 1024
MAX_UNHEARD_BYTES = 1024 * 1024
"""What may wait to be sent: more is dropped, as nobody promised that all changes are told."""


class Setup(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The node's first word. ``listeners``: the numbers of the sockets of people's side; ``api``: the path of the API's
    socket; the rest: as in the settings."""

    listeners: tuple[int, ...]
    api: str
    log_level: str
    log_format: str
    log_id_tokens: str
    pages_priority: Priority


class Told(msgspec.Struct, frozen=True, tag=True):
    """The node's: what has changed since it told last."""

    changes: tuple[Change, ...]


class Up(msgspec.Struct, frozen=True, tag=True):
    """The pages': they can be opened."""


class Subject(msgspec.Struct, frozen=True, tag=True):
    """The pages': tell of a kind of events, of one station or of all."""

    kind: str
    station_key: int | None = None
    wanted: bool = True
    """False: no more of them."""


FromNode = Setup | Told
FromPages = Up | Subject
Heard = TypeVar("Heard")


class Line(Generic[Heard]):
    """One end of the line."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, decoder: "msgspec.json.Decoder[Heard]"
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = decoder

    def say(self, what: FromNode | FromPages) -> None:
        """Never waits. What finds no room is dropped; so is what is said after the end."""
        transport = self._writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < MAX_UNHEARD_BYTES:
            self._writer.write(msgspec.json.encode(what) + b"\n")

    async def heard(self) -> AsyncIterator[Heard]:
        """All that the other side says, until it ends or is lost."""
        try:
            while line := await self._reader.readline():
                yield self._decoder.decode(line)
        except ConnectionError:
            return

    def end(self) -> None:
        self._writer.close()


async def line_of_node(end: socket.socket) -> "Line[FromPages]":
    """The node's end."""
    return Line(*await _streams(end), msgspec.json.Decoder(FromPages))


async def line_of_pages(end: socket.socket) -> "Line[FromNode]":
    """The pages' end."""
    return Line(*await _streams(end), msgspec.json.Decoder(FromNode))


async def _streams(end: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    end.setblocking(False)
    return await asyncio.open_unix_connection(sock=end, limit=MAX_LINE_BYTES)
