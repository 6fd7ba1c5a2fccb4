import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from stationmaster.cli.errors import CommandFailed, explain
from stationmaster.cli.station import read_certificate
from stationmaster.cli.station_store import KeptFirmware, KeptRegisters, default_memory, opened_memory
from stationmaster.simulator.firmware_bank import FirmwareBank


@pytest.mark.parametrize("identity", ["CP-1", "../../x", "a/b", "..", "Säule 1\0"])
def test_every_identity_has_a_file_of_its_own_in_the_one_directory(identity: str) -> None:
    assert default_memory(identity).parent == Path("stationmaster-station")
    assert default_memory(identity) != default_memory(identity + "x")


def test_a_memory_is_made_with_its_directory_for_nobody_else_to_read_and_remembers(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "CP-1.db"
    with opened_memory(file) as memory:
        memory.enqueue(b"event", {"key": b"value"})
    with opened_memory(file) as memory:
        assert ([body for _, body in memory.queued()], memory.get("key")) == ([b"event"], b"value")
    assert (file.stat().st_mode & 0o077, file.parent.stat().st_mode & 0o077) == (0, 0)


def told(error: BaseException) -> str:
    """What the command prints of it."""
    explanation = explain(error)
    assert explanation.expected
    return explanation.summary


def test_two_stations_do_not_share_a_memory(tmp_path: Path) -> None:
    file = tmp_path / "CP-1.db"
    with opened_memory(file):
        with pytest.raises(CommandFailed, match="in use by another process") as failed, opened_memory(file):
            pytest.fail("opened twice")
        assert str(file) in told(failed.value)


def test_a_file_that_is_no_memory_is_a_clear_error_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(CommandFailed, match="not a database") as failed, opened_memory(file):
        pytest.fail("opened")
    assert "cannot be used" in told(failed.value)
    assert file.read_text().startswith("Dear Sir")


def test_a_directory_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandFailed, match="cannot be used") as failed, opened_memory(tmp_path / "file" / "CP-1.db"):
        pytest.fail("opened")
    assert "CP-1.db" in told(failed.value)


def test_a_memory_that_fails_in_use_is_told_of_even_from_within_a_group_of_tasks(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as failed, opened_memory(tmp_path / "CP-1.db"):
        raise ExceptionGroup("tasks", [sqlite3.OperationalError("disk full")])
    assert told(failed.value).endswith("CP-1.db fails: disk full")


def test_a_register_goes_on_from_the_last_reading_that_anybody_saw_however_the_run_ended(tmp_path: Path) -> None:
    with opened_memory(tmp_path / "CP-1.db") as memory:
        registers = KeptRegisters(memory)
        assert registers.first_wh(1) == 0
        registers.on_reading(1, Decimal("1500.125"))
        assert KeptRegisters(memory).first_wh(1) == Decimal("1500.125")
        assert KeptRegisters(memory).first_wh(2) == 0


def test_the_firmware_that_was_installed_runs_in_the_next_run_too(tmp_path: Path) -> None:
    file = tmp_path / "CP-1.db"
    with opened_memory(file) as memory:
        bank = KeptFirmware(memory).follow(FirmwareBank())
        assert (bank.runs, bank.written) == (None, None)
        bank.written = "2.0"
        bank.activate()
    with opened_memory(file) as memory:
        again = KeptFirmware(memory).follow(FirmwareBank())
        assert (again.runs, again.written) == ("2.0", None)


def test_a_certificate_that_cannot_be_read_is_a_clear_error(tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_text("PEM")
    assert read_certificate(root) == "PEM"
    root.write_bytes(b"\xff")
    for bad in (root, tmp_path / "missing.pem"):
        with pytest.raises(CommandFailed, match=r"\.pem cannot be read"):
            read_certificate(bad)


def test_what_cars_fed_back_is_kept_apart_from_what_they_drew(tmp_path: Path) -> None:
    with opened_memory(tmp_path / "station.db") as memory:
        registers = KeptRegisters(memory)
        registers.on_reading(1, Decimal(10))
        registers.on_fed(1, Decimal("2.5"))
        again = KeptRegisters(memory)
        assert (again.first_wh(1), again.first_fed_wh(1), again.first_fed_wh(2)) == (10, Decimal("2.5"), 0)
