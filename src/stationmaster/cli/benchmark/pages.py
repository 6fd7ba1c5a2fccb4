"""What open pages cost the stations: how long these wait for an answer while nobody looks, and while many do.

Two servers alike serve as many charging stations each, which send at a fixed rate. One of them has pages open. They
take turns, and the one whose turn it is not stands still, so that what the machine does beside it falls on both alike.
"""

import asyncio
import math
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle, islice
from pathlib import Path

import httpx
import msgspec

from stationmaster.cli.benchmark.load import Fleet
from stationmaster.cli.benchmark.page_client import SESSION_COOKIE
from stationmaster.cli.benchmark.plan import Plan
from stationmaster.cli.benchmark.process import ServerProcess, server
from stationmaster.cli.benchmark.scripts import MESSAGES, Timeline
from stationmaster.cli.benchmark.throughput import Step
from stationmaster.cli.benchmark.viewers import Looking, Seen
from stationmaster.cli.errors import CommandFailed
from stationmaster.clock.timeouts import within
from stationmaster.clock.wall import WallClock

WITHOUT, WITH = "without", "with"
SETTLE_S = 0.75
"""After a server goes on: it makes up for what its timers missed while it stood still. Together with the other one's
turn that must be less than four seconds: pages are pinged, and lose their connection if they do not answer in time."""
PATHS = ("/", "/stations", "/stations/{station}", "/transactions", "/messages")
OPEN_TIMEOUT_S = 60.0

_CLOCK = WallClock()


class Waits(msgspec.Struct, frozen=True):
    """How long stations waited for their answers, over all turns and turn by turn."""

    answers: int
    p50_ms: float
    p99_ms: float
    p99_ms_by_turn: tuple[float, ...]
    cpu_share: float
    """Of one core, that the server used."""


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """``p99_ratio``: the wait of the slowest hundredth with pages open, over that without. ``messages_per_second`` and
    ``kib_per_second`` are what all open pages were sent together."""

    stations: int
    calls_per_second: float
    viewers: int
    without: Waits
    with_pages: Waits
    p50_ratio: float
    p99_ratio: float
    messages_per_second: float
    kib_per_second: float


class _Side:
    """One of the two servers, with its stations."""

    def __init__(self, process: ServerProcess, fleet: Fleet) -> None:
        self.process = process
        self.fleet = fleet
        self.turns: list[list[float]] = []
        self.cpu_s = 0.0

    async def turn(self, plan: Plan) -> None:
        await _CLOCK.sleep(min(SETTLE_S, plan.page_turn_s))
        before = self.process.cpu_s()
        self.turns.append(await self.fleet.paced(plan.page_turn_s, plan.page_calls_per_second))
        self.cpu_s += self.process.cpu_s() - before

    def waits(self, plan: Plan) -> Waits:
        every = [wait for turn in self.turns for wait in turn]
        return Waits(
            answers=len(every),
            p50_ms=_percentile_ms(every, 0.5),
            p99_ms=_percentile_ms(every, 0.99),
            p99_ms_by_turn=tuple(_percentile_ms(turn, 0.99) for turn in self.turns),
            cpu_share=self.cpu_s / (len(self.turns) * plan.page_turn_s),
        )


async def measure(plan: Plan, directory: Path, times: Timeline, step: Step) -> Pages:
    """Raises CommandFailed where a page cannot be opened, or does not stay open."""
    async with AsyncExitStack() as stack:
        sides = {}
        for name in (WITHOUT, WITH):
            step(f"{plan.page_stations} charging stations, {name} pages open")
            sides[name] = await _side(plan, directory / f"pages-{name}", times, name, stack)
            sides[name].process.pause()
        looked_at = sides[WITH].process
        looked_at.resume()
        async with _viewers(plan, looked_at) as viewers:
            looked_at.pause()
            for _ in range(plan.page_turns):
                for name in (WITHOUT, WITH):
                    step(f"answers {name} pages open")
                    viewers.go_on(name == WITH)
                    sides[name].process.resume()
                    await sides[name].turn(plan)
                    sides[name].process.pause()
            viewers.go_on(True)
            for side in sides.values():
                side.process.resume()
            seen = await viewers.end()
    return _pages(plan, sides, seen)


def steps(plan: Plan) -> int:
    """How often ``measure`` tells of a step."""
    return 2 + 2 * plan.page_turns


def _pages(plan: Plan, sides: dict[str, _Side], seen: Seen) -> Pages:
    without, with_pages = sides[WITHOUT].waits(plan), sides[WITH].waits(plan)
    looked_s = plan.page_turns * (plan.page_turn_s + min(SETTLE_S, plan.page_turn_s))
    return Pages(
        stations=plan.page_stations,
        calls_per_second=plan.page_calls_per_second,
        viewers=plan.viewers,
        without=without,
        with_pages=with_pages,
        p50_ratio=with_pages.p50_ms / without.p50_ms,
        p99_ratio=with_pages.p99_ms / without.p99_ms,
        messages_per_second=seen.messages / looked_s,
        kib_per_second=seen.characters / 1024 / looked_s,
    )


async def _side(plan: Plan, data: Path, times: Timeline, name: str, stack: AsyncExitStack) -> _Side:
    data.mkdir()  # noqa: ASYNC240 - once, before anything is measured
    process = await stack.enter_async_context(server(data, "csms", "--data-dir", str(data), "--look"))
    stack.callback(process.resume)
    scripts = [script(times) for script in islice(cycle(MESSAGES.values()), plan.page_stations)]
    fleet = Fleet(process.url, f"PAGES-{name}", scripts)
    stack.callback(fleet.drop)
    await fleet.connect_and_boot()
    await fleet.begin()
    await fleet.paced(plan.page_stations / plan.page_calls_per_second, plan.page_calls_per_second)
    return _Side(process, fleet)


class _Viewers:
    """The process of those who look."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def go_on(self, wanted: bool) -> None:
        self._process.send_signal(signal.SIGCONT if wanted else signal.SIGSTOP)

    async def end(self) -> Seen:
        """Close all pages. Raises CommandFailed where one had been lost before."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        seen = await _told(self._process)
        if seen.lost:
            raise CommandFailed(f"{seen.lost} of the open pages lost their connection while they were looked at")
        return seen


@asynccontextmanager
async def _viewers(plan: Plan, looked_at: ServerProcess) -> AsyncIterator[_Viewers]:
    stations = await _station_keys(looked_at, plan.viewers)
    paths = tuple(
        path.format(station=stations[number % len(stations)]) for number, path in zip(range(plan.viewers), cycle(PATHS))
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stationmaster.cli.benchmark.viewers"), stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    try:
        assert process.stdin is not None
        looking = Looking(url=looked_at.pages, session=looked_at.session, paths=paths)
        process.stdin.write(msgspec.json.encode(looking) + b"\n")
        await _told(process)
        yield _Viewers(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _told(process: asyncio.subprocess.Process) -> Seen:
    assert process.stdout is not None
    try:
        line = await within(_CLOCK, OPEN_TIMEOUT_S, process.stdout.readline())
    except TimeoutError:
        line = b""
    if not line:
        raise CommandFailed("the pages of the benchmark could not be opened")
    return msgspec.json.decode(line, type=Seen)


async def _station_keys(looked_at: ServerProcess, count: int) -> Sequence[int]:
    """Of some stations to look at."""
    cookies = {SESSION_COOKIE: looked_at.session}
    async with httpx.AsyncClient(base_url=looked_at.pages, cookies=cookies, trust_env=False) as http:
        answer = await http.get("/api/v1/stations", params={"limit": count})
        if answer.is_error:
            raise CommandFailed(f"the benchmark's server refused to list its stations: {answer.text}")
        return [station["key"] for station in answer.json()["items"]]


def _percentile_ms(waits: Sequence[float], share: float) -> float:
    """The wait that this share of them does not exceed."""
    ordered = sorted(waits)
    return 1000 * ordered[max(0, math.ceil(share * len(ordered)) - 1)]
