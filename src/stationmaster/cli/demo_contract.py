"""What a demo is to whoever watches it: options in, snapshots while it runs, a summary at its end."""

from typing import Protocol

import msgspec

from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.snapshot import DemoSnapshot


class DemoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``speed``: seconds in the fleet per second here. The same ``seed`` gives the same fleet and drivers."""

    stations: int
    speed: float
    seed: int


class DemoSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How a demo went. ``finished_by_version`` has an entry, if only 0, for each version that the fleet speaks;
    ``never_booted`` names stations that were not accepted."""

    stations: int
    booted: int
    finished_by_version: dict[str, int]
    never_booted: tuple[str, ...] = ()


class DemoRun(Protocol):
    """A demo that can be watched. ``stop`` is called once, whatever happened after ``start`` returned."""

    async def start(self) -> NodeInfo: ...
    def snapshot(self) -> DemoSnapshot: ...
    async def stop(self) -> DemoSummary: ...
