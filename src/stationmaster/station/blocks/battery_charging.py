"""S04 Battery swap charging, as a station: whatever battery lies in a slot is charged, in a transaction of its own.

A battery that comes in begins a transaction and its charging at once, for a token of the operator's or for nobody. At
BatterySwapCtrlr.MaxSoC the energy stops and the transaction stays; it ends when the battery is taken out. A battery
that is offered to a driver is not charged meanwhile.
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

from stationmaster.clock.timeouts import within
from stationmaster.domain.battery_swap import Battery
from stationmaster.domain.identity import NO_TOKEN, IdToken
from stationmaster.station.ports import BatterySlots, Clock
from stationmaster.station.records import EvseState
from stationmaster.station.settings import Configuration
from stationmaster.station.situation import Hold, Name

CONNECTOR = 1
"""A slot has one."""
LOOK_S = 10.0
"""How often is looked at batteries that are being charged."""


class SlotTransactions(Protocol):
    """What is needed of ``Transactions``."""

    @property
    def may_start(self) -> Callable[[int], bool]: ...
    def state(self, evse_id: int) -> EvseState: ...
    def insert(self, evse_id: int, connector: int, id_token: IdToken) -> None: ...
    def happen(self, evse_id: int, name: Name, *, connector: int | None = None, hold: Hold | None = None) -> None: ...


class BatteryCharging:
    def __init__(
        self, slots: BatterySlots, transactions: SlotTransactions, clock: Clock, configuration: Configuration
    ) -> None:
        self._slots = slots
        self._transactions = transactions
        self._clock = clock
        self._configuration = configuration
        self._offered: frozenset[int] = frozenset()
        self._suspended: set[int] = set()
        """By this block, which alone lets them go on."""
        self._started = False
        self._changed = asyncio.Event()

    def usable(self, evse_id: int) -> bool:
        """Whether the slot is in operation."""
        return self._transactions.may_start(evse_id)

    def begin(self, evse_id: int, connector: int = CONNECTOR) -> None:
        """S04.FR.01-.03: a battery is in this slot. One that is out of operation charges it later."""
        if not self.usable(evse_id):
            self._transactions.happen(evse_id, "plugged", connector=connector)
            return
        central = self._configuration.now.swap_id_token
        self._transactions.insert(evse_id, connector, IdToken(central, "Central") if central else NO_TOKEN)
        self._changed.set()

    def resume(self) -> None:
        """S04.FR.11: at the start of the program all slots with a battery in them begin anew."""
        self._started = True
        for evse_id, battery in self._slots.batteries().items():
            if battery is not None and self._transactions.state(evse_id).transaction is None:
                self.begin(evse_id)

    def on_battery(self, evse_id: int, battery: Battery | None) -> None:
        if battery is not None:
            self.begin(evse_id)
            return
        self._suspended.discard(evse_id)
        if self._transactions.state(evse_id).situation.connector is not None:
            self._transactions.happen(evse_id, "unplugged for good")  # S04.FR.07

    def offer(self, evse_ids: Collection[int]) -> None:
        """These are there to be taken out, and no others; what is offered no more is charged again."""
        self._offered = frozenset(evse_ids)
        for evse_id in self._offered:
            if self._transactions.state(evse_id).situation.path_closed:
                self._suspend(evse_id, "disallowed")
        self.look()

    def look(self) -> None:
        """Something may have changed: how far a battery is charged, how far it is to be, which slots are usable."""
        if self._started:
            for evse_id, battery in self._slots.batteries().items():
                if battery is not None:
                    self._look_at(evse_id, battery)

    def _look_at(self, evse_id: int, battery: Battery) -> None:
        state = self._transactions.state(evse_id)
        situation = state.situation
        if state.transaction is None:
            waits = situation.connector is not None and not situation.finished
            if waits and self.usable(evse_id):
                self.begin(evse_id)
        elif battery.soc_pct >= self._configuration.now.swap_max_soc_pct:
            if situation.path_closed:
                self._suspend(evse_id, "energy limit reached")  # S04.FR.06
        elif evse_id in self._suspended - self._offered:
            self._suspended.discard(evse_id)
            self._transactions.happen(evse_id, "allowed", hold="slot")
            self._changed.set()

    async def run(self) -> None:
        """Look at what is being charged, until cancelled."""
        while True:
            self.look()
            self._changed.clear()
            if not self.charging():
                await self._changed.wait()
                continue
            try:
                await within(self._clock, LOOK_S, self._changed.wait())
            except TimeoutError:
                continue

    def charging(self) -> frozenset[int]:
        """The slots that energy may flow in."""
        slots = self._slots.batteries()
        return frozenset(evse_id for evse_id in slots if self._transactions.state(evse_id).situation.path_closed)

    def _suspend(self, evse_id: int, name: Name) -> None:
        self._suspended.add(evse_id)
        self._transactions.happen(evse_id, name, hold="slot")
