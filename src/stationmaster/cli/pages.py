"""The operator's pages put before the API: what they hear of changes comes from the bus."""

from collections.abc import AsyncIterator

import msgspec
from litestar import Litestar

from stationmaster import __version__
from stationmaster.bus.memory import MemoryBus
from stationmaster.clock.wall import WallClock
from stationmaster.csms import subjects
from stationmaster.domain.queries import CommittedEvent
from stationmaster.ui.app import Front
from stationmaster.ui.ports import Change

_decode = msgspec.json.Decoder(CommittedEvent).decode


class BusChanges:
    """Fulfils the pages' port of changes."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus

    async def follow(self, kind: str, station_key: int | None) -> AsyncIterator[Change]:
        async for message in self._bus.subscribe(subjects.events(kind, station_key)):
            event = _decode(message.body).event
            yield Change(event.tenant, event.kind, event.station_key)


def front_of(api: Litestar, bus: MemoryBus) -> Front:
    """The pages and the API as one application. People wait by the wall's clock, whatever the stations' is."""
    return Front(api, BusChanges(bus), WallClock(), __version__)  # type: ignore[arg-type] # Litestar's own scope types
