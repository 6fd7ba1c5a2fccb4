"""Two ways for energy to reach a car: an AC outlet, or a DC converter of the station's own.

The *inlet* is where the grid enters the station, the *outlet* where the cable leaves it. On AC they carry
the same power (the on-board charger's loss is the car's). On DC the converter's loss lies between them and
is the station's. Power and current are positive into the car; what a car feeds back is negative.

A supply is pure: `flow` says what would flow now for a car and an offer; `ChargePath` integrates it over
time. Figures are typical: converters peak near 96 % at half load and lose much of a small load to their own
consumption.
"""

from itertools import pairwise
from math import exp, isfinite
from typing import Protocol

import msgspec

from stationmaster.domain.der.grid import GridSample
from stationmaster.simulator.battery import Curve
from stationmaster.simulator.ev import EV, NO_CURRENT
from stationmaster.simulator.grid import Grid, Phase

CONVERTER_EFFICIENCY = Curve(((0.0, 0.80), (0.05, 0.88), (0.2, 0.94), (0.5, 0.96), (1.0, 0.95)))
CONVERTER_POWER_FACTOR = 0.99
BISECTIONS = 50
INFINITY = float("inf")


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What the station allows at the outlet; None sets no limit beyond the hardware's own.

    `current_a` is per phase on AC and the cable's current on DC. `power_w` is the sum at the outlet: to
    guard a fuse on the inlet of a DC station, convert with `DcSupply.outlet_limit_w`. `phases` restricts AC
    to the first 1 to 3 phases. `feed_w` asks a car for energy instead, counted at the inlet (the grid's side):
    nothing is drawn then. Raises ValueError for negative or non-finite limits.
    """

    current_a: float | None = None
    power_w: float | None = None
    phases: int | None = None
    feed_w: float = 0.0

    def __post_init__(self) -> None:
        limits = (limit for limit in (self.current_a, self.power_w, self.feed_w) if limit is not None)
        if not all(isfinite(limit) and limit >= 0 for limit in limits):
            raise ValueError("an offer is finite and not negative")
        if self.phases not in (None, 1, 2, 3):
            raise ValueError(f"an offer is for 1 to 3 phases, not {self.phases}")


NOTHING = Offer(current_a=0.0, power_w=0.0)


class Grant(msgspec.Struct, frozen=True):
    """The offer after the hardware's own limits: what the car is told."""

    current_a: float
    power_w: float


class Flow(msgspec.Struct, frozen=True):
    """What flows at one instant. `phases` are the inlet's; `battery_power_w` is what arrives in the cells."""

    phases: tuple[Phase, ...]
    outlet_voltage_v: float
    outlet_current_a: float
    outlet_power_w: float
    inlet_power_w: float
    battery_power_w: float


class Warmth(msgspec.Struct, frozen=True):
    """First-order heating: the body settles at ambient plus `rise_k` times the square of its load."""

    ambient_c: float = 20.0
    rise_k: float = 30.0
    time_constant_s: float = 900.0

    def after(self, temperature_c: float, load: float, dt_s: float) -> float:
        """The temperature in degrees Celsius after `dt_s` at a constant share of full load."""
        settled_c = self.ambient_c + self.rise_k * load * load
        return settled_c + (temperature_c - settled_c) * exp(-dt_s / self.time_constant_s)


class Supply(Protocol):
    """A kind of outlet. Implementations are immutable and may be shared by many charge paths."""

    @property
    def grid(self) -> Grid:
        """The grid at the inlet."""

    @property
    def warmth(self) -> Warmth:
        """How the body heats up."""

    @property
    def bidirectional(self) -> bool:
        """Whether a car can feed through it."""

    @property
    def full_load_w(self) -> float:
        """The greatest outlet power, at nominal voltage."""

    def grant(self, ev: EV | None, offer: Offer) -> Grant:
        """The offer within the limits of the hardware (and of the car's voltage, if one is there)."""

    def flow(self, ev: EV | None, offer: Offer) -> Flow:
        """What flows now. Without a car (or with an open contactor: pass None) nothing does."""

    def drawing(self, ev: EV, offer: Offer, inlet_w: float) -> Offer:
        """An offer at which the car takes no more than this from the grid, whatever the offer's own limits are."""

    def disturbed(self, sample: GridSample) -> "Supply":
        """The same outlet while the grid is like this."""

    def soc_of(self, ev: EV) -> float | None:
        """The SoC that the car tells over this outlet, None when it does not."""


class AcSupply(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet that passes the grid through; a `bidirectional` one both ways. Raises ValueError for impossible
    figures."""

    max_current_a: float
    phases: int = 3
    bidirectional: bool = False
    grid: Grid = Grid()
    warmth: Warmth = Warmth()

    def __post_init__(self) -> None:
        if self.phases not in (1, 2, 3) or not 0 < self.max_current_a < INFINITY:
            raise ValueError("an AC supply has 1 to 3 phases and a positive, finite current")

    @property
    def full_load_w(self) -> float:
        """All phases at greatest current and nominal voltage, in W."""
        return self.grid.nominal_voltage_v * self.max_current_a * self.phases

    def grant(self, ev: EV | None, offer: Offer) -> Grant:
        """See `Supply`.

        A limit in W is divided by nominal voltage and offered phases, as OCPP converts it.
        """
        del ev  # AC is offered alike to every car
        volts_of_all_phases = self.grid.nominal_voltage_v * self._phases_in(offer)
        from_power_a = INFINITY if offer.power_w is None else offer.power_w / volts_of_all_phases
        current_a = min(self.max_current_a, _or_infinity(offer.current_a), from_power_a)
        return Grant(current_a, current_a * volts_of_all_phases)

    def flow(self, ev: EV | None, offer: Offer) -> Flow:
        """See `Supply`."""
        if ev is not None and offer.feed_w > 0:
            return self._feed(ev, offer)
        drawn = NO_CURRENT
        if ev is not None:
            drawn = ev.draw_ac(self.grant(ev, offer).current_a, self._phases_in(offer))
        phases = tuple(
            self.grid.phase(current_a, ev.power_factor_at(current_a) if ev is not None and current_a else 1.0)
            for current_a in drawn.amps()[: self.phases]
        )
        power_w = sum(phase.power_w for phase in phases)
        efficiency = ev.model.ac_efficiency if ev is not None else 1.0
        return Flow(
            phases=phases,
            outlet_voltage_v=phases[0].voltage_v,
            outlet_current_a=max(drawn.amps()),
            outlet_power_w=power_w,
            inlet_power_w=power_w,
            battery_power_w=power_w * efficiency,
        )

    def drawing(self, ev: EV, offer: Offer, inlet_w: float) -> Offer:
        """See `Supply`."""
        volts = self.grid.nominal_voltage_v * min(ev.model.ac_phases, self._phases_in(offer))
        return Offer(current_a=inlet_w / volts, phases=offer.phases)

    def _feed(self, ev: EV, offer: Offer) -> Flow:
        """Every phase that both have gives the same power, at a power factor of 1."""
        count = min(ev.model.ac_phases, self._phases_in(offer))
        most_a = min(self.max_current_a, ev.model.ac_max_current_a)
        voltage_v = min(self.grid.nominal_voltage_v, self.grid.voltage_under(0.0))
        most_w = voltage_v * most_a * count if self.bidirectional else 0.0
        each_w = min(offer.feed_w, most_w, ev.most_fed_w) / count
        idle = self.grid.phase(0.0, 1.0)
        phases = tuple(
            self.grid.phase_of_power(-each_w, 1.0) if number < count else idle for number in range(self.phases)
        )
        power_w = sum(phase.power_w for phase in phases)
        return Flow(
            phases=phases,
            outlet_voltage_v=phases[0].voltage_v,
            outlet_current_a=phases[0].current_a,
            outlet_power_w=power_w,
            inlet_power_w=power_w,
            battery_power_w=power_w / ev.model.ac_efficiency,
        )

    def disturbed(self, sample: GridSample) -> "AcSupply":
        """See `Supply`."""
        return msgspec.structs.replace(self, grid=self.grid.disturbed(sample))

    def soc_of(self, ev: EV) -> float | None:
        """See `Supply`: plain IEC 61851-1 carries no SoC."""
        return ev.soc if ev.model.tells_soc_on_ac else None

    def _phases_in(self, offer: Offer) -> int:
        return min(self.phases, offer.phases or self.phases)


class DcSupply(msgspec.Struct, frozen=True, kw_only=True):
    """A converter with a window of output voltages. Raises ValueError for impossible figures.

    `efficiency` maps the share of full load to output over input power; a `bidirectional` one has the same both
    ways.
    """

    max_power_w: float
    max_current_a: float
    min_voltage_v: float = 150.0
    max_voltage_v: float = 1000.0
    bidirectional: bool = False
    efficiency: Curve = CONVERTER_EFFICIENCY
    grid: Grid = Grid(source_resistance_ohm=0.01)
    warmth: Warmth = Warmth(rise_k=40.0)

    def __post_init__(self) -> None:
        if not (0 < self.max_power_w < INFINITY and 0 < self.max_current_a < INFINITY):
            raise ValueError("a converter has positive, finite power and current")
        if not all(0 < share <= 1 for _, share in self.efficiency.points):
            raise ValueError("an efficiency is above 0 and at most 1")
        costs = [load / share for load, share in self.efficiency.points]
        if any(less >= more for less, more in pairwise(costs)):
            raise ValueError("a greater output must cost a greater input")

    @property
    def full_load_w(self) -> float:
        """The rated output power in W."""
        return self.max_power_w

    def grant(self, ev: EV | None, offer: Offer) -> Grant:
        """See `Supply`. A battery outside the voltage window is offered nothing."""
        voltage_v = self.max_voltage_v if ev is None else ev.battery.voltage_v
        if not self.min_voltage_v <= voltage_v <= self.max_voltage_v:
            return Grant(0.0, 0.0)
        current_a = min(self.max_current_a, _or_infinity(offer.current_a))
        power_w = min(self.max_power_w, _or_infinity(offer.power_w), current_a * voltage_v)
        return Grant(min(current_a, power_w / voltage_v), power_w)

    def flow(self, ev: EV | None, offer: Offer) -> Flow:
        """See `Supply`."""
        if ev is not None and offer.feed_w > 0:
            return self._feed(ev, offer)
        live = ev is not None and self.grid.voltage_under(0.0) > 0
        outlet_w = ev.draw_dc(self.grant(ev, offer).power_w) if live and ev is not None else 0.0
        inlet_w = self.inlet_power_w(outlet_w)
        voltage_v = 0.0 if ev is None else ev.battery.voltage_v
        efficiency = 1.0 if ev is None else ev.model.dc_efficiency
        return Flow(
            phases=(self.grid.phase_of_power(inlet_w / 3, CONVERTER_POWER_FACTOR),) * 3,
            outlet_voltage_v=voltage_v,
            outlet_current_a=outlet_w / voltage_v if voltage_v else 0.0,
            outlet_power_w=outlet_w,
            inlet_power_w=inlet_w,
            battery_power_w=outlet_w * efficiency,
        )

    def drawing(self, ev: EV, offer: Offer, inlet_w: float) -> Offer:
        """See `Supply`."""
        return Offer(power_w=self.outlet_limit_w(inlet_w))

    def _feed(self, ev: EV, offer: Offer) -> Flow:
        """The converter with its sides exchanged: what it takes at the outlet arrives at the inlet less its loss."""
        able = self.bidirectional and self.grid.voltage_under(0.0) > 0
        cable_w = min(ev.most_fed_w, self.max_current_a * ev.battery.voltage_v) if able else 0.0
        outlet_w = min(self.inlet_power_w(min(offer.feed_w, self.max_power_w)), cable_w)
        inlet_w = self.outlet_limit_w(outlet_w)
        voltage_v = ev.battery.voltage_v
        return Flow(
            phases=(self.grid.phase_of_power(-inlet_w / 3, CONVERTER_POWER_FACTOR),) * 3,
            outlet_voltage_v=voltage_v,
            outlet_current_a=-outlet_w / voltage_v,
            outlet_power_w=-outlet_w,
            inlet_power_w=-inlet_w,
            battery_power_w=-outlet_w / ev.model.dc_efficiency,
        )

    def disturbed(self, sample: GridSample) -> "DcSupply":
        """See `Supply`."""
        return msgspec.structs.replace(self, grid=self.grid.disturbed(sample))

    def soc_of(self, ev: EV) -> float | None:
        """See `Supply`: every DC protocol carries the SoC."""
        return ev.soc

    def inlet_power_w(self, outlet_power_w: float) -> float:
        """The grid power that an output power costs, converter loss included."""
        return outlet_power_w / self.efficiency.at(outlet_power_w / self.max_power_w)

    def outlet_limit_w(self, inlet_limit_w: float) -> float:
        """The greatest output power that draws no more than `inlet_limit_w` from the grid."""
        low_w, high_w = 0.0, self.max_power_w
        if self.inlet_power_w(high_w) <= inlet_limit_w:
            return high_w
        for _ in range(BISECTIONS):
            middle_w = (low_w + high_w) / 2
            if self.inlet_power_w(middle_w) <= inlet_limit_w:
                low_w = middle_w
            else:
                high_w = middle_w
        return low_w


def _or_infinity(limit: float | None) -> float:
    return INFINITY if limit is None else limit
