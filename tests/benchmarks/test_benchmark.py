"""A benchmark run so small that its figures mean nothing: what it tells must be whole and plausible all the same."""

import asyncio
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from stationmaster.cli.benchmark import load, machine
from stationmaster.cli.benchmark.figures import TARGETS, Target
from stationmaster.cli.benchmark.load import Fleet, at_most
from stationmaster.cli.benchmark.plan import FULL, QUICK, Plan
from stationmaster.cli.benchmark.process import server
from stationmaster.cli.benchmark.run import run as benchmark
from stationmaster.cli.benchmark.scripts import MESSAGES, Script, Timeline
from stationmaster.cli.benchmark.soap_scripts import READINGS_16S, SOAP_MESSAGES
from stationmaster.cli.benchmark.table import pages_table, soap_table, table, verdicts
from stationmaster.cli.benchmark.throughput import Sample, cost
from stationmaster.cli.errors import CommandFailed
from stationmaster.ocpp import codec
from stationmaster.ocpp.version import Version

TINY = Plan(
    stations=3,
    rounds=1,
    warm_up_s=0.02,
    burst_s=0.15,
    rest_s=0.03,
    crowd=4,
    reconnects=1,
    page_stations=4,
    page_calls_per_second=40,
    page_turns=1,
    page_turn_s=0.3,
    viewers=5,
)
START = datetime(2026, 3, 1, tzinfo=UTC)
RUN = sys.modules[benchmark.__module__]
"""The module, which its own function hides."""
SERVERS = {"echo", "csms", "csms_without_log", "mobilityhouse"}


async def test_a_tiny_run_yields_every_figure_and_what_is_behind_it() -> None:
    result = await RUN.measure(TINY, Console(quiet=True))
    written = json.loads(msgspec.json.encode(result))
    for name in ("durable_over_echo", "rate_over_mobilityhouse", "reconnect_seconds", "pages_p99_ratio"):
        assert isinstance(written[name], float) and written[name] > 0
    assert written["soap_over_echo"] == written["soap_over_echo_by_message"][READINGS_16S]
    assert isinstance(written["kib_per_station"], float)
    assert written["durable_over_echo"] == max(written["durable_over_echo_by_message"].values())
    assert written["rate_over_mobilityhouse"] == min(written["rate_over_mobilityhouse_by_message"].values())
    assert written["targets_met"].keys() == TARGETS.keys()
    raw = written["raw"]
    assert raw["plan"] == msgspec.to_builtins(TINY)
    assert raw["throughput"]["costs"].keys() == SERVERS
    for costs in raw["throughput"]["costs"].values():
        assert costs.keys() == MESSAGES.keys()
        for found in costs.values():
            assert found["cpu_us_per_call"] >= 0 < found["calls_per_second"]
            assert [sample["wrong"] for sample in found["samples"]] == [0]
            assert all(sample["calls"] >= TINY.stations for sample in found["samples"])
    assert raw["crowd"].keys() == SERVERS - {"csms_without_log"}
    durability = raw["throughput"]["durability"]
    assert all(found["stored"]["readings"] == found["answered"] > 0 for found in durability.values())
    assert durability["csms_without_log"]["stored"]["frames"] == 0
    in_soap = raw["soap"]
    assert in_soap["costs"].keys() == {"http_echo", "csms"}
    for costs in in_soap["costs"].values():
        assert costs.keys() == SOAP_MESSAGES.keys()
        assert [sample["wrong"] for found in costs.values() for sample in found["samples"]] == [0, 0]
    assert in_soap["durability"]["stored"]["readings"] == in_soap["durability"]["answered"] > 0
    pages = raw["pages"]
    assert (pages["viewers"], pages["messages_per_second"] > 0) == (5, True)
    for waits in (pages["without"], pages["with_pages"]):
        assert waits["answers"] == 12
        assert 0 < waits["p50_ms"] <= waits["p99_ms"] == waits["p99_ms_by_turn"][0]
    assert durability["csms"]["stored"]["frames"] <= durability["csms"]["frames_exchanged"]

    drawn = Console(width=100, file=io.StringIO())
    with drawn.capture() as captured:
        drawn.print(
            table(result), soap_table(result.raw.soap), pages_table(result.raw.pages), *verdicts(result), sep="\n"
        )
    text = captured.get()
    assert all(message in text for message in (*MESSAGES, *SOAP_MESSAGES))
    assert "target at most 5" in text
    assert "4 charging stations, 40 CALLs/s together; 5 pages" in text


@pytest.mark.parametrize("version", [Version.V16, Version.V201])
def test_the_load_keeps_to_the_schema(version: Version) -> None:
    script = _script(version)
    frames = [script.boot(0), script.begin(1), script.measured(2)]
    script.begun({"transactionId": 7})
    for frame in (*frames, script.measured(3)):
        kind, _, action, payload = json.loads(frame)
        assert kind == 2
        assert codec.read_request(version, action, json.dumps(payload).encode()).violations == ()


@pytest.mark.parametrize("version", [Version.V16, Version.V201])
def test_no_two_messages_of_a_station_are_alike(version: Version) -> None:
    script = _script(version)
    script.begin(1)
    payloads = {json.dumps(json.loads(script.measured(number))[3]) for number in range(2, 200)}
    ids = {json.loads(script.measured(number))[1] for number in range(2, 200)}
    assert len(payloads) == len(ids) == 198


async def test_a_server_ends_with_the_context_that_started_it(tmp_path: Path) -> None:
    async with server(tmp_path, "echo") as running:
        pid = running._process.pid
        assert running.rss_bytes() > 0
        assert running.cpu_s() >= 0
    assert not Path(f"/proc/{pid}").exists()


async def test_a_server_ends_when_the_benchmark_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with server(tmp_path, "echo") as running:
            pid = running._process.pid
            raise ZeroDivisionError
    assert not Path(f"/proc/{pid}").exists()


async def test_what_a_server_says_is_told_where_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="invalid choice: 'fax'"):
        async with server(tmp_path, "fax"):
            pass


async def test_an_echo_is_no_answer_to_a_station_that_wants_a_result(tmp_path: Path) -> None:
    async with server(tmp_path, "echo") as running:
        fleet = Fleet(running.url, "X", [_script(Version.V16)])
        with pytest.RaisesGroup(CommandFailed):
            await fleet.connect_and_boot()
        fleet.drop()


async def test_a_lost_connection_counts_as_wrong_and_ends_the_burst(tmp_path: Path) -> None:
    async with server(tmp_path, "echo") as running:
        fleet = Fleet(running.url, "X", [_script(Version.V16), _script(Version.V201)], load.CALL)
        await fleet.connect_and_boot()
        burst = asyncio.create_task(fleet.burst(0.2))
        await asyncio.sleep(0.05)
        await running.kill()
        assert (await burst).wrong == 2


async def test_never_more_work_than_allowed_is_under_way() -> None:
    under_way, most = 0, 0

    async def work() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await at_most(3, (work() for _ in range(20)))
    assert (under_way, most) == (0, 3)


def test_a_cost_is_the_median_of_its_bursts() -> None:
    samples = [Sample(100, 0, 1.0, 0.001), Sample(100, 0, 0.5, 0.002), Sample(100, 0, 2.0, 0.9)]
    found = cost(samples)
    assert found.cpu_us_per_call == pytest.approx(20)
    assert found.calls_per_core_second == pytest.approx(50_000)
    assert found.calls_per_second == pytest.approx(100)


def test_a_target_includes_its_bound() -> None:
    assert [Target("at most", 5).met_by(figure) for figure in (4.9, 5.0, 5.1)] == [True, True, False]
    assert [Target("at least", 6).met_by(figure) for figure in (5.9, 6.0, 6.1)] == [False, True, True]


def test_fewer_open_files_make_smaller_fleets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _: (256, 1000))
    monkeypatch.setattr(machine.resource, "setrlimit", lambda *_: None)
    fitted = machine.fitting(FULL)
    assert (fitted.crowd, fitted.stations) == (800, 100)
    assert machine.fitting(TINY) == TINY


def test_the_data_is_not_kept_in_memory_where_there_is_a_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"/tmp": "tmpfs", "/var/tmp": "ext4"}
    monkeypatch.setattr(machine.tempfile, "gettempdir", lambda: "/tmp")
    monkeypatch.setattr(machine, "filesystem", lambda path: kinds.get(str(path), "tmpfs"))
    assert machine.directory_on_disk() == Path("/var/tmp")


@pytest.mark.parametrize(("quick", "plan"), [(True, QUICK), (False, FULL)])
def test_a_run_that_a_signal_ended_says_so_and_writes_nothing(
    quick: bool, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []

    async def ended(plan: Plan, _: Console) -> None:
        plans.append(plan)

    monkeypatch.setattr(RUN, "measure", ended)
    monkeypatch.setattr(RUN, "fitting", lambda plan: plan)
    assert benchmark(json_file=tmp_path / "figures.json", quick=quick) == 130
    assert plans == [plan]
    assert not (tmp_path / "figures.json").exists()


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="cannot be written"):
        benchmark(json_file=tmp_path / "missing" / "figures.json")


def _script(version: Version) -> Script:
    times = Timeline(START)
    return {script.subprotocol: script for script in (new(times) for new in MESSAGES.values())}[f"ocpp{version}"]
