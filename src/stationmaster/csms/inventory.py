"""Inventories asked for by ourselves: of a station that is new here, and of one whose firmware or hardware changed
(B07.FR.14, a SHOULD).

After a power cut thousands of stations boot at once, and an inventory is some hundred rows: only so many are under way
at a time, the others wait in line.
"""

import asyncio

import msgspec

from stationmaster.csms import subjects
from stationmaster.csms.blocks.reports import FULL, INVENTORY_OF, inventory_of
from stationmaster.csms.commands import CommandDesk
from stationmaster.csms.desk import Desk
from stationmaster.csms.directory import Directory
from stationmaster.csms.ports import Bus, Clock
from stationmaster.domain.command import AWAITS_EFFECT
from stationmaster.domain.device_model import GetBaseReport
from stationmaster.domain.queries import CommittedEvent

AT_ONCE = 20
ASKED_BY = "inventory"
_ANSWER_S = 60.0
_REPORT_S = 120.0
_LOOK_S = 1.0


class Inventory:
    """Of one node."""

    def __init__(self, bus: Bus, directory: Directory, commands: CommandDesk, clock: Clock) -> None:
        self._bus = bus
        self._directory = directory
        self._commands = commands
        self._clock = clock
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
            if desk is not None and key not in self._waiting and is_due(desk):
                self._waiting.add(key)
                self._line.put_nowait(key)

    async def _work(self) -> None:
        while True:
            key = await self._line.get()
            self._waiting.discard(key)
            desk = self._directory.get(key)
            if desk is not None and is_due(desk):
                await self._ask(desk)

    async def _ask(self, desk: Desk) -> None:
        """Ask for it, and hold the place in line until it is there."""
        request = GetBaseReport(report_base=FULL)
        command = await self._commands.submit(
            desk.state.tenant, desk.key, request, requested_by=ASKED_BY, lifetime_s=_ANSWER_S
        )
        command = await self._commands.wait(command, _ANSWER_S)
        if command.state not in AWAITS_EFFECT:
            return
        waited_s = 0.0
        while waited_s < _REPORT_S and any(r.command_key == command.key for r in desk.state.reports.values()):
            await self._clock.sleep(_LOOK_S)
            waited_s += _LOOK_S


def is_due(desk: Desk) -> bool:
    """Whether no inventory is known of the station as it is now. One that is not accepted is left to its operator."""
    state = desk.state
    return state.station.registration == "Accepted" and state.learned.get(INVENTORY_OF) != inventory_of(state)
