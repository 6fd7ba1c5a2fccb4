"""What a message costs in SOAP: CPU of the server's process for each request, as a multiple of an HTTP server's that
sends back what it is sent. Both are the same listener, with the same bounds; only who answers differs.

As in ``throughput`` the two take turns, medians count, and the CSMS is killed at the end.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from stationmaster.cli.benchmark.durable import stored
from stationmaster.cli.benchmark.plan import Plan
from stationmaster.cli.benchmark.process import ServerProcess, server
from stationmaster.cli.benchmark.scripts import Timeline
from stationmaster.cli.benchmark.soap_load import SoapFleet
from stationmaster.cli.benchmark.soap_scripts import SOAP_MESSAGES, SoapScript
from stationmaster.cli.benchmark.subjects import CSMS, HTTP_ECHO, Subject, soap_subjects
from stationmaster.cli.benchmark.throughput import CALLS_BEFORE, Cost, Durability, Sample, Step, cost
from stationmaster.cli.errors import CommandFailed


class Soap(msgspec.Struct, frozen=True):
    """``costs``: by server, then by message."""

    costs: Mapping[str, Mapping[str, Cost]]
    durability: Durability

    @property
    def over_echo(self) -> Mapping[str, float]:
        """CPU of a durable message over that of an echoed one, by message."""
        echoed = self.costs[HTTP_ECHO]
        return {name: found.cpu_us_per_call / echoed[name].cpu_us_per_call for name, found in self.costs[CSMS].items()}


class _Bench:
    """One server, up, with a fleet for each message."""

    def __init__(self, plan: Plan, subject: Subject, process: ServerProcess, times: Timeline) -> None:
        self._plan = plan
        self.subject = subject
        self.process = process
        self.fleets = {
            message: SoapFleet(
                process.soap,
                [
                    SoapScript(wording, times, process.soap, f"SOAP-{number}", station)
                    for station in range(plan.stations)
                ],
            )
            for number, (message, wording) in enumerate(SOAP_MESSAGES.items())
        }
        self.samples: dict[str, list[Sample]] = {message: [] for message in self.fleets}

    async def prepare(self) -> None:
        for fleet in self.fleets.values():
            await fleet.connect()
            if self.subject.database is not None:
                await fleet.begin()
            await fleet.burst(self._plan.warm_up_s)
            fleet.drop()

    async def measure(self, message: str) -> None:
        fleet = self.fleets[message]
        await fleet.connect()
        await self.process.quiet(self._plan.rest_s)
        before = self.process.cpu_s()
        burst = await fleet.burst(self._plan.burst_s)
        await self.process.quiet(self._plan.rest_s)
        spent = self.process.cpu_s() - before
        fleet.drop()
        self.samples[message].append(Sample(burst.answered, burst.wrong, burst.seconds, spent))

    def drop(self) -> None:
        for fleet in self.fleets.values():
            fleet.drop()

    def costs(self) -> dict[str, Cost]:
        return {message: cost(samples) for message, samples in self.samples.items()}


async def measure(plan: Plan, directory: Path, times: Timeline, step: Step) -> Soap:
    """Raises CommandFailed where the CSMS lost what it had answered."""
    async with AsyncExitStack() as stack:
        benches = []
        for subject in soap_subjects(directory):
            step(f"starting {subject.name} for SOAP")
            process = await stack.enter_async_context(server(directory, subject.kind, *subject.arguments))
            bench = _Bench(plan, subject, process, times)
            stack.callback(bench.drop)
            await bench.prepare()
            benches.append(bench)
        for _ in range(plan.rounds):
            for message in SOAP_MESSAGES:
                for bench in benches:
                    step(f"{message} to {bench.subject.name}")
                    await bench.measure(message)
        [durability] = [
            await _kill_and_count(bench, bench.subject.database, times)
            for bench in benches
            if bench.subject.database is not None
        ]
    return Soap({bench.subject.name: bench.costs() for bench in benches}, durability)


def steps(plan: Plan) -> int:
    """How often ``measure`` tells of a step."""
    servers = len(soap_subjects(Path()))
    return servers + servers * len(SOAP_MESSAGES) * plan.rounds


async def _kill_and_count(bench: _Bench, database: Path, times: Timeline) -> Durability:
    await bench.process.kill()
    fleets = bench.fleets.values()
    answered = sum(fleet.answered for fleet in fleets)
    found = stored(database, times.at(CALLS_BEFORE))
    if found.readings != answered:
        raise CommandFailed(f"{bench.subject.name} answered {answered} messages in SOAP, its database holds {found}")
    return Durability(answered, found, 2 * (answered + CALLS_BEFORE * sum(map(len, fleets))))
