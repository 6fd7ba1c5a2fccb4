"""What the blocks of a station are made of, and how they take part in its life."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from stationmaster.domain.messages import Request
from stationmaster.station.connection.gate import Handler
from stationmaster.station.connection.link import Link
from stationmaster.station.connection.network import Route
from stationmaster.station.device_model.variables import Variables
from stationmaster.station.ports import FileTransfer, Hardware, HardwareDescription, Memory
from stationmaster.station.settings import Configuration
from stationmaster.station.station_clock import StationClock

Block = TypeVar("Block")


@dataclass(slots=True, kw_only=True, eq=False)
class Parts:
    """A block that another one needs is found by its class, once it has been made: ``parts[Availability]``.

    What a block hooks itself into: ``handlers`` answer the CSMS; ``starts`` are called when the program starts, in
    their order; ``resumes`` whenever messages may go out again; ``losses`` when the line is lost.
    """

    version: str
    hardware: Hardware
    description: HardwareDescription
    """As it is at the start."""
    memory: Memory
    clock: StationClock
    configuration: Configuration
    files: FileTransfer
    random: Random
    route: Route
    link: Link
    identity: Callable[[], str]
    """What the CSMS knows the station by."""
    variables: Variables
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
    """Run something until the program ends; what it raises ends the program."""
    reboot: Callable[[str], None]
    """End this run and have another one, which gives this BootReason."""

    handlers: dict[type[Request], Handler] = field(default_factory=dict)
    starts: list[Callable[[], object]] = field(default_factory=list)
    resumes: list[Callable[[], object]] = field(default_factory=list)
    losses: list[Callable[[], object]] = field(default_factory=list)
    _blocks: dict[type, Any] = field(default_factory=dict)

    def __getitem__(self, kind: type[Block]) -> Block:
        """Raises KeyError for a block that has not been made (yet)."""
        block: Block = self._blocks[kind]
        return block

    def get(self, kind: type[Block]) -> Block | None:
        """For a block that not every station has."""
        return self._blocks.get(kind)

    def add(self, block: object) -> None:
        self._blocks[type(block)] = block

    def keep_running(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """From the start of the program to its end."""
        self.starts.append(lambda: self.spawn(run()))
