"""A charging station's hardware in simulation: fulfils ``station.ports.Hardware`` upon the physics of `ChargePath`.

The meter is exact at every moment, as energy is integrated up to now whenever somebody looks. A look only finds out
when a car begins or ceases to draw: an EVSE is looked at where a car draws or something was changed, and not before
that could have happened.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any, Protocol

from stationmaster.clock.timeouts import within
from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.nameplate import Nameplate, rated
from stationmaster.domain.der.power import FREE, PowerOrder
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import StationInfo
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.simulator.battery_slots import SimulatedSlots
from stationmaster.simulator.car_inverter import CarInverter, needs_of
from stationmaster.simulator.catalogue import StationModel
from stationmaster.simulator.charge_path import ChargePath, PilotState
from stationmaster.simulator.ev import EV
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.instruments import samples
from stationmaster.simulator.names import serial_number
from stationmaster.simulator.payment_terminal import SimulatedTerminal
from stationmaster.simulator.signing_meter import SigningMeter
from stationmaster.simulator.supply import AcSupply, DcSupply
from stationmaster.station.ports import (
    Clock,
    ConnectorDescription,
    EvseDescription,
    HardwareDescription,
    HardwareListener,
    InstallOutcome,
    RebootFailed,
    SignedReading,
)

REACTION_S = 2.0
"""How soon a car follows a change."""
STEP_S = 5.0
"""How soon it is noticed that a car has had enough."""
LONGEST_S = 600.0
"""Between two looks at a car that draws."""
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

    def first_fed_wh(self, evse_id: int) -> Decimal:
        """As ``first_wh``, of the energy that cars fed back."""
        ...

    def on_fed(self, evse_id: int, fed_wh: Decimal) -> None:
        """As ``on_reading``; only called of EVSEs that can be fed through."""
        ...


class NewMeters:
    """They start from 0, and nobody keeps them."""

    def first_wh(self, evse_id: int) -> Decimal:
        return Decimal(0)

    def on_reading(self, evse_id: int, energy_wh: Decimal) -> None:
        """Forgotten."""

    def first_fed_wh(self, evse_id: int) -> Decimal:
        return Decimal(0)

    def on_fed(self, evse_id: int, fed_wh: Decimal) -> None:
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
        self.parked = False
        self.text = ""
        self.order = FREE
        self.car = CarInverter()
        self.due_s = now_s
        """When it is to be looked at, where it may change."""
        self._advanced_to_s = now_s

    @property
    def may_change(self) -> bool:
        """A car that does not draw will not begin to by itself."""
        return self.path.contactor_closed and (self.drawing is True or not self.settled)

    @property
    def is_steered(self) -> bool:
        return self.order != FREE or bool(self.car.controls)

    def advance(self, now_s: float) -> None:
        self.path.advance(max(0.0, now_s - self._advanced_to_s))
        self._advanced_to_s = now_s

    def unsettle(self, now_s: float) -> None:
        """A car follows what was changed, in a moment."""
        awaited = not self.settled and self.due_s > now_s
        self.due_s = min(self.due_s, now_s + REACTION_S) if awaited else now_s + REACTION_S
        self.settled = False

    def settle(self, now_s: float) -> None:
        """It has been looked at. What steers power does so with the grid and the time of day, so it is never left for
        long."""
        quiet_s = STEP_S if self.is_steered else min(max(STEP_S, self.path.goes_on_for_s), LONGEST_S)
        self.settled, self.due_s = True, now_s + quiet_s

    def plug(self, ev: EV, connector_id: int) -> None:
        """Raises InterlockError when something is connected."""
        self.path.plug(ev)
        self.connector_id = connector_id

    def unplug(self) -> EV:
        """Raises InterlockError when nothing is connected."""
        ev = self.path.unplug()
        self.connector_id = self.drawing = None
        self.car.forget()
        return ev

    def steer(self, sample: GridSample, now: datetime) -> None:
        """Let the car's own inverter follow its DER controls, and the station's its own."""
        ev = self.path.ev
        if ev is None or not self.is_steered:
            self.path.obey()
        else:
            self.path.obey(self.car.order(ev, self.path.supply, sample, now), self.order)


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
        self._clock = clock
        self._reboot_s = reboot_s
        self._serial = serial_number(Random(f"serial:{seed}"))
        self._listener: HardwareListener | None = None
        self._registers = registers or NewMeters()
        self._outlets = {
            number: Outlet(ChargePath(evse.supply, *self._first_readings(number)), 0.0)
            for number, evse in enumerate(model.evses, 1)
        }
        for outlet in self._outlets.values():
            outlet.path.offer()
        self._signing: dict[int, SigningMeter] = {}
        self._slots = SimulatedSlots(len(model.evses) if model.swaps_batteries else 0, bay_of=self._now)
        self._terminal = SimulatedTerminal(self._serial)
        self._wake = asyncio.Event()
        self.text = ""
        self.reboots = 0
        self._reboots_to_fail = 0

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
            takes_payments=self._model.takes_payments,
            has_keys=self._model.has_keys,
        )

    def attach(self, listener: HardwareListener | None) -> None:
        self._listener = listener
        if listener is None:
            self._slots.attach_slots(None)
            self._terminal.attach_payments(None)

    async def run(self) -> None:
        while True:
            self._wake.clear()
            active = [(number, outlet) for number, outlet in self._outlets.items() if outlet.may_change]
            if not active:
                await self._wake.wait()
                continue
            wait_s = min(outlet.due_s for _, outlet in active) - self._clock.monotonic()
            if wait_s > 0:
                with suppress(TimeoutError):
                    await within(self._clock, wait_s, self._wake.wait())
                continue
            for number, outlet in active:
                if outlet.due_s <= self._clock.monotonic():
                    self._step(number, outlet)

    def plugged(self, evse_id: int) -> int | None:
        return self._outlets[evse_id].connector_id

    def parked(self, evse_id: int) -> bool:
        return self._outlets[evse_id].parked

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
        if reading.fed_wh is not None:
            self._registers.on_fed(evse_id, reading.fed_wh)
        return samples(reading, ac=isinstance(outlet.path.supply, AcSupply))

    def sign_meter(self, evse_id: int, at: datetime, context: str) -> SignedReading:
        meter = self._signing.get(evse_id)
        if meter is None:
            meter = SigningMeter(self._model.vendor_name, self._model.model, f"{self._serial}-{evse_id}")
            self._signing[evse_id] = meter
        return meter.sign(self._now(evse_id).path.reading().energy_wh, at, context)

    def show(self, evse_id: int | None, text: str) -> None:
        if evse_id is None:
            self.text = text
        else:
            self._outlets[evse_id].text = text

    def slots(self) -> SimulatedSlots:
        return self._slots

    def terminal(self) -> SimulatedTerminal:
        return self._terminal

    def grid(self) -> GridSample:
        return self._grid

    def hold_power(self, evse_id: int, order: PowerOrder) -> None:
        outlet = self._now(evse_id)
        if outlet.order != order:
            outlet.order = order
            outlet.steer(self._grid, self._clock.now())
            self._unsettle(outlet)

    def usual_feed_w(self, evse_id: int) -> float:
        return self._now(evse_id).path.usual_feed_w

    def ev_needs(self, evse_id: int) -> dict[str, Any] | None:
        path = self._outlets[evse_id].path
        return None if path.ev is None else needs_of(path.ev, path.supply)

    def configure_ev(self, evse_id: int, controls: Sequence[DERControl]) -> None:
        outlet = self._now(evse_id)
        outlet.car.controls = tuple(controls)
        outlet.steer(self._grid, self._clock.now())
        self._unsettle(outlet)

    async def install(self, image: bytes) -> InstallOutcome:
        return await self.firmware.install(image, self._clock)

    async def reboot(self) -> None:
        await self._clock.sleep(self._reboot_s)
        if self._reboots_to_fail:
            self._reboots_to_fail -= 1
            raise RebootFailed("the power supply did not switch off")
        self.reboots += 1
        self.firmware.activate()

    # What happens to it ───────────────────────────────────────────────────────────────────────────────────────────

    def park(self, evse_id: int) -> None:
        """A car drives into the parking bay."""
        self._set_parked(evse_id, True)

    def leave(self, evse_id: int) -> None:
        """The car drives out of the parking bay; it is not plugged in any more."""
        self._set_parked(evse_id, False)

    def _set_parked(self, evse_id: int, parked: bool) -> None:
        outlet = self._outlets[evse_id]
        changed, outlet.parked = outlet.parked != parked, parked
        if changed and self._model.detects_cars and self._listener is not None:
            self._listener.on_bay(evse_id, parked)

    def plug(self, evse_id: int, ev: EV, connector_id: int = 1) -> None:
        """Plug a car in, which parks it. Raises InterlockError when one is there."""
        outlet = self._now(evse_id)
        outlet.plug(ev, connector_id)
        self.park(evse_id)
        if self._listener is not None:
            self._listener.on_cable(evse_id, connector_id, True)

    def unplug(self, evse_id: int) -> EV:
        """Pull the plug, at the car if it is locked at the station: a cable that is locked in a socket stays there.

        Raises InterlockError when there is none.
        """
        outlet = self._now(evse_id)
        connector_id = outlet.connector_id
        ev = outlet.unplug()
        outlet.locked = outlet.locked and self._is_socket(evse_id, connector_id)
        if self._listener is not None and connector_id is not None:
            self._listener.on_cable(evse_id, connector_id, False)
        return ev

    def ask_limit(self, evse_id: int, limit: TransactionLimit) -> None:
        """The driver says on the display how far the transaction is to go."""
        if self._listener is not None:
            self._listener.on_limit(evse_id, limit)

    def press_priority(self, evse_id: int) -> None:
        if self._listener is not None:
            self._listener.on_priority_button(evse_id)

    def refuse_tariff(self, evse_id: int) -> None:
        """The driver says on the display that the price is not accepted."""
        if self._listener is not None:
            self._listener.on_tariff_refused(evse_id)

    def present(self, id_token: IdToken, evse_id: int | None = None) -> None:
        """Hold a card to the reader."""
        if self._listener is not None:
            self._listener.on_token(id_token, evse_id)

    def choose(self, *evse_ids: int) -> None:
        """On the keys, after a master pass: stop at these EVSEs; none: at all."""
        if self._listener is not None and self._model.has_keys:
            self._listener.on_choice(evse_ids)

    def press_stop(self, evse_id: int) -> None:
        if self._listener is not None:
            self._listener.on_stop_button(evse_id)

    def stop_by_car(self, evse_id: int) -> None:
        if self._listener is not None:
            self._listener.on_ev_stop(evse_id)

    def fail(self, evse_id: int, error_code: str | None, info: str = "", connector_id: int = 1) -> None:
        """A fault in 1.6's words, or None: it is repaired."""
        if self._listener is not None:
            self._listener.on_fault(evse_id, connector_id, error_code, info)

    def disturb_grid(self, sample: GridSample | None = None) -> None:
        """The grid leaves its nominal values for these, or comes back to them."""
        self._grid = sample or GridSample()
        for evse_id in self._outlets:
            outlet = self._now(evse_id)
            outlet.path.supply = outlet.path.supply.disturbed(self._grid)
            self._unsettle(outlet)

    def ask_for_energy(self, evse_id: int, power_w: float) -> None:
        """Whoever manages the energy of the site has the car feed so much into it; 0: charge again."""
        outlet = self._now(evse_id)
        outlet.path.offer(feed_w=power_w)
        self._unsettle(outlet)

    def fail_reboots(self, times: int) -> None:
        """It does not restart the next times it is told to."""
        self._reboots_to_fail = times

    def jam_lock(self, evse_id: int, jammed: bool = True) -> None:
        """The lock moves no more."""
        self._outlets[evse_id].lock_jammed = jammed

    def configured(self, evse_id: int) -> tuple[DERControl, ...]:
        """The DER controls that the car there was sent."""
        return self._outlets[evse_id].car.controls

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
        outlet.steer(self._grid, self._clock.now())
        return outlet

    def _first_readings(self, evse_id: int) -> tuple[Decimal, Decimal]:
        return self._registers.first_wh(evse_id), self._registers.first_fed_wh(evse_id)

    def _unsettle(self, outlet: Outlet) -> None:
        outlet.unsettle(self._clock.monotonic())
        self._wake.set()

    def _step(self, evse_id: int, outlet: Outlet) -> None:
        self._now(evse_id)
        outlet.settle(self._clock.monotonic())
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
            signs_readings=self._model.signs_readings,
            detects_cars=self._model.detects_cars,
            inverter=self._nameplate(supply),
            emulates=evse.emulates,
        )

    def _nameplate(self, supply: AcSupply | DcSupply) -> Nameplate | None:
        """Of the station's own inverter; on AC it is in the car."""
        if isinstance(supply, AcSupply) or not supply.bidirectional:
            return None
        return rated(
            supply.full_load_w,
            supply.inlet_power_w(supply.full_load_w),
            nominal_v=supply.grid.nominal_voltage_v,
            manufacturer=self._model.vendor_name,
            model=self._model.model,
            serial_number=self._serial,
            software=self._model.firmware_version,
            hardware="1",
        )
