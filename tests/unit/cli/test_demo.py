import asyncio
import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console
from typer.testing import CliRunner

from stationmaster.cli.demo import DemoOptions, DemoSummary, shortfalls, summary_table, watch
from stationmaster.cli.main import app
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.settings import ServeSettings
from stationmaster.cli.snapshot import DemoSnapshot

GOOD = DemoSummary(stations=2, booted=2, finished_by_version={"1.6": 1, "2.1": 4})
NODE = NodeInfo(
    ocpp_url="ws://here:1/ocpp", api_url="http://here:2", data_dir=Path("x"), api_key="key-1", password="first-1"
)


class FakeClock:
    """Time that passes only while somebody sleeps; ``at`` may call back when it comes to a moment."""

    def __init__(self, at: Callable[[float], None] = lambda _: None) -> None:
        self._now = 0.0
        self._at = at

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        self._at(self._now)
        await asyncio.sleep(0)


class FakeRun:
    def __init__(self, summary: DemoSummary = GOOD) -> None:
        self._summary = summary
        self.calls: list[str] = []

    async def start(self) -> NodeInfo:
        self.calls.append("start")
        return NODE

    def snapshot(self) -> DemoSnapshot:
        self.calls.append("snapshot")
        return DemoSnapshot(now=datetime(2030, 1, 1, tzinfo=UTC), elapsed_s=1, stations=(), versions=())

    async def stop(self) -> DemoSummary:
        self.calls.append("stop")
        return self._summary


def pipe() -> Console:
    return Console(file=io.StringIO(), width=100)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_into_a_pipe_it_writes_the_address_once_and_a_line_every_five_seconds() -> None:
    run, console = FakeRun(), pipe()
    assert await watch(run, console, FakeClock(), for_s=12) is GOOD
    assert run.calls == ["start", *["snapshot"] * 4, "stop"]
    assert written(console).count("http://here:2") == 1
    assert "sign in as admin, password first-1   API key key-1" in written(console)
    assert written(console).count("messages/s") == 4


async def test_on_a_terminal_it_draws_several_times_a_second() -> None:
    console = Console(file=io.StringIO(), width=100, height=30, force_terminal=True)
    run = FakeRun()
    await watch(run, console, FakeClock(), for_s=2)
    assert run.calls.count("snapshot") == 9
    assert "Stationmaster demo" in written(console)


async def test_cancelled_it_still_stops_the_run_and_sums_up() -> None:
    def cancel_at(now: float) -> None:
        if now >= 20:
            task.cancel()

    run = FakeRun()
    task = asyncio.ensure_future(watch(run, pipe(), FakeClock(cancel_at), for_s=None))
    assert await task is GOOD
    assert run.calls[-1] == "stop"


async def test_an_error_while_watching_stops_the_run() -> None:
    run = FakeRun()
    run.snapshot = lambda: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    with pytest.raises(ZeroDivisionError):
        await watch(run, pipe(), FakeClock(), for_s=1)
    assert run.calls == ["start", "stop"]


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        (GOOD, ()),
        (
            DemoSummary(stations=3, booted=1, finished_by_version={"1.6": 1}, never_booted=("A", "B")),
            ("2 of 3 stations never booted: A, B",),
        ),
        (
            DemoSummary(stations=1, booted=1, finished_by_version={"1.6": 1, "2.1": 0}),
            ("no transaction ran to its end with OCPP 2.1: give it more time (--for) or more stations (--stations)",),
        ),
        (
            DemoSummary(stations=3, booted=3, finished_by_version={"1.6": 0, "2.0.1": 3, "2.1": 0}),
            (
                "no transaction ran to its end with OCPP 1.6 nor OCPP 2.1: "
                "give it more time (--for) or more stations (--stations)",
            ),
        ),
        (DemoSummary(stations=1, booted=1, finished_by_version={}), ("the fleet speaks no version of OCPP",)),
    ],
)
def test_what_a_demo_did_not_reach_is_told(summary: DemoSummary, told: tuple[str, ...]) -> None:
    assert shortfalls(summary) == told


def test_the_summary_has_a_row_for_each_goal() -> None:
    console = pipe()
    console.print(summary_table(DemoSummary(stations=3, booted=3, finished_by_version={"1.6": 5, "2.1": 0})))
    rows = [line for line in written(console).splitlines() if "OCPP" in line or "booted" in line]
    assert len(rows) == 3
    assert "3 of 3" in rows[0] and "ok" in rows[0]
    assert "no" in rows[2].split()


@pytest.mark.parametrize(
    ("summary", "code"),
    [(GOOD, 0), (DemoSummary(stations=2, booted=2, finished_by_version={"1.6": 1, "2.1": 0}), 1)],
)
def test_the_command_runs_an_open_csms_in_a_passing_directory_and_its_exit_code_tells_how_it_went(
    summary: DemoSummary, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[tuple[DemoOptions, ServeSettings]] = []

    def create_demo(options: DemoOptions, settings: ServeSettings) -> FakeRun:
        assert settings.data_dir.is_dir()
        seen.append((options, settings))
        return FakeRun(summary)

    (tmp_path / "stationmaster.toml").write_text('[stations]\nfirst_status = "Pending"\n[tenants.a]\n')
    module = ModuleType("stationmaster.cli.demo_run")
    module.create_demo = create_demo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("stationmaster.clock.wall.WallClock", FakeClock)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["demo", "--for", "60", "--stations", "4", "--speed", "30", "--seed", "9"])
    assert result.exit_code == code, result.output
    ((options, settings),) = seen
    assert options == DemoOptions(stations=4, speed=30, seed=9)
    assert (settings.registration, settings.require_station_auth) == ("open", False)
    assert (settings.soap, settings.soap_loopback_callbacks) == (True, True)
    assert (settings.first_status, settings.tenants) == ("Accepted", {})
    assert not settings.data_dir.exists()
    assert ("no transaction ran to its end with OCPP 2.1" in result.stdout) == bool(code)
