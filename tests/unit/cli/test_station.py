from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stationmaster.cli.errors import CommandFailed
from stationmaster.cli.fleet_tokens import ApiAccess
from stationmaster.cli.main import app
from stationmaster.cli.station import read_password
from stationmaster.cli.station_run import StationOptions, Tell
from stationmaster.ocpp.version import Version


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[StationOptions]:
    """What the command asks for."""
    seen: list[StationOptions] = []

    async def run_station(options: StationOptions, tell: Tell) -> None:
        tell(datetime(2030, 1, 1, 2, 3, 4, tzinfo=UTC), "registration Accepted")
        seen.append(options)

    monkeypatch.setattr("stationmaster.cli.station_run.run_station", run_station)
    monkeypatch.chdir(tmp_path)
    return seen


def test_a_station_is_described_by_its_flags_and_prints_what_it_does(given: list[StationOptions]) -> None:
    arguments = (
        "--url ws://x:1 --id CP-9 --version 1.6 --evses 2 --current DC --phases 1 --seed 3 --speed 5 --no-drivers"
    )
    result = CliRunner().invoke(app, ["station", *arguments.split(), "--password", "pw"])
    assert result.exit_code == 0, result.output
    assert result.stdout == "02:03:04  registration Accepted\n"
    assert given == [
        StationOptions(
            url="ws://x:1",
            identity="CP-9",
            version=Version.V16,
            password="pw",
            evses=2,
            current="DC",
            phases=1,
            seed=3,
            speed=5.0,
            drivers=False,
            memory=Path("stationmaster-station/CP-9.db"),
        )
    ]
    assert "pw" not in repr(given[0])


def test_the_password_can_come_from_the_environment(given: list[StationOptions]) -> None:
    CliRunner().invoke(app, ["station"], env={"STATIONMASTER_STATION_PASSWORD": "pw"})
    assert given[0].password == "pw"


def test_its_memory_can_be_kept_elsewhere(given: list[StationOptions]) -> None:
    CliRunner().invoke(app, ["station", "--memory", "here.db"])
    assert given[0].memory == Path("here.db")


def test_its_drivers_cards_can_be_made_known_over_an_api(given: list[StationOptions]) -> None:
    result = CliRunner().invoke(app, ["station", "--api-url", "http://x:1"], env={"STATIONMASTER_API_KEY": "sm_key"})
    assert result.exit_code == 0, result.output
    assert given[0].api == ApiAccess(url="http://x:1", key="sm_key")


def test_an_api_without_a_key_is_a_mistake_on_the_command_line(given: list[StationOptions]) -> None:
    result = CliRunner().invoke(app, ["station", "--api-url", "http://x:1"], env={"STATIONMASTER_API_KEY": ""})
    assert (result.exit_code, given) == (2, [])


def test_a_password_file_loses_only_its_last_line_end(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(" a b \n")
    assert read_password(None, file) == " a b "


@pytest.mark.parametrize("content", [None, b"\xff", b"x" * 513])
def test_a_password_file_that_cannot_be_used_is_a_clear_error(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandFailed, match=r"the password file .*password "):
        read_password(None, file)


def test_two_passwords_are_one_too_many(tmp_path: Path, given: list[StationOptions]) -> None:
    result = CliRunner().invoke(app, ["station", "--password", "x", "--password-file", "y"])
    assert result.exit_code == 2
    assert not given
