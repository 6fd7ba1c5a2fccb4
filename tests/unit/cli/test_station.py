from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stationmaster.cli.called_at import CalledAt
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


def test_a_station_of_a_version_in_soap_posts_and_listens(given: list[StationOptions]) -> None:
    arguments = "--url http://x:1/soap --version 1.5 --listen 10.0.0.7:8800 --callback-url http://nat.test/a"
    result = CliRunner().invoke(app, ["station", *arguments.split()])
    assert result.exit_code == 0, result.output
    called_at = CalledAt(host="10.0.0.7", port=8800, url="http://nat.test/a")
    assert (given[0].url, given[0].version, given[0].called_at) == ("http://x:1/soap", Version.V15, called_at)


@pytest.mark.parametrize(
    ("version", "url"),
    [
        ("2.0.1", "ws://127.0.0.1:9000/ocpp"),
        ("1.6", "ws://127.0.0.1:9000/ocpp"),
        ("1.6S", "http://127.0.0.1:9001/soap"),
    ],
)
def test_without_an_address_it_goes_to_the_node_on_this_machine(
    version: str, url: str, given: list[StationOptions]
) -> None:
    CliRunner().invoke(app, ["station", "--version", version])
    assert given[0].url == url
    assert given[0].called_at == (CalledAt() if version == "1.6S" else None)


@pytest.mark.parametrize(
    "arguments",
    [
        "--version 1.2 --url ws://x:1",
        "--version 1.6 --url http://x:1",
        "--version 1.5 --url http://x:1?a=b",
        "--version 1.5 --listen 0.0.0.0:8800",
        "--version 1.5 --listen 8800",
        "--version 1.5 --callback-url ftp://x",
        "--version 1.6 --listen 127.0.0.1:8800",
    ],
)
def test_an_address_that_does_not_go_with_the_version_is_a_mistake(arguments: str, given: list[StationOptions]) -> None:
    assert (CliRunner().invoke(app, ["station", *arguments.split()]).exit_code, given) == (2, [])


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
