"""Every station that this node knows, in memory: the door is answered at once, without a query."""

from collections.abc import Callable, Iterator

from stationmaster.csms.connection.desk import Blocks, Desk
from stationmaster.csms.ports import Clock, Journal
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.decision import Passing
from stationmaster.domain.identity import DEFAULT_TENANT, StationRef
from stationmaster.domain.station import Station, StationState


def _nothing(_: Desk) -> None:
    """Nobody wants to know."""


class Directory:
    """Desks by name and by key."""

    def __init__(
        self,
        blocks: Blocks,
        journal: Journal,
        clock: Clock,
        settings: CsmsSettings,
        pass_on: Callable[[int, Passing], None],
    ) -> None:
        self._blocks = blocks
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._pass_on = pass_on
        self.overridden: Callable[[Desk], None] = _nothing
        """Told when an operator has another word about where a station is called."""
        self._by_ref: dict[StationRef, Desk] = {}
        self._by_key: dict[int, Desk] = {}
        self.tenants: set[str] = {*settings.policies, DEFAULT_TENANT}

    def add(self, station: Station) -> Desk:
        """Know a station, or know it better: the desk stays the same one."""
        desk = self._by_key.get(station.key)
        if desk is not None:
            before = desk.state.station.callback_override
            desk.refresh(station)
            if station.callback_override != before:
                self.overridden(desk)
            return desk
        state = StationState(station=station)
        desk = Desk(state, self._blocks, self._journal, self._clock, self._settings, self._pass_on)
        self._by_ref[station.ref] = desk
        self._by_key[station.key] = desk
        self.tenants.add(station.tenant)
        return desk

    def find(self, ref: StationRef) -> Desk | None:
        return self._by_ref.get(ref)

    def get(self, station_key: int) -> Desk | None:
        return self._by_key.get(station_key)

    def __iter__(self) -> Iterator[Desk]:
        return iter(tuple(self._by_key.values()))

    def __len__(self) -> int:
        return len(self._by_key)
