"""The slots of a simulated station that swaps batteries, and the batteries in them."""

from collections.abc import Collection, Mapping
from decimal import Decimal

import msgspec

from stationmaster.domain.battery_swap import Battery
from stationmaster.station.ports import SlotListener


class SlotClosed(Exception):
    """Nobody may use this slot now, or it has no room, or nothing in it."""


class SimulatedSlots:
    """Fulfils ``BatterySlots``. Of ``count`` slots, numbered from 1, all but the last ``empty`` hold a full battery."""

    def __init__(self, count: int, empty: int = 1) -> None:
        self._listener: SlotListener | None = None
        self._open: frozenset[int] = frozenset()
        self._inside: dict[int, Battery | None] = {
            number: new_battery(f"SM-{number:04}", 95, evse_id=number) if number <= count - empty else None
            for number in range(1, count + 1)
        }

    def batteries(self) -> Mapping[int, Battery | None]:
        return dict(self._inside)

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
        self._move(evse_id, msgspec.structs.replace(battery, evse_id=evse_id))

    def take(self, evse_id: int) -> Battery:
        """A driver takes a battery out. Raises SlotClosed."""
        battery = self._inside[evse_id]
        if evse_id not in self._open or battery is None:
            raise SlotClosed(evse_id)
        self._move(evse_id, None)
        return battery

    def _move(self, evse_id: int, battery: Battery | None) -> None:
        self._inside[evse_id] = battery
        if self._listener is not None:
            self._listener.on_battery(evse_id, battery)


def new_battery(serial_number: str, soc_pct: int, *, soh_pct: int = 98, evse_id: int = 0) -> Battery:
    return Battery(evse_id=evse_id, serial_number=serial_number, soc_pct=Decimal(soc_pct), soh_pct=Decimal(soh_pct))
