"""What a crowd costs: memory for each idle station, and the time until all are back after a line has failed."""

from collections.abc import Mapping
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import msgspec

from stationmaster.cli.benchmark.load import Fleet
from stationmaster.cli.benchmark.plan import Plan
from stationmaster.cli.benchmark.process import server
from stationmaster.cli.benchmark.scripts import MESSAGES, Timeline
from stationmaster.cli.benchmark.subjects import CSMS_WITHOUT_LOG, Subject, subjects
from stationmaster.cli.benchmark.throughput import Step


class Crowd(msgspec.Struct, frozen=True):
    """``kib_per_station``: of the server's resident memory, over what it had before they came. ``first_boot_s``: of
    all, as stations that nobody knew; ``reconnect_s``: of all, as stations that are known, each time and as median."""

    kib_per_station: float
    first_boot_s: float
    reconnect_s: float
    reconnects_s: tuple[float, ...]


async def measure(plan: Plan, directory: Path, times: Timeline, step: Step) -> Mapping[str, Crowd]:
    """By server. Half of the stations speak 1.6, half 2.0.1."""
    found = {}
    for subject in _subjects(directory):
        step(f"{plan.crowd} stations on {subject.name}")
        found[subject.name] = await _measure(plan, subject, directory, times)
    return found


def steps(plan: Plan) -> int:
    """How often ``measure`` tells of a step."""
    return len(_subjects(Path()))


def _subjects(directory: Path) -> list[Subject]:
    """Each on its own: memory that another load has left behind would be taken for free."""
    return [subject for subject in subjects(directory / "crowd") if subject.name != CSMS_WITHOUT_LOG]


async def _measure(plan: Plan, subject: Subject, directory: Path, times: Timeline) -> Crowd:
    scripts = [script(times) for script in islice(cycle(MESSAGES.values()), plan.crowd)]
    async with server(directory, subject.kind, *subject.arguments) as process:
        await process.quiet(plan.rest_s)
        before = process.rss_bytes()
        fleet = Fleet(process.url, "CROWD", scripts, subject.answer_type)
        first_boot_s = await fleet.connect_and_boot()
        await process.quiet(plan.rest_s)
        held = process.rss_bytes() - before
        reconnects = []
        for _ in range(plan.reconnects):
            fleet.drop()
            reconnects.append(await fleet.connect_and_boot())
            await process.quiet(plan.rest_s)
        fleet.drop()
    return Crowd(held / 1024 / len(fleet), first_boot_s, median(reconnects), tuple(reconnects))
