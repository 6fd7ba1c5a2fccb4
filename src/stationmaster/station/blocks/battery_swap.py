"""S Battery swap, as a station: empty batteries come in, charged ones go out (S01-S03).

One swap at a time, for whoever the CSMS names or holds an accepted card to the reader. The driver is shown to empty
slots; what is brought is told, then as many charged batteries are offered, and what is taken is told. Whoever brings
nothing in time has not swapped at all. What lies in the slots is charged by `battery_charging`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.domain.battery_swap import Battery, BatterySwap, RequestBatterySwap, SwapEvent
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Answer, CommandAnswer, IdTokenInfo, Request
from stationmaster.station import display
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


class Charging(Protocol):
    """What becomes of batteries in the slots."""

    def on_battery(self, evse_id: int, battery: Battery | None) -> None: ...

    def usable(self, evse_id: int) -> bool:
        """Whether the slot is in operation."""
        ...

    def offer(self, evse_ids: Collection[int]) -> None:
        """These are there to be taken out, and no others."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapPlace:
    """Where the driver stands: slots, what becomes of what lies in them, how a card is judged, and what is shown."""

    slots: BatterySlots
    charging: Charging
    authorize: Callable[[IdToken], Awaitable[IdTokenInfo]]
    show: Callable[[str], None]


class BatterySwapping:
    """``put`` sends what must arrive. ``open_slots`` are those that can be used now."""

    def __init__(
        self,
        place: SwapPlace,
        memory: Memory,
        clock: Clock,
        configuration: Configuration,
        put: Callable[[Request], None],
        spawn: Spawn,
    ) -> None:
        self._place = place
        self._slots = place.slots
        self._charging = place.charging
        self.open_slots: frozenset[int] = frozenset()
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._put = put
        self._spawn = spawn
        self._busy = False
        self._judging = False
        self._moved = asyncio.Event()
        self.handlers: Mapping[type[Request], Callable[[Any], Awaitable[Answer]]] = {
            RequestBatterySwap: self.request,
        }

    def resume(self) -> None:
        """At the start of the program: go on with a swap that a restart interrupted."""
        self._slots.attach_slots(self)
        kept = self._memory.get(_UNDER_WAY)
        if kept is None:
            self._open(())
            return
        self._busy = True
        self._spawn(self._hand_out(msgspec.json.decode(kept, type=UnderWay)))

    def on_battery(self, evse_id: int, battery: Battery | None) -> None:
        self._charging.on_battery(evse_id, battery)
        self._moved.set()

    def present(self, id_token: IdToken) -> None:
        """S01: somebody holds a card to the reader. One at a time."""
        if not self._judging:
            self._judging = True
            self._spawn(self._present(id_token))

    async def _present(self, id_token: IdToken) -> None:
        try:
            if self._busy:
                self._place.show(self._hindrance())
                return
            info = await self._place.authorize(id_token)
            if info.status != "Accepted":
                self._place.show(display.REFUSALS[info.status])
            elif not self.begin(id_token):
                self._place.show(self._hindrance())
        finally:
            self._judging = False

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

    def _hindrance(self) -> str:
        """What a driver reads who gets no swap now."""
        return display.SWAP_UNDER_WAY if self._busy else display.NO_BATTERY

    def _able(self) -> bool:
        """S01.FR.01, S03.FR.05: enough charged batteries, and room for the empty ones."""
        wanted = self._configuration.now.batteries_per_swap
        return len(self._charged()) >= wanted and len(self._empty()) >= wanted

    def _charged(self) -> list[Battery]:
        target = self._configuration.now.swap_target_soc_pct
        there = [battery for battery in self._usable().values() if battery is not None]
        return [battery for battery in there if battery.soc_pct >= target]

    def _empty(self) -> list[int]:
        return [evse_id for evse_id, battery in self._usable().items() if battery is None]

    def _usable(self) -> Mapping[int, Battery | None]:
        slots = self._slots.batteries()
        return {evse_id: battery for evse_id, battery in slots.items() if self._charging.usable(evse_id)}

    async def _swap(self, id_token: IdToken, request_id: int) -> None:
        wanted = self._configuration.now.batteries_per_swap
        offered = tuple(self._charged()[:wanted])
        empty = self._empty()[:wanted]
        self._open(empty)
        self._place.show(display.INSERT_BATTERY)
        brought = await self._brought(empty)
        if not brought:  # S01.FR.02, S02.FR.05: nothing is told
            self._open(())
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

        slots = [battery.evse_id for battery in under_way.offered]
        self._charging.offer(slots)
        self._open(slots)
        await self._wait(lambda: not left(), self._configuration.now.swap_timeout_out_s)
        remaining = left()
        self._open(())
        self._charging.offer(())
        taken = tuple(battery for battery in under_way.offered if battery not in remaining)
        if taken:
            self._tell("BatteryOut", under_way, taken)
        if remaining:
            self._tell("BatteryOutTimeout", under_way, remaining)
        self._memory.delete(_UNDER_WAY)
        self._busy = False

    def _open(self, evse_ids: Collection[int]) -> None:
        self.open_slots = frozenset(evse_ids)
        self._slots.open_slots(evse_ids)

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
