"""B01.FR.09: why a station starts."""

from stationmaster.station.connection.boot_reason import leave_boot_reason, take_boot_reason
from stationmaster.storage.station_memory import RamMemory


def test_a_reason_that_was_left_counts_for_one_start() -> None:
    memory = RamMemory()
    leave_boot_reason(memory, "RemoteReset")
    assert [take_boot_reason(memory), take_boot_reason(memory)] == ["RemoteReset", "PowerUp"]
