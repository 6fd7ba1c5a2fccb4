"""Why the program starts (B01.FR.09): kept over a restart by whoever has it restarted."""

from stationmaster.station.ports import Memory

_KEY = "boot_reason"


def leave_boot_reason(memory: Memory, reason: str) -> None:
    memory.put(_KEY, reason.encode())


def take_boot_reason(memory: Memory) -> str:
    """It counts for one start; what nobody announced was a loss of power."""
    kept = memory.get(_KEY)
    memory.delete(_KEY)
    return "PowerUp" if kept is None else kept.decode()
