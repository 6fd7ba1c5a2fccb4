"""`stationmaster demo`: a CSMS with a mixed fleet charging on it, in one process and in fast time."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Protocol

import msgspec
import typer

from stationmaster.cli.command import command
from stationmaster.cli.config import Effective
from stationmaster.cli.demo_contract import DemoOptions, DemoRun, DemoSummary
from stationmaster.cli.errors import OTHER
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.settings import ServeSettings
from stationmaster.cli.snapshot import DemoSnapshot
from stationmaster.domain.people.person import FIRST_NAME

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

SETTINGS: Final = (
    *("ocpp_host", "ocpp_port", "api_host", "api_port"),
    *("files_host", "files_port", "files_url"),
    *("log_level", "log_format"),
)
_FRAME_S: Final = 0.25
_LINE_S: Final = 5.0

Show = Callable[[DemoSnapshot, NodeInfo], None]


class Clock(Protocol):
    """The time of whoever watches, not that of the fleet."""

    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


@command(settings=SETTINGS)
def demo(
    effective: Effective,
    for_s: Annotated[
        float | None,
        typer.Option("--for", min=1, metavar="SECONDS", help="Stop after so many seconds here. Default: at Ctrl-C."),
    ] = None,
    stations: Annotated[
        int, typer.Option(min=1, max=2000, metavar="N", help="Stations in the fleet, of all versions.")
    ] = 14,
    speed: Annotated[
        float, typer.Option(min=1, max=3600, metavar="X", help="Seconds in the fleet per second here.")
    ] = 60,
    seed: Annotated[
        int, typer.Option(metavar="N", help="The same seed gives the same fleet and the same drivers.")
    ] = 1,
) -> None:
    """Watch a CSMS with a mixed fleet charging on it.

    Starts a CSMS that lets every station in, and a fleet of all OCPP versions whose drivers come, charge and leave,
    in one process and in fast time. Open the address that it shows to look around. What it stores goes into a
    temporary directory, which is removed at the end.

    Exit code 0: every station booted, and at least one transaction of every version ran to its end.
    """
    from rich.console import Console

    from stationmaster.cli.demo_run import create_demo
    from stationmaster.cli.logs import configure
    from stationmaster.cli.shutdown import run_until_signal
    from stationmaster.clock.wall import WallClock

    console = Console()
    options = DemoOptions(stations=stations, speed=speed, seed=seed)
    with tempfile.TemporaryDirectory(prefix="stationmaster-demo-") as directory:
        settings = demo_settings(effective.settings, Path(directory), drawn=console.is_terminal)
        configure(settings)
        work = watch(create_demo(options, settings), console, WallClock(), for_s)
        summary = run_until_signal(work)
    if summary is None:  # stopped before it had started
        raise typer.Exit(OTHER)
    console.print(summary_table(summary))
    missing = shortfalls(summary)
    for text in missing:
        console.print(text, style="red", highlight=False)
    if missing:
        raise typer.Exit(OTHER)


def demo_settings(settings: ServeSettings, directory: Path, *, drawn: bool) -> ServeSettings:
    """The settings, with the door open, nothing kept and, where a picture is drawn, no log lines across it."""
    return msgspec.structs.replace(
        settings,
        data_dir=directory,
        registration="open",
        first_status="Accepted",
        require_station_auth=False,
        tenants={},
        soap=True,
        soap_loopback_callbacks=True,
        session_idle_minutes=44_640,  # by the demo's fast clock
        session_days=365,
        log_level="error" if drawn else settings.log_level,
    )


async def watch(run: DemoRun, console: "Console", clock: Clock, for_s: float | None) -> DemoSummary:
    """Start the demo, show it until its time is over or the task is cancelled, and stop it."""
    node = await run.start()
    try:
        with _shown(console) as (show, period_s):
            await _show_until(run, node, show, clock, period_s, for_s)
    except asyncio.CancelledError:
        _take_back_cancellation()  # that was Ctrl-C: there is still a summary to make
    except BaseException:
        await run.stop()
        raise
    return await run.stop()


def shortfalls(summary: DemoSummary) -> tuple[str, ...]:
    """Why a demo did not do what it is there for, in sentences; none: it did."""
    texts = []
    if summary.booted < summary.stations or not summary.stations:
        names = f": {', '.join(summary.never_booted[:10])}" if summary.never_booted else ""
        texts.append(f"{summary.stations - summary.booted} of {summary.stations} stations never booted{names}")
    without = [f"OCPP {version}" for version, finished in summary.finished_by_version.items() if not finished]
    if without:
        remedy = "give it more time (--for) or more stations (--stations)"
        texts.append(f"no transaction ran to its end with {' nor '.join(without)}: {remedy}")
    if not summary.finished_by_version:
        texts.append("the fleet speaks no version of OCPP")
    return tuple(texts)


def summary_table(summary: DemoSummary) -> "RenderableType":
    """What came of it, goal by goal."""
    from rich.table import Table

    table = Table(title="The demo in figures", title_justify="left")
    table.add_column("Goal")
    table.add_column("Reached", justify="right")
    table.add_column("")
    rows = [("stations booted", f"{summary.booted} of {summary.stations}", summary.booted == summary.stations)]
    rows += [
        (f"transactions with OCPP {version} run to their end", str(finished), finished > 0)
        for version, finished in summary.finished_by_version.items()
    ]
    for goal, reached, well in rows:
        table.add_row(goal, reached, "[green]ok[/green]" if well else "[red]no[/red]")
    return table


async def _show_until(
    run: DemoRun, node: NodeInfo, show: Show, clock: Clock, period_s: float, for_s: float | None
) -> None:
    started = clock.monotonic()
    while True:
        show(run.snapshot(), node)
        left = period_s if for_s is None else started + for_s - clock.monotonic()
        if left <= 0:
            return
        await clock.sleep(min(period_s, left))


@contextlib.contextmanager
def _shown(console: "Console") -> Iterator[tuple[Show, float]]:
    """How to show a snapshot, and how often: as a picture on a terminal, as lines elsewhere."""
    from rich.live import Live

    from stationmaster.cli.view import one_line, render

    if not console.is_terminal:
        yield _lines(console, one_line), _LINE_S
        return
    with Live(console=console, screen=True, auto_refresh=False) as live:

        def draw(snapshot: DemoSnapshot, node: NodeInfo) -> None:
            width, height = console.size
            live.update(render(snapshot, node, width=width, height=height), refresh=True)

        yield draw, _FRAME_S


def _lines(console: "Console", one_line: Callable[[DemoSnapshot], str]) -> Show:
    told = False

    def tell(snapshot: DemoSnapshot, node: NodeInfo) -> None:
        nonlocal told
        if not told:
            console.print(f"Open {node.api_url}{way_in(node)}", highlight=False, soft_wrap=True)
            told = True
        console.print(one_line(snapshot), highlight=False, soft_wrap=True)

    return tell


def way_in(node: NodeInfo) -> str:
    """How people and programs come in, behind the address."""
    person = f"   sign in as {FIRST_NAME}, password {node.password}" if node.password else ""
    return person + (f"   API key {node.api_key}" if node.api_key else "")


def _take_back_cancellation() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
