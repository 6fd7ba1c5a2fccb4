"""A charging station's hardware in simulation: fulfils ``station.ports.Hardware`` upon the physics of `ChargePath`.

The meter is exact at every moment, as energy is integrated up to now whenever somebody looks. The regular step only
finds out when a car begins or ceases to draw: only EVSEs are stepped where a car draws or something was changed.
"""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Protocol

from stationmaster.domain.der_grid import GridSample
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import StationInfo
from stationmaster.domain.metering import Sample
from stationmaster.simulator.battery_slots import SimulatedSlots
from stationmaster.simulator.catalogue import StationModel
from stationmaster.simulator.charge_path import ChargePath, PilotState
from stationmaster.simulator.ev import EV
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.instruments import samples
from stationmaster.simulator.names import serial_number
from stationmaster.simulator.supply import AcSupply
from stationmaster.station.ports import (
    Clock,
    ConnectorDescription,
    EvseDescription,
    HardwareDescription,
    HardwareListener,
    InstallOutcome,
)

REACTION_S = 2.0
"""How soon a car follows a change."""
STEP_S = 5.0
"""How soon it is noticed that a car has had enough."""
REBOOT_S = 20.0
VOLTS = 230.0


class Registers(Protocol):
    """Where the meters' energy registers begin, and who keeps them: a real meter forgets nothing without power."""

    def first_wh(self, evse_id: int) -> Decimal:
        """The reading that an EVSE's meter starts from."""
        ...

    def on_reading(self, evse_id: int, energy_wh: Decimal) -> None:
        """Called before a reading is shown to anybody."""
        ...


class NewMeters:
    """They start from 0, and nobody keeps them."""

    def first_wh(self, evse_id: int) -> Decimal:
        return Decimal(0)

    def on_reading(self, evse_id: int, energy_wh: Decimal) -> None:
        """Forgotten."""


class Outlet:
    """One EVSE's moving parts."""

    def __init__(self, path: ChargePath, now_s: float) -> None:
        self.path = path
        self.connector_id: int | None = None
        self.drawing: bool | None = None
        self.settled = True
        self.locked = False
        self.lock_jammed = False
        self.text = ""
        self._advanced_to_s = now_s

    @property
    def may_change(self) -> bool:
        """A car that does not draw will not begin to by itself."""
        return self.path.contactor_closed and (self.drawing is True or not self.settled)

    def advance(self, now_s: float) -> None:
        self.path.advance(max(0.0, now_s - self._advanced_to_s))
        self._advanced_to_s = now_s


class SimulatedHardware:
    """The station's side is the port; the other methods are what people, cars and bad luck do to it."""

    def __init__(
        self,
        model: StationModel,
        clock: Clock,
        *,
        seed: int | str = 0,
        reboot_s: float = REBOOT_S,
        registers: Registers | None = None,
        firmware: FirmwareBank | None = None,
    ) -> None:
        self._model = model
        self.firmware = firmware or FirmwareBank()
        self._grid = GridSample()
        self._slots = SimulatedSlots(len(model.evses) if model.swaps_batteries else 0)
        self._clock = clock
        self._reboot_s = reboot_s
        self._serial = serial_number(Random(f"serial:{seed}"))
        self._listener: HardwareListener | None = None
        self._registers = registers or NewMeters()
        self._outlets = {
            number: Outlet(ChargePath(evse.supply, self._registers.first_wh(number)), 0.0)
            for number, evse in enumerate(model.evses, 1)
        }
        for outlet in self._outlets.values():
            outlet.path.offer()
        self._wake = asyncio.Event()
        self.text = ""

    # The port ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def describe(self) -> HardwareDescription:
        return HardwareDescription(
            info=StationInfo(
                vendor=self._model.vendor_name,
                model=self._model.model,
                serial_number=self._serial,
                firmware_version=self.firmware.runs or self._model.firmware_version,
            ),
            evses=tuple(self._describe_evse(number) for number in self._outlets),
            boots_to_install=self.firmware.boots_to_install,
            installs_during_charging=self.firmware.installs_during_charging,
            manufacturer_roots=self.firmware.roots,
            der_modes=self._model.der_modes,
            swaps_batteries=self._model.swaps_batteries,
        )

    def attach(self, listener: HardwareListener | None) -> None:
        self._listener = listener

    async def run(self) -> None:
        while True:
            active = [(number, outlet) for number, outlet in self._outlets.items() if outlet.may_change]
            if not active:
                await self._wake.wait()
                self._wake.clear()
                continue
            settled = all(outlet.settled for _, outlet in active)
            await self._clock.sleep(STEP_S if settled else REACTION_S)
            for number, outlet in active:
                self._step(number, outlet)

    def plugged(self, evse_id: int) -> int | None:
        return self._outlets[evse_id].connector_id

    def set_contactor(self, evse_id: int, closed: bool) -> None:
        outlet = self._now(evse_id)
        outlet.drawing = None
        if closed and outlet.path.ev is not None:
            outlet.path.close_contactor()
            self._unsettle(outlet)
        else:
            outlet.path.open_contactor()

    def set_limit(self, evse_id: int, current_a: float | None) -> None:
        outlet = self._now(evse_id)
        if isinstance(outlet.path.supply, AcSupply):
            outlet.path.offer(current_a=current_a)
        else:
            outlet.path.offer(power_w=None if current_a is None else current_a * VOLTS * 3)
        self._unsettle(outlet)

    def lock(self, evse_id: int, connector_id: int) -> bool:
        outlet = self._outlets[evse_id]
        outlet.locked = outlet.connector_id == connector_id and not outlet.lock_jammed
        return outlet.locked

    def unlock(self, evse_id: int, connector_id: int) -> bool:
        outlet = self._outlets[evse_id]
        outlet.locked = outlet.locked and outlet.lock_jammed
        return not outlet.locked

    def read_meter(self, evse_id: int) -> Sequence[Sample]:
        outlet = self._now(evse_id)
        reading = outlet.path.reading()
        self._registers.on_reading(evse_id, reading.energy_wh)
        return samples(reading, ac=isinstance(outlet.path.supply, AcSupply))

    def show(self, evse_id: int | None, text: str) -> None:
        if evse_id is None:
            self.text = text
        else:
            self._outlets[evse_id].text = text

    def slots(self) -> SimulatedSlots:
        return self._slots

    def grid(self) -> GridSample:
        return self._grid

    async def install(self, image: bytes) -> InstallOutcome:
        return await self.firmware.install(image, self._clock)

    async def reboot(self) -> None:
        await self._clock.sleep(self._reboot_s)
        self.firmware.activate()

    # What happens to it ───────────────────────────────────────────────────────────────────────────────────────────

    def plug(self, evse_id: int, ev: EV, connector_id: int = 1) -> None:
        """Plug a car in. Raises InterlockError when one is there."""
        outlet = self._now(evse_id)
        outlet.path.plug(ev)
        outlet.connector_id = connector_id
        if self._listener is not None:
            self._listener.on_cable(evse_id, connector_id, True)

    def unplug(self, evse_id: int) -> EV:
        """Pull the plug, at the car if it is locked at the station: a cable that is locked in a socket stays there.

        Raises InterlockError when there is none.
        """
        outlet = self._now(evse_id)
        ev = outlet.path.unplug()
        connector_id, outlet.connector_id, outlet.drawing = outlet.connector_id, None, None
        outlet.locked = outlet.locked and self._is_socket(evse_id, connector_id)
        if self._listener is not None and connector_id is not None:
            self._listener.on_cable(evse_id, connector_id, False)
        return ev

    def present(self, id_token: IdToken, evse_id: int | None = None) -> None:
        """Hold a card to the reader."""
        if self._listener is not None:
            self._listener.on_token(id_token, evse_id)

    def press_stop(self, evse_id: int) -> None:
        if self._listener is not None:
            self._listener.on_stop_button(evse_id)

    def stop_by_car(self, evse_id: int) -> None:
        """The car ends the session (ISO 15118)."""
        if self._listener is not None:
            self._listener.on_ev_stop(evse_id)

    def fail(self, evse_id: int, error_code: str | None, info: str = "", connector_id: int = 1) -> None:
        """A fault in 1.6's words, or None: it is repaired."""
        if self._listener is not None:
            self._listener.on_fault(evse_id, connector_id, error_code, info)

    def disturb_grid(self, sample: GridSample | None = None) -> None:
        """The grid leaves its nominal values for these, or comes back to them."""
        self._grid = sample or GridSample()

    def jam_lock(self, evse_id: int, jammed: bool = True) -> None:
        """The lock moves no more."""
        self._outlets[evse_id].lock_jammed = jammed

    def display(self, evse_id: int) -> str:
        """What stands on the display of an EVSE."""
        return self._outlets[evse_id].text

    def energized(self, evse_id: int) -> bool:
        """Whether the contactor is closed."""
        return self._outlets[evse_id].path.contactor_closed

    def locked(self, evse_id: int) -> bool:
        """Whether the plug is held."""
        return self._outlets[evse_id].locked

    def drawing(self, evse_id: int) -> bool:
        """Whether a car was seen to take energy at the last step."""
        return self._outlets[evse_id].drawing is True

    def _now(self, evse_id: int) -> Outlet:
        outlet = self._outlets[evse_id]
        outlet.advance(self._clock.monotonic())
        return outlet

    def _unsettle(self, outlet: Outlet) -> None:
        outlet.settled = False
        self._wake.set()

    def _step(self, evse_id: int, outlet: Outlet) -> None:
        if not outlet.path.contactor_closed:
            return
        outlet.advance(self._clock.monotonic())
        outlet.settled = True
        drawing = outlet.path.pilot is PilotState.C
        if drawing != outlet.drawing:
            outlet.drawing = drawing
            if self._listener is not None:
                self._listener.on_ev_drawing(evse_id, drawing)

    def _is_socket(self, evse_id: int, connector_id: int | None) -> bool:
        """Whether drivers bring their own cable."""
        types = self._model.evses[evse_id - 1].connectors
        return connector_id is not None and types[connector_id - 1].startswith("s")

    def _describe_evse(self, number: int) -> EvseDescription:
        evse = self._model.evses[number - 1]
        supply = evse.supply
        return EvseDescription(
            id=number,
            connectors=tuple(ConnectorDescription(id=i, type=kind) for i, kind in enumerate(evse.connectors, 1)),
            current="AC" if isinstance(supply, AcSupply) else "DC",
            phases=supply.phases if isinstance(supply, AcSupply) else 0,
            max_current_a=supply.max_current_a,
            max_power_w=supply.full_load_w,
        )
