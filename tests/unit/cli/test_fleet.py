import io
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from stationmaster.cli.fleet import LastLine
from stationmaster.cli.fleet_run import Failed, FleetOptions, Show
from stationmaster.cli.fleet_tokens import ApiAccess
from stationmaster.cli.main import app
from stationmaster.ocpp.version import Version
from stationmaster.simulator.fleet import FleetSnapshot


def fleet(accepted: int) -> FleetSnapshot:
    started: Mapping[str, int] = {"1.6": 3, "2.1": 4}
    return FleetSnapshot(
        stations=5,
        online=4,
        accepted=accepted,
        power_w=Decimal(22_000),
        statuses={},
        charging=2,
        transactions_started=started,
        transactions_ended={"1.6": 2, "2.1": 4},
        messages=99,
        queued=1,
    )


@pytest.mark.parametrize(("accepted", "code"), [((1, 5, 4), 0), ((4,), 1), ((), 1)])
def test_a_fleet_is_described_by_its_flags_and_its_exit_code_tells_whether_all_were_accepted(
    accepted: tuple[int, ...], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[FleetOptions] = []

    async def run_fleet(options: FleetOptions, show: Show, _failed: Failed) -> None:
        seen.append(options)
        for count in accepted:
            show(1.0, fleet(count))

    monkeypatch.setattr("stationmaster.cli.fleet_run.run_fleet", run_fleet)
    monkeypatch.chdir(tmp_path)
    arguments = "--url ws://x:1 --count 5 --versions 1.6,2.1 --seed 3 --speed 5 --for 9 --prefix P"
    result = CliRunner().invoke(app, ["fleet", *arguments.split()])
    assert result.exit_code == code, result.output
    assert seen == [
        FleetOptions(
            url="ws://x:1", count=5, versions=(Version.V16, Version.V21), seed=3, speed=5.0, prefix="P", for_s=9.0
        )
    ]
    assert result.stdout.count("22.0 kW  transactions 7 started, 6 ended") == len(accepted)


def test_on_a_terminal_one_line_is_written_over_and_never_wraps() -> None:
    console = Console(file=io.StringIO(), width=40, force_terminal=True)
    last = LastLine(console)
    last.show(1.0, fleet(1))
    last.show(2.0, fleet(2))
    last.finish()
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().split("\r")
    assert [len(line) for line in lines[:2]] == [39, 39]
    assert lines[2] == "\n"


def test_each_reason_why_there_is_no_connection_is_told_once_however_many_stations_fail() -> None:
    console = Console(file=io.StringIO(), width=200)
    last = LastLine(console)
    for reason in ("refused with 404", "nobody there", "refused with 404"):
        last.failed(reason)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        "no connection: refused with 404; they go on trying",
        "no connection: nobody there; they go on trying",
    ]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[FleetOptions]:
    """The fleets that were started; each is accepted at once."""
    seen: list[FleetOptions] = []

    async def run_fleet(options: FleetOptions, show: Show, _failed: Failed) -> None:
        seen.append(options)
        show(1.0, fleet(options.count))

    monkeypatch.setattr("stationmaster.cli.fleet_run.run_fleet", run_fleet)
    monkeypatch.delenv("STATIONMASTER_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    return seen


@pytest.mark.parametrize(
    ("arguments", "key"),
    [(["--api-key", "sm_flag"], "sm_flag"), ([], "sm_environment")],
)
def test_the_api_and_its_key_come_from_flags_or_the_environment(
    started: list[FleetOptions], monkeypatch: pytest.MonkeyPatch, arguments: list[str], key: str
) -> None:
    monkeypatch.setenv("STATIONMASTER_API_KEY", "sm_environment")
    result = CliRunner().invoke(app, ["fleet", "--api-url", "http://x:1", *arguments])
    assert result.exit_code == 0, result.output
    assert [options.api for options in started] == [ApiAccess(url="http://x:1", key=key)]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--api-url", "http://x:1"],
        ["--api-url", "x:1", "--api-key", "sm_secret"],
        ["--api-url", "file:///etc/passwd", "--api-key", "sm_secret"],
        ["--api-url", "http://x:1", "--api-key", "sm_secret\n"],
    ],
    ids=["no key", "no scheme", "a file", "a broken key"],
)
def test_an_api_that_cannot_be_asked_is_a_mistake_on_the_command_line(
    started: list[FleetOptions], arguments: list[str]
) -> None:
    result = CliRunner().invoke(app, ["fleet", *arguments])
    assert (result.exit_code, started) == (2, [])
    assert "sm_secret" not in result.output


@pytest.mark.parametrize(
    ("arguments", "versions"),
    [
        ([], ["1.6", "2.0", "2.0.1", "2.1"]),
        (["--soap-url", "http://x:1/soap"], ["1.6", "2.0", "2.0.1", "2.1", "1.2", "1.5", "1.6S"]),
        (["--soap-url", "http://x:1/soap", "--versions", "1.2, 2.1"], ["1.2", "2.1"]),
    ],
)
def test_a_fleet_speaks_soap_where_it_knows_where_to(
    started: list[FleetOptions], arguments: list[str], versions: list[str]
) -> None:
    result = CliRunner().invoke(app, ["fleet", *arguments])
    assert result.exit_code == 0, result.output
    assert [str(version) for version in started[0].versions] == versions
    assert started[0].soap_url == ("http://x:1/soap" if arguments else None)


@pytest.mark.parametrize("arguments", ["--versions 1.2,2.1", "--soap-url ws://x:1", "--listen 0.0.0.0:1"])
def test_a_fleet_that_could_not_speak_soap_does_not_start(started: list[FleetOptions], arguments: str) -> None:
    assert (CliRunner().invoke(app, ["fleet", *arguments.split()]).exit_code, started) == (2, [])
