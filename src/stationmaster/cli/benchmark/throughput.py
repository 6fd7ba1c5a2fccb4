"""What a message costs: CPU of the server's process for each CALL, while many stations send as fast as they are
answered.

The servers take turns (A B C D, A B C D, ...) and medians count, as the machine has other things to do. A CSMS is
killed at the end, and its database must then hold every message that it has answered.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import msgspec

from stationmaster.cli.benchmark.durable import Stored, stored
from stationmaster.cli.benchmark.load import Fleet
from stationmaster.cli.benchmark.plan import Plan
from stationmaster.cli.benchmark.process import ServerProcess, server
from stationmaster.cli.benchmark.scripts import EVENTS, MESSAGES, Timeline
from stationmaster.cli.benchmark.subjects import Subject, subjects
from stationmaster.cli.errors import CommandFailed

Step = Callable[[str], None]
"""Told what comes next, for whoever watches the progress."""

CALLS_BEFORE = 2
"""Boot, and the start of a transaction."""


class Sample(msgspec.Struct, frozen=True):
    """One burst. ``wrong`` counts answers that were errors or belonged to nothing."""

    calls: int
    wrong: int
    seconds: float
    cpu_s: float


class Cost(msgspec.Struct, frozen=True):
    """One message on one server: medians over its bursts, and the bursts. ``calls_per_second`` is by the clock on the
    wall, with the load on the same machine."""

    cpu_us_per_call: float
    calls_per_second: float
    samples: tuple[Sample, ...]

    @property
    def calls_per_core_second(self) -> float:
        return 1e6 / self.cpu_us_per_call


class Durability(msgspec.Struct, frozen=True):
    """What a killed CSMS had answered, and what of it its database holds. ``frames_exchanged`` went over the wire."""

    answered: int
    stored: Stored
    frames_exchanged: int


class Throughput(msgspec.Struct, frozen=True):
    """``costs``: by server, then by message. ``durability``: by server."""

    costs: Mapping[str, Mapping[str, Cost]]
    durability: Mapping[str, Durability]


class _Bench:
    """One server, up, with a fleet for each message."""

    def __init__(self, plan: Plan, subject: Subject, process: ServerProcess, fleets: Mapping[str, Fleet]) -> None:
        self._plan = plan
        self.subject = subject
        self.process = process
        self.fleets = fleets
        self.samples: dict[str, list[Sample]] = {message: [] for message in fleets}

    async def prepare(self) -> None:
        for fleet in self.fleets.values():
            await fleet.connect_and_boot()
            await fleet.begin()
            await fleet.burst(self._plan.warm_up_s)
        await self.process.quiet(self._plan.rest_s)

    async def measure(self, message: str) -> None:
        before = self.process.cpu_s()
        burst = await self.fleets[message].burst(self._plan.burst_s)
        await self.process.quiet(self._plan.rest_s)
        spent = self.process.cpu_s() - before
        self.samples[message].append(Sample(burst.answered, burst.wrong, burst.seconds, spent))

    def drop(self) -> None:
        """Cut all lines: a server that ends would wait for stations that say nothing to a close."""
        for fleet in self.fleets.values():
            fleet.drop()

    def costs(self) -> dict[str, Cost]:
        return {message: cost(samples) for message, samples in self.samples.items()}


async def measure(plan: Plan, directory: Path, times: Timeline, step: Step) -> Throughput:
    """All servers and messages. Raises CommandFailed where a CSMS lost what it had answered."""
    async with AsyncExitStack() as stack:
        benches = []
        for subject in subjects(directory):
            step(f"starting {subject.name}")
            process = await stack.enter_async_context(server(directory, subject.kind, *subject.arguments))
            bench = _Bench(plan, subject, process, _fleets(subject, process, plan, times))
            stack.callback(bench.drop)
            await bench.prepare()
            benches.append(bench)
        for _ in range(plan.rounds):
            for message in MESSAGES:
                for bench in benches:
                    step(f"{message} to {bench.subject.name}")
                    await bench.measure(message)
        durability = {
            bench.subject.name: await _kill_and_count(bench, bench.subject.database, times)
            for bench in benches
            if bench.subject.database is not None
        }
    return Throughput({bench.subject.name: bench.costs() for bench in benches}, durability)


def steps(plan: Plan) -> int:
    """How often ``measure`` tells of a step."""
    servers = len(subjects(Path()))
    return servers + servers * len(MESSAGES) * plan.rounds


def cost(samples: list[Sample]) -> Cost:
    """Medians of bursts, of which each has answered something."""
    return Cost(
        cpu_us_per_call=median(1e6 * sample.cpu_s / sample.calls for sample in samples),
        calls_per_second=median(sample.calls / sample.seconds for sample in samples),
        samples=tuple(samples),
    )


def _fleets(subject: Subject, process: ServerProcess, plan: Plan, times: Timeline) -> dict[str, Fleet]:
    return {
        message: Fleet(
            process.url,
            f"BENCH-{number}",
            [script(times) for _ in range(plan.stations)],
            subject.answer_type,
        )
        for number, (message, script) in enumerate(MESSAGES.items())
    }


async def _kill_and_count(bench: _Bench, database: Path, times: Timeline) -> Durability:
    await bench.process.kill()
    answered = sum(fleet.answered for fleet in bench.fleets.values())
    found = stored(database, times.at(CALLS_BEFORE))
    if found.readings != answered or found.events != bench.fleets[EVENTS].answered:
        raise CommandFailed(f"{bench.subject.name} answered {answered} messages, but its database holds {found}")
    fleets = bench.fleets.values()
    exchanged = 2 * (answered + CALLS_BEFORE * sum(len(fleet) for fleet in fleets))
    return Durability(answered, found, exchanged)
