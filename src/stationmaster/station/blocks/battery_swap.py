"""S Battery swap, as a station: empty batteries come in, charged ones go out (S01-S03).

One swap at a time. The driver is shown to empty slots; what is brought is told, then as many charged batteries are
offered, and what is taken is told. Whoever brings nothing in time has not swapped at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.domain.battery_swap import Battery, BatterySwap, RequestBatterySwap, SwapEvent
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Answer, CommandAnswer, Request
from stationmaster.station.ports import BatterySlots, Clock, Memory, Spawn
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

TOLD = (BatterySwap,)
_NUMBERS, _UNDER_WAY = "battery_swap_numbers", "battery_swap"
_MAX_INT32 = 2**31 - 1


class UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """A swap whose batteries came in: what was taken must still be told after a restart. ``offered``: not taken yet."""

    request_id: int
    id_token: IdToken
    offered: tuple[Battery, ...] = ()


class BatterySwapping:
    """``put`` sends what must arrive. ``begin`` is for whoever has authorized a driver here."""

    def __init__(
        self,
        slots: BatterySlots,
        memory: Memory,
        clock: Clock,
        configuration: Configuration,
        put: Callable[[Request], None],
        spawn: Spawn,
    ) -> None:
        self._slots = slots
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._put = put
        self._spawn = spawn
        self._busy = False
        self._moved = asyncio.Event()
        self.handlers: Mapping[type[Request], Callable[[Any], Awaitable[Answer]]] = {
            RequestBatterySwap: self.request,
        }

    def resume(self) -> None:
        """At the start of the program: go on with a swap that a restart interrupted."""
        self._slots.attach_slots(self)
        kept = self._memory.get(_UNDER_WAY)
        if kept is None:
            self._slots.open_slots(())
            return
        self._busy = True
        self._spawn(self._hand_out(msgspec.json.decode(kept, type=UnderWay)))

    def on_battery(self, evse_id: int, battery: Battery | None) -> None:
        self._moved.set()

    async def request(self, request: RequestBatterySwap) -> Answer:
        """S02.FR.01, .04."""
        if self._busy or not self._able():
            return CommandAnswer(status="Rejected", reason="NoBatteryAvailable")
        self.begin(request.id_token, request.request_id)
        return CommandAnswer(status="Accepted")

    def begin(self, id_token: IdToken, request_id: int | None = None) -> bool:
        """S01: whether a swap begins; a number is drawn where the CSMS has not given one (S03)."""
        if self._busy or not self._able():
            return False
        self._busy = True
        self._spawn(self._swap(id_token, self._number() if request_id is None else request_id))
        return True

    def _able(self) -> bool:
        """S01.FR.01, S03.FR.05: enough charged batteries, and room for the empty ones."""
        wanted = self._configuration.now.batteries_per_swap
        return len(self._charged()) >= wanted and len(self._empty()) >= wanted

    def _charged(self) -> list[Battery]:
        target = self._configuration.now.swap_target_soc_pct
        return [each for each in self._slots.batteries().values() if each is not None and each.soc_pct >= target]

    def _empty(self) -> list[int]:
        return [evse_id for evse_id, battery in self._slots.batteries().items() if battery is None]

    async def _swap(self, id_token: IdToken, request_id: int) -> None:
        wanted = self._configuration.now.batteries_per_swap
        offered = tuple(self._charged()[:wanted])
        empty = self._empty()[:wanted]
        self._slots.open_slots(empty)
        brought = await self._brought(empty)
        if not brought:  # S01.FR.02, S02.FR.05: nothing is told
            self._slots.open_slots(())
            self._busy = False
            return
        under_way = UnderWay(request_id=request_id, id_token=id_token, offered=offered[: len(brought)])
        self._memory.put(_UNDER_WAY, msgspec.json.encode(under_way))
        self._tell("BatteryIn", under_way, brought)
        await self._hand_out(under_way)

    async def _brought(self, empty: Collection[int]) -> tuple[Battery, ...]:
        """What lies in the slots once all are filled or the time is up."""

        def filled() -> tuple[Battery, ...]:
            there = self._slots.batteries()
            return tuple(battery for evse_id in empty if (battery := there.get(evse_id)) is not None)

        await self._wait(lambda: len(filled()) == len(empty), self._configuration.now.swap_timeout_in_s)
        return filled()

    async def _hand_out(self, under_way: UnderWay) -> None:
        """S03.FR.03, .04, .06."""

        def left() -> tuple[Battery, ...]:
            there = self._slots.batteries()
            return tuple(each for each in under_way.offered if _is_there(there, each))

        self._slots.open_slots([battery.evse_id for battery in under_way.offered])
        await self._wait(lambda: not left(), self._configuration.now.swap_timeout_out_s)
        remaining = left()
        self._slots.open_slots(())
        taken = tuple(battery for battery in under_way.offered if battery not in remaining)
        if taken:
            self._tell("BatteryOut", under_way, taken)
        if remaining:
            self._tell("BatteryOutTimeout", under_way, remaining)
        self._memory.delete(_UNDER_WAY)
        self._busy = False

    async def _wait(self, done: Callable[[], bool], timeout_s: float) -> None:
        """Until something holds, or no longer than this."""
        until = self._clock.monotonic() + timeout_s
        while not done() and (left_s := until - self._clock.monotonic()) > 0:
            self._moved.clear()
            try:
                await within(self._clock, left_s, self._moved.wait())
            except TimeoutError:
                return

    def _tell(self, event: SwapEvent, under_way: UnderWay, batteries: tuple[Battery, ...]) -> None:
        self._put(
            BatterySwap(event=event, request_id=under_way.request_id, id_token=under_way.id_token, batteries=batteries)
        )

    def _number(self) -> int:
        number = int(self._memory.get(_NUMBERS) or b"0") % _MAX_INT32 + 1
        self._memory.put(_NUMBERS, str(number).encode())
        return number


def _is_there(there: Mapping[int, Battery | None], battery: Battery) -> bool:
    found = there.get(battery.evse_id)
    return found is not None and found.serial_number == battery.serial_number
