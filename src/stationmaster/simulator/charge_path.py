"""One EVSE's electrical state: the car on the cable, the contactor, the offer, and the meter.

Theory of operation. Between two changes (a plug, a contactor, an offer, a noticeable change of SoC) power
is constant, and energy is power times time, counted exactly by an integer register. `advance` therefore
cuts a long step where the SoC would move by `SOC_PER_STEP` (the charging curve may bend there) and where
the car becomes full, so that a day takes a few hundred steps, an idle week takes one, and neither overfills
a battery. Time is counted in whole microseconds.

DER controls come in as orders about the power at the inlet. The pilot does not know of them: a car that is held at
nothing would still draw.

Where it ends: no cable resistance, no ramps within the seconds that real cars take to follow a new offer.
"""

from decimal import Decimal
from enum import Enum
from math import ceil

import msgspec

from stationmaster.domain.der.power import PowerOrder
from stationmaster.simulator.battery import SECONDS_PER_HOUR
from stationmaster.simulator.ev import EV
from stationmaster.simulator.grid import Phase
from stationmaster.simulator.register import MICRO, EnergyRegister, microseconds
from stationmaster.simulator.supply import NOTHING, Flow, Offer, Supply

SOC_PER_STEP = 0.005
HIGHEST_LOAD = 1.25
"""Of the full load, while the voltage is high."""
NOTICEABLE_W = 0.5
"""By less, an order changes nothing: it would only turn the rounding of a conversion into power."""


class PilotState(Enum):
    """The control pilot's states of IEC 61851-1 as far as a healthy car shows them."""

    A = "no vehicle"
    B = "vehicle connected"
    C = "vehicle ready to take energy"


class InterlockError(Exception):
    """The act is physically impossible now: a second plug, no plug to pull, or a contactor without a car."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the station's instruments show at one instant.

    `phases` is the grid side, L1 first. `outlet_*` is the cable side (on AC, L1's voltage and the highest
    phase current), `power_w` and `energy_wh` are measured there, `inlet_*` includes the converter's loss.
    Registers never run backwards: what was fed back is counted by its own, `fed_wh` (at the outlet), and `power_w`
    is negative meanwhile; it is None where nothing can be fed. `reactive_var` is injected into the grid. `soc` is None
    without a car or when the car does not tell it. `offered_*` is what the car is told it may take.
    """

    phases: tuple[Phase, ...]
    outlet_voltage_v: float
    outlet_current_a: float
    power_w: float
    energy_wh: Decimal
    fed_wh: Decimal | None
    reactive_var: float
    inlet_power_w: float
    inlet_energy_wh: Decimal
    offered_current_a: float
    offered_power_w: float
    frequency_hz: float
    temperature_c: float
    soc: float | None


class ChargePath:
    """From the grid to one car. Starts without a car, with the contactor open and nothing offered."""

    def __init__(self, supply: Supply, energy_wh: Decimal = Decimal(0), fed_wh: Decimal = Decimal(0)) -> None:
        """`energy_wh`, `fed_wh`: the first readings of the registers, so that a restarted station carries on."""
        self.supply = supply
        self._ev: EV | None = None
        self._closed = False
        self._offer = NOTHING
        self._outlet = EnergyRegister(energy_wh)
        self._inlet = EnergyRegister(energy_wh)
        self._fed = EnergyRegister(fed_wh)
        self._orders: tuple[PowerOrder, ...] = ()
        self._elapsed_us = 0
        self._temperature_c = supply.warmth.ambient_c

    @property
    def ev(self) -> EV | None:
        """The car on the cable."""
        return self._ev

    @property
    def contactor_closed(self) -> bool:
        """Whether the outlet is connected to the supply."""
        return self._closed

    @property
    def pilot(self) -> PilotState:
        """What the car signals: C when it would draw from the present offer if the contactor were closed."""
        if self._ev is None:
            return PilotState.A
        would_draw = self.supply.flow(self._ev, self._offer).outlet_power_w != 0
        return PilotState.C if would_draw else PilotState.B

    def plug(self, ev: EV) -> None:
        """Connect a car. Raises InterlockError when one is connected."""
        if self._ev is not None:
            raise InterlockError("another vehicle is plugged in")
        self._ev = ev

    def unplug(self) -> EV:
        """Disconnect the car, which drops the contactor at once; returns the car.

        Raises InterlockError without one.
        """
        if self._ev is None:
            raise InterlockError("no vehicle is plugged in")
        ev, self._ev, self._closed = self._ev, None, False
        return ev

    def close_contactor(self) -> None:
        """Let energy flow. Raises InterlockError without a car: no live outlet without a plug in it."""
        if self._ev is None:
            raise InterlockError("the contactor stays open without a vehicle")
        self._closed = True

    def open_contactor(self) -> None:
        """Stop the flow of energy; harmless when it is open."""
        self._closed = False

    def offer(
        self,
        *,
        current_a: float | None = None,
        power_w: float | None = None,
        phases: int | None = None,
        feed_w: float = 0.0,
    ) -> None:
        """Replace the offer by these limits, as `Offer` describes them; with none, the hardware's own apply.

        Raises ValueError for negative or non-finite limits.
        """
        self._offer = Offer(current_a=current_a, power_w=power_w, phases=phases, feed_w=feed_w)

    def obey(self, *orders: PowerOrder) -> None:
        """Hold the power at the inlet to these from now on, one after another."""
        self._orders = orders

    @property
    def usual_feed_w(self) -> float:
        """What would be fed at the inlet without any order; negative: drawn."""
        return -self.supply.flow(self._ev if self._closed else None, self._offer).inlet_power_w

    @property
    def goes_on_for_s(self) -> float:
        """For so long, at least, a car that draws or feeds goes on with it if nobody changes anything."""
        if self._ev is None:
            return float("inf")
        left_wh = self._ev.room_wh if self._offer.feed_w == 0 else min(self._ev.room_wh, self._ev.spare_wh)
        return left_wh * SECONDS_PER_HOUR / (HIGHEST_LOAD * self.supply.full_load_w)

    def advance(self, dt_s: float) -> None:
        """Let time pass. Raises ValueError when `dt_s` is negative or not finite."""
        remaining_us = microseconds(dt_s)
        while remaining_us > 0:
            flow = self._flow()
            step_us = self._steady_us(flow.battery_power_w, remaining_us)
            self._step(flow, step_us)
            remaining_us -= step_us

    def reading(self) -> Reading:
        """The instruments now."""
        flow = self._flow()
        granted = self.supply.grant(self._ev, self._offer)
        return Reading(
            phases=flow.phases,
            outlet_voltage_v=flow.outlet_voltage_v,
            outlet_current_a=flow.outlet_current_a,
            power_w=flow.outlet_power_w,
            energy_wh=self._outlet.energy_wh,
            fed_wh=self._fed.energy_wh if self.supply.bidirectional else None,
            reactive_var=self._reactive_var(flow),
            inlet_power_w=flow.inlet_power_w,
            inlet_energy_wh=self._inlet.energy_wh,
            offered_current_a=granted.current_a,
            offered_power_w=granted.power_w,
            frequency_hz=self.supply.grid.frequency_at(self._elapsed_us / MICRO),
            temperature_c=self._temperature_c,
            soc=None if self._ev is None else self.supply.soc_of(self._ev),
        )

    def _flow(self) -> Flow:
        """What flows by the offer, or else by the orders: they go before any limit but those of car and hardware."""
        ev = self._ev if self._closed else None
        usual = self.supply.flow(ev, self._offer)
        if ev is None:
            return usual
        usual_w = feed_w = -usual.inlet_power_w
        for order in self._orders:
            feed_w = order.feed_w(feed_w)
        if abs(feed_w - usual_w) < NOTICEABLE_W:
            return usual
        if feed_w > 0:
            return self.supply.flow(ev, Offer(phases=self._offer.phases, feed_w=feed_w))
        return self.supply.flow(ev, self.supply.drawing(ev, self._offer, -feed_w))

    def _reactive_var(self, flow: Flow) -> float:
        if self._ev is None or not self._closed:
            return 0.0
        return sum(order.reactive.at(-flow.inlet_power_w) for order in self._orders)

    def _steady_us(self, battery_power_w: float, at_most_us: int) -> int:
        """How long, from 1 to `at_most_us`, the power may be taken as constant."""
        if self._ev is None or battery_power_w == 0:
            return at_most_us
        left_wh = self._ev.room_wh if battery_power_w > 0 else self._ev.spare_wh
        energy_wh = min(left_wh, SOC_PER_STEP * self._ev.model.battery_wh)
        steady_us = energy_wh / abs(battery_power_w) * SECONDS_PER_HOUR * MICRO
        return max(1, ceil(min(steady_us, at_most_us)))

    def _step(self, flow: Flow, step_us: int) -> None:
        step_s = step_us / MICRO
        self._outlet.add(max(0.0, flow.outlet_power_w), step_us)
        self._fed.add(max(0.0, -flow.outlet_power_w), step_us)
        self._inlet.add(max(0.0, flow.inlet_power_w), step_us)
        if self._ev is not None:
            self._ev.advance(step_s, flow.battery_power_w)
        load = flow.outlet_power_w / self.supply.full_load_w
        self._temperature_c = self.supply.warmth.after(self._temperature_c, load, step_s)
        self._elapsed_us += step_us
