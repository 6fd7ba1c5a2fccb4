"""S The variables of a station that swaps batteries: what lies in its slots, and how the slots stand."""

from collections.abc import Collection, Mapping
from typing import Protocol

from stationmaster.domain.battery_swap import Battery
from stationmaster.domain.identity import Evse
from stationmaster.station.device_model.variables import Live, Verdict
from stationmaster.station.ports import BatterySlots
from stationmaster.station.settings import Configuration

TARGET, MOST = "BatterySwapCtrlr.TargetSoC", "BatterySwapCtrlr.MaxSoC"


class Doors(Protocol):
    @property
    def open_slots(self) -> Collection[int]: ...


class Charging(Protocol):
    def charging(self) -> Collection[int]: ...


def battery_variables(
    slots: BatterySlots, doors: Doors, charging: Charging, configuration: Configuration
) -> Mapping[str, Live]:
    """Of an empty slot the numbers are 0, and mean nothing (2.1 part 2, 2.20.9.1)."""

    def inside(at: Evse | None) -> Battery | None:
        assert at is not None  # rows of an EVSE or a Connector are read at one
        return slots.batteries().get(at.id)

    def soc(at: Evse | None) -> str:
        battery = inside(at)
        return "0" if battery is None else str(int(battery.soc_pct))

    def soh(at: Evse | None) -> str:
        battery = inside(at)
        return "0" if battery is None else str(int(battery.soh_pct))

    def working_mode(at: Evse | None) -> str:
        battery = inside(at)
        if at is None or battery is None:
            return "Standby"
        if battery.soc_pct >= configuration.now.swap_max_soc_pct:
            return "Full"
        return "CC" if at.id in charging.charging() else "Ready"

    def slot_status(at: Evse | None) -> str:
        return "Open" if at is not None and at.id in doors.open_slots else "Locked"

    return {
        "BatteryCartridge.Available": lambda at: str(inside(at) is not None).lower(),
        "BatteryCartridge.SoC": soc,
        "BatteryCartridge.SoH": soh,
        "BatteryCartridge.WorkingMode": working_mode,
        "Connector.SlotStatus": slot_status,
    }


def check_target(configuration: Configuration, text: str) -> Verdict | None:
    """S04.FR.10."""
    most = configuration.now.swap_max_soc_pct
    return Verdict("Rejected", "ValueOutOfRange", f"MaxSoC is {most}") if int(text) > most else None


def check_most(configuration: Configuration, text: str) -> Verdict | None:
    """S04.FR.10."""
    target = configuration.now.swap_target_soc_pct
    return Verdict("Rejected", "ValueOutOfRange", f"TargetSoC is {target}") if int(text) < target else None
