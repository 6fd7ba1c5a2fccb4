"""Where a station of the command line keeps its memory, with the registers of its simulated meters."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from stationmaster.cli.errors import CommandFailed
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.station.ports import Memory
from stationmaster.storage.engine import DatabaseLocked, DatabaseUnusable, ServeLock
from stationmaster.storage.station_memory import FileMemory

DIRECTORY = Path("stationmaster-station")


def default_memory(identity: str) -> Path:
    """A file for each identity, whatever letters it has."""
    return DIRECTORY / f"{quote(identity, safe='')}.db"


@contextmanager
def opened_memory(path: Path) -> Iterator[FileMemory]:
    """The memory, for this process alone; it is made if missing, with its directory, for nobody else to read.

    Raises CommandFailed where it cannot be opened, or fails in use, be it in a group of tasks.
    """
    memory, lock = _open(path)
    failures: BaseExceptionGroup[sqlite3.Error] | None = None
    try:
        with closing(memory):
            yield memory
    except* sqlite3.Error as found:
        failures = found  # raised below: from within, older Pythons would put it into a group again
    finally:
        lock.release()
    if failures is not None:
        raise CommandFailed(f"the station's memory {path} fails: {_first(failures)}") from failures


def _open(path: Path) -> tuple[FileMemory, ServeLock]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        lock = ServeLock(str(path))
    except DatabaseLocked:
        raise CommandFailed(f"the station's memory {path} is in use by another process: give --memory") from None
    except (OSError, DatabaseUnusable) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CommandFailed(f"the station's memory {path} cannot be used: {reason}") from error
    try:
        return FileMemory(path), lock
    except sqlite3.Error as error:
        lock.release()
        raise CommandFailed(f"the station's memory {path} cannot be used: {error}") from error


def _first(failures: BaseExceptionGroup[sqlite3.Error]) -> BaseException:
    first: BaseException = failures
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


class KeptRegisters:
    """Fulfils ``simulator.hardware.Registers``: a reading is on disk before anybody sees it, so that the next run goes
    on from there, however this one ends."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._kept: dict[str, Decimal] = {}

    def first_wh(self, evse_id: int) -> Decimal:
        return self._first(_key(evse_id))

    def on_reading(self, evse_id: int, energy_wh: Decimal) -> None:
        self._keep(_key(evse_id), energy_wh)

    def first_fed_wh(self, evse_id: int) -> Decimal:
        return self._first(f"{_key(evse_id)}.fed")

    def on_fed(self, evse_id: int, fed_wh: Decimal) -> None:
        self._keep(f"{_key(evse_id)}.fed", fed_wh)

    def _first(self, key: str) -> Decimal:
        kept = self._memory.get(key)
        return Decimal(0) if kept is None else Decimal(kept.decode())

    def _keep(self, key: str, energy_wh: Decimal) -> None:
        if self._kept.get(key) != energy_wh:
            self._memory.put(key, str(energy_wh).encode())
            self._kept[key] = energy_wh


class KeptFirmware:
    """What runs on a simulated station and what the next restart brings up, kept on disk beside its registers."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def follow(self, bank: FirmwareBank) -> FirmwareBank:
        """The bank as it was kept, and kept from now on."""
        bank.runs, bank.written = self._load("runs"), self._load("written")
        bank.changed = lambda: self._save(bank)
        return bank

    def _load(self, what: str) -> str | None:
        kept = self._memory.get(f"simulated_firmware.{what}")
        return None if kept is None else kept.decode()

    def _save(self, bank: FirmwareBank) -> None:
        for what, version in (("runs", bank.runs), ("written", bank.written)):
            if version is None:
                self._memory.delete(f"simulated_firmware.{what}")
            else:
                self._memory.put(f"simulated_firmware.{what}", version.encode())


def _key(evse_id: int) -> str:
    return f"simulated_register.{evse_id}"
