"""What stations are asked for by ourselves once they have booted.

After a power cut thousands of stations boot at once, and a report is some hundred rows: only so many are under way at
a time, the others wait in line.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from stationmaster.csms import subjects
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Bus, Clock
from stationmaster.domain.command import AWAITS_EFFECT
from stationmaster.domain.messages import Request
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.station import StationState

AT_ONCE = 20
_ANSWER_S = 60.0
_REPORT_S = 120.0
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``is_due``: whether a station that has booted is to be asked. ``is_under_way``: whether the report that the
    command of this key asked for is still coming."""

    asked_by: str
    request: Request
    is_due: Callable[[StationState], bool]
    is_under_way: Callable[[StationState, int], bool]


class AfterBoot:
    """Of one node. A station is asked its questions in their order, one when the other's report is there."""

    def __init__(
        self, bus: Bus, directory: Directory, commands: CommandDesk, clock: Clock, questions: tuple[Question, ...]
    ) -> None:
        self._bus = bus
        self._directory = directory
        self._commands = commands
        self._clock = clock
        self._questions = questions
        self._line: asyncio.Queue[int] = asyncio.Queue()
        self._waiting: set[int] = set()

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_boots())
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _follow_boots(self) -> None:
        async for message in self._bus.subscribe(subjects.events("StationBooted")):
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            key = event.station_key or 0
            desk = self._directory.get(key)
            if desk is not None and key not in self._waiting and self._due(desk):
                self._waiting.add(key)
                self._line.put_nowait(key)

    def _due(self, desk: Desk) -> tuple[Question, ...]:
        """A station that is not accepted is left to its operator."""
        if desk.state.station.registration != "Accepted":
            return ()
        return tuple(question for question in self._questions if question.is_due(desk.state))

    async def _work(self) -> None:
        while True:
            key = await self._line.get()
            self._waiting.discard(key)
            desk = self._directory.get(key)
            if desk is not None:
                for question in self._due(desk):
                    await self._ask(desk, question)

    async def _ask(self, desk: Desk, question: Question) -> None:
        """Ask for it, and hold the place in line until it is there."""
        command = await self._commands.submit(
            desk.state.tenant, desk.key, question.request, requested_by=question.asked_by, lifetime_s=_ANSWER_S
        )
        command = await self._commands.wait(command, _ANSWER_S)
        if command.state not in AWAITS_EFFECT:
            return
        waited_s = 0.0
        while waited_s < _REPORT_S and question.is_under_way(desk.state, command.key):
            await self._clock.sleep(_LOOK_S)
            waited_s += _LOOK_S
