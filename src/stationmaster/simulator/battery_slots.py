"""The slots of a simulated station that swaps batteries, and the batteries in them.

A battery is charged as a car is: each slot's outlet has a charge path, and the battery lies at its end. What a slot
tells of its battery's charge is what has gone into it up to now.
"""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import NamedTuple, Protocol

import msgspec

from stationmaster.domain.battery_swap import Battery
from stationmaster.simulator.battery import Curve
from stationmaster.simulator.ev import EV, EVModel
from stationmaster.station.ports import SlotListener

PACK = EVModel(
    name="Scooter battery 2",
    battery_wh=2_000,
    pack_voltage_v=52,
    ac_phases=1,
    ac_max_current_a=6,
    dc_max_power_w=1_500,
    connectors=frozenset({"BatterySlot"}),
    dc_curve=Curve(((0.0, 0.8), (0.1, 1.0), (0.8, 0.9), (0.9, 0.5), (1.0, 0.1))),
)
"""What is swapped: as much as one or two of them drive a scooter with."""
CONNECTOR = 1


class SlotClosed(Exception):
    """Nobody may use this slot now, or it has no room, or nothing in it."""


class Bay(Protocol):
    """Where a battery is charged; ``plug`` and ``unplug`` are told nobody by it."""

    def plug(self, ev: EV, connector_id: int) -> None: ...
    def unplug(self) -> EV: ...


class Shelf:
    """A place that charges nothing."""

    def __init__(self) -> None:
        self._inside: list[EV] = []

    def plug(self, ev: EV, connector_id: int) -> None:
        self._inside.append(ev)

    def unplug(self) -> EV:
        return self._inside.pop()


class _Inside(NamedTuple):
    """``battery`` as it came in, and its cells."""

    battery: Battery
    cells: EV

    @property
    def now(self) -> Battery:
        soc_pct = Decimal(f"{self.cells.soc * 100:.1f}")
        return msgspec.structs.replace(self.battery, soc_pct=soc_pct)


class SimulatedSlots:
    """Fulfils ``BatterySlots``. Of ``count`` slots, numbered from 1, all but the last ``empty`` hold a full battery.

    ``bay_of`` gives the bay of a slot as it is at this moment.
    """

    def __init__(self, count: int, empty: int = 1, bay_of: Callable[[int], Bay] | None = None) -> None:
        shelves = {number: Shelf() for number in range(1, count + 1)}
        self._bay_of: Callable[[int], Bay] = bay_of or shelves.__getitem__
        self._listener: SlotListener | None = None
        self._open: frozenset[int] = frozenset()
        self._inside: dict[int, _Inside | None] = dict.fromkeys(shelves)
        for number in range(1, count - empty + 1):
            self._put(number, new_battery(f"SM-{number:04}", 95, evse_id=number))

    def batteries(self) -> Mapping[int, Battery | None]:
        return {number: self._look(number) for number in self._inside}

    def open_slots(self, evse_ids: Collection[int]) -> None:
        self._open = frozenset(evse_ids)

    def attach_slots(self, listener: SlotListener | None) -> None:
        self._listener = listener

    @property
    def usable(self) -> frozenset[int]:
        """The slots that stand open."""
        return self._open

    def insert(self, evse_id: int, battery: Battery) -> None:
        """A driver puts a battery in. Raises SlotClosed."""
        if evse_id not in self._open or self._inside[evse_id] is not None:
            raise SlotClosed(evse_id)
        self._put(evse_id, battery)
        self._tell(evse_id)

    def take(self, evse_id: int) -> Battery:
        """A driver takes a battery out. Raises SlotClosed."""
        battery = self._look(evse_id)
        if evse_id not in self._open or battery is None:
            raise SlotClosed(evse_id)
        self._bay_of(evse_id).unplug()
        self._inside[evse_id] = None
        self._tell(evse_id)
        return battery

    def _put(self, evse_id: int, battery: Battery) -> None:
        inside = _Inside(msgspec.structs.replace(battery, evse_id=evse_id), EV(PACK, float(battery.soc_pct) / 100))
        self._bay_of(evse_id).plug(inside.cells, CONNECTOR)
        self._inside[evse_id] = inside

    def _look(self, evse_id: int) -> Battery | None:
        inside = self._inside[evse_id]
        if inside is None:
            return None
        self._bay_of(evse_id)
        return inside.now

    def _tell(self, evse_id: int) -> None:
        if self._listener is not None:
            self._listener.on_battery(evse_id, self._look(evse_id))


def new_battery(serial_number: str, soc_pct: int, *, soh_pct: int = 98, evse_id: int = 0) -> Battery:
    return Battery(evse_id=evse_id, serial_number=serial_number, soc_pct=Decimal(soc_pct), soh_pct=Decimal(soh_pct))
