"""Reports of several messages."""

import asyncio
from typing import Any

from stationmaster.domain.messages import ACKNOWLEDGED, Answer, Heartbeat, Request
from stationmaster.station.device_model.reporting import Reporting
from stationmaster.station.ports import NotTold, Offline


class Line:
    """Answers what ``outcomes`` says, then everything."""

    online = True

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.tries = 0

    async def perform(self, request: Request, *, triggered: bool = False) -> Answer:
        self.tries += 1
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return ACKNOWLEDGED


async def reported(line: Any, parts: int) -> Reporting:
    tasks: list[asyncio.Task[None]] = []
    reporting = Reporting(line, lambda work: tasks.append(asyncio.create_task(work)))
    reporting.begin(Heartbeat() for _ in range(parts))
    assert reporting.busy
    await asyncio.gather(*tasks)
    assert not reporting.busy
    return reporting


async def test_all_parts_go_out() -> None:
    line = Line()
    await reported(line, 3)
    assert line.tries == 3


async def test_a_part_that_is_not_taken_goes_out_once_more() -> None:
    line = Line(NotTold("no"))
    await reported(line, 2)
    assert line.tries == 3


async def test_what_is_refused_twice_ends_the_report() -> None:
    line = Line(NotTold("no"), NotTold("no"))
    await reported(line, 3)
    assert line.tries == 2


async def test_without_a_line_the_report_is_given_up_and_another_may_begin() -> None:
    line = Line(None, Offline("gone"))
    reporting = await reported(line, 5)
    assert line.tries == 2
    assert not reporting.busy
