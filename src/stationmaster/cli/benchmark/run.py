"""One run: start the servers, measure, print the table."""

import os
import tempfile
from datetime import timedelta
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stationmaster.cli.benchmark import crowd, pages, soap, throughput
from stationmaster.cli.benchmark.figures import Figures, Raw, figures
from stationmaster.cli.benchmark.machine import check, described, directory_on_disk, fitting
from stationmaster.cli.benchmark.plan import FULL, QUICK, Plan
from stationmaster.cli.benchmark.scripts import Timeline
from stationmaster.cli.benchmark.table import pages_table, soap_table, table, verdicts
from stationmaster.cli.errors import CommandFailed
from stationmaster.cli.shutdown import run_until_signal
from stationmaster.clock.wall import WallClock

INTERRUPTED = 130
FIRST_MESSAGE_AGO = timedelta(days=1)


def run(json_file: Path | None = None, quick: bool = False) -> int:
    """Measure and print; the exit code: 0 whatever the figures are, 130 where a signal ended it.

    Raises CommandFailed where nothing sensible can be measured, or a server lost what it had answered.
    """
    check()
    if json_file is not None and not os.access(json_file.parent, os.W_OK):
        raise CommandFailed(f"{json_file} cannot be written")  # told now, not after some minutes
    wanted = QUICK if quick else FULL
    plan = fitting(wanted)
    console = Console()
    if plan != wanted:
        console.print(f"Open files are limited: {plan.crowd} stations in the crowd, {plan.stations} in a fleet.")
    result = run_until_signal(measure(plan, console))
    if result is None:
        return INTERRUPTED
    console.print(table(result))
    console.print(soap_table(result.raw.soap))
    console.print(pages_table(result.raw.pages))
    for line in verdicts(result):
        console.print(line, soft_wrap=True)
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    return 0


async def measure(plan: Plan, console: Console) -> Figures:
    """All of it, with a progress bar. Leaves neither processes nor files behind."""
    start = WallClock().now().replace(microsecond=0) - FIRST_MESSAGE_AGO
    times = Timeline(start)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="stationmaster-bench-", dir=directory_on_disk()) as name,
        # Drawn at each step only: a thread that redraws would run beside the load.
        Progress(*columns, console=console, transient=True, auto_refresh=False) as progress,
    ):
        directory = Path(name)
        machine = described(directory)
        parts = (throughput, soap, crowd, pages)
        task = progress.add_task("", total=sum(part.steps(plan) for part in parts), completed=-1)

        def step(text: str) -> None:
            progress.update(task, advance=1, description=text, refresh=True)

        costs = await throughput.measure(plan, directory, times, step)
        in_soap = await soap.measure(plan, directory, times, step)
        crowds = await crowd.measure(plan, directory, times, step)
        looked_at = await pages.measure(plan, directory, times, step)
    return figures(Raw(machine, plan, costs, in_soap, crowds, looked_at))
