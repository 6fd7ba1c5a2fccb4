"""I07, I09, I10 The default tariffs that a CSMS of 2.1 installs; they outlive a loss of power (I07.FR.13).

A transaction goes on by the tariff that it began with (I07.FR.24, I10.FR.07): whoever sells keeps it.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_commands import (
    ClearTariffs,
    ClearTariffsAnswer,
    GetTariffs,
    InstalledTariff,
    SetDefaultTariff,
    TariffCleared,
    TariffsAnswer,
)
from stationmaster.domain.messages import Answer, CommandAnswer
from stationmaster.station.cost.default_tariffs import Shelf, current, in_force, put, valid_from
from stationmaster.station.cost.tariff_terms import invalid, too_much
from stationmaster.station.ports import Clock, Memory
from stationmaster.station.settings import Configuration

MAX_SHELVED = 20
"""At one EVSE: the one that counts, and those that will."""
LONGEST_S = 86_400.0
_KEY = "default_tariffs"
_UNKNOWN_EVSE = CommandAnswer(status="Rejected", reason="UnknownEvse")


class Tariffs:
    """``sold``: the tariffs of drivers that are in use. ``changed`` is told when the price of an EVSE may be another
    one."""

    def __init__(self, evse_ids: Sequence[int], memory: Memory, clock: Clock, configuration: Configuration) -> None:
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        kept = memory.get(_KEY)
        shelves = {} if kept is None else msgspec.json.decode(kept, type=dict[int, Shelf])
        self._shelves: dict[int, Shelf] = {evse_id: shelves.get(evse_id, ()) for evse_id in evse_ids}
        self.sold: Callable[[], Iterable[InstalledTariff]] = tuple
        self.changed: Callable[[], None] = lambda: None

    def in_force(self, evse_id: int) -> Tariff | None:
        """The default tariff there now (I07.FR.14, .19); none while tariffs are switched off."""
        return in_force(self._shelves[evse_id], self._clock.now()) if self._configuration.now.tariff_enabled else None

    def until_next_s(self) -> float:
        """Until another one counts somewhere, at most a day."""
        now = self._clock.now()
        waits = [(each.since - now).total_seconds() for shelf in self._shelves.values() for each in shelf]
        return min(wait for wait in (*waits, LONGEST_S) if wait > 0)

    async def set_default(self, request: SetDefaultTariff) -> Answer:
        """I07.FR.02-.12."""
        tariff, settings = request.tariff, self._configuration.now
        against = too_much(tariff, settings)
        if against is not None:
            return against.answer()
        if tariff.name in self._present():
            return CommandAnswer(status="DuplicateTariffId")
        against = invalid(tariff)
        if against is not None:
            return against.answer()
        if request.evse_id and request.evse_id not in self._shelves:
            return _UNKNOWN_EVSE
        now = self._clock.now()
        shelves = {evse_id: put(shelf, tariff, now) for evse_id, shelf in self._at(request.evse_id)}
        if any(len(shelf) > MAX_SHELVED for shelf in shelves.values()):
            return CommandAnswer(status="Rejected", reason="OutOfMemory", info=f"at most {MAX_SHELVED} at an EVSE")
        self._shelves |= shelves
        self._save()
        return CommandAnswer(status="Accepted")

    async def tell(self, request: GetTariffs) -> Answer:
        """I09."""
        if request.evse_id and request.evse_id not in self._shelves:
            return TariffsAnswer(status="Rejected", reason="UnknownEvse")
        sold = [each for each in self.sold() if request.evse_id in (0, *each.evse_ids)]
        found = (*self._installed(request.evse_id), *sold)
        return TariffsAnswer(status="Accepted" if found else "NoTariff", tariffs=found)

    async def clear(self, request: ClearTariffs) -> Answer:
        """I10: of the default tariffs those that all filters fit. 0 means all EVSEs here too."""
        cleared: list[str] = []
        for evse_id, shelf in self._at(request.evse_id or 0):
            gone = [
                each.tariff.name for each in shelf if not request.tariff_ids or each.tariff.name in request.tariff_ids
            ]
            self._shelves[evse_id] = tuple(each for each in shelf if each.tariff.name not in gone)
            cleared += gone
        if not cleared:
            return ClearTariffsAnswer(status="NoTariff")  # I10.FR.06
        self._save()
        results = tuple(TariffCleared(status="Accepted", tariff_id=name) for name in dict.fromkeys(cleared))
        return ClearTariffsAnswer(status="Accepted", results=results)

    def _at(self, evse_id: int) -> list[tuple[int, Shelf]]:
        """The shelves of one EVSE, or for 0 of all, without what has been replaced meanwhile."""
        now = self._clock.now()
        return [(each, current(shelf, now)) for each, shelf in self._shelves.items() if evse_id in (0, each)]

    def _installed(self, evse_id: int) -> tuple[InstalledTariff, ...]:
        """I09.FR.04, .07."""
        places: dict[str, list[int]] = {}
        tariffs: dict[str, Tariff] = {}
        for each, shelf in self._at(evse_id):
            for installed in shelf:
                tariffs[installed.tariff.name] = installed.tariff
                places.setdefault(installed.tariff.name, []).append(each)
        return tuple(
            InstalledTariff(
                tariff_id=name, kind="DefaultTariff", valid_from=valid_from(tariff), evse_ids=tuple(places[name])
            )
            for name, tariff in tariffs.items()
        )

    def _present(self) -> frozenset[str]:
        return frozenset(each.tariff_id for each in (*self._installed(0), *self.sold()))

    def _save(self) -> None:
        self._memory.put(_KEY, msgspec.json.encode(self._shelves))
        self.changed()
