"""Electric vehicles: what a car takes of what a station offers.

AC follows IEC 61851-1 in outline: the station offers a current per phase, the car takes as much of it as
its on-board charger can, on the phases that both have, and nothing below 6 A. DC follows the battery's
charging curve: high and flat at low SoC, falling in steps towards full.

Units: A per phase, W, Wh, SoC as a share from 0 to 1. Efficiencies are typical: on-board chargers turn 88
to 92 % of the AC energy into stored energy, DC charging loses a few percent as heat in the cells and to the
car's own cooling.
"""

from math import isfinite

import msgspec

from stationmaster.simulator.battery import Battery, Curve

FULL_WITHIN_WH = 1e-6
"""Less room than this counts as full: it is far above float rounding and far below any meter."""

AC_TAPER = Curve(((0.96, 1.0), (1.0, 0.15)))
POWER_FACTOR = Curve(((0.0, 0.90), (0.3, 0.98), (1.0, 0.995)))


class PhaseCurrents(msgspec.Struct, frozen=True):
    """Current in A on each phase as the station's terminals number them."""

    l1_a: float = 0.0
    l2_a: float = 0.0
    l3_a: float = 0.0

    @classmethod
    def on(cls, phases: int, current_a: float) -> "PhaseCurrents":
        """The same current on the first `phases` phases (1 to 3), none on the others."""
        return cls(*(current_a if number < phases else 0.0 for number in range(3)))

    def amps(self) -> tuple[float, float, float]:
        """The three currents in order L1, L2, L3."""
        return (self.l1_a, self.l2_a, self.l3_a)


NO_CURRENT = PhaseCurrents()


class EVModel(msgspec.Struct, frozen=True, kw_only=True):
    """The unchanging properties of a make of car. Raises ValueError for figures no car can have.

    `ac_taper` and `dc_curve` map SoC to a share of the maximum; `power_factor` maps the share of the
    on-board charger's current to cos phi. `connectors` holds the OCPP connector types that fit.
    `tells_soc_on_ac`: the car speaks ISO 15118 on AC too, so that the station learns its SoC; on DC every
    car tells it. `feed_max_power_w`: what it can give back (ISO 15118-20 BPT), 0: nothing, and never beyond
    `reserve_soc`. `der_modes`: the DER controls that its own inverter executes on AC (AC_BPT_DER).
    """

    name: str
    battery_wh: float
    pack_voltage_v: float
    ac_phases: int
    ac_max_current_a: float
    dc_max_power_w: float
    connectors: frozenset[str]
    dc_curve: Curve
    min_current_a: float = 6.0
    ac_efficiency: float = 0.90
    dc_efficiency: float = 0.97
    ac_taper: Curve = AC_TAPER
    power_factor: Curve = POWER_FACTOR
    tells_soc_on_ac: bool = False
    feed_max_power_w: float = 0.0
    reserve_soc: float = 0.3
    der_modes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.ac_phases not in (1, 2, 3):
            raise ValueError(f"a car charges on 1 to 3 phases, not {self.ac_phases}")
        if not (0 < self.ac_efficiency <= 1 and 0 < self.dc_efficiency <= 1):
            raise ValueError("an efficiency is above 0 and at most 1")
        if not (0 <= self.min_current_a <= self.ac_max_current_a and isfinite(self.ac_max_current_a)):
            raise ValueError("the least current cannot exceed the greatest")
        if not 0 <= self.dc_max_power_w < float("inf"):
            raise ValueError("DC power is finite and not negative")
        if not (0 <= self.feed_max_power_w < float("inf") and 0 <= self.reserve_soc <= 1):
            raise ValueError("power fed back is finite and not negative, a reserve a share from 0 to 1")
        shares = (*self.ac_taper.points, *self.dc_curve.points, *self.power_factor.points)
        if not all(0 <= share <= 1 for _, share in shares):
            raise ValueError("the curves of a car give shares from 0 to 1")


class EV:
    """One car: a model, a battery with its SoC, and the SoC at which its driver told it to stop."""

    __slots__ = ("battery", "charge_limit_soc", "model")

    def __init__(self, model: EVModel, soc: float, charge_limit_soc: float = 1.0) -> None:
        """Raises ValueError when `soc` or `charge_limit_soc` is outside 0 to 1."""
        if not 0 <= charge_limit_soc <= 1:
            raise ValueError(f"the charge limit is a share from 0 to 1, not {charge_limit_soc}")
        self.model = model
        self.battery = Battery(model.battery_wh, model.pack_voltage_v, soc)
        self.charge_limit_soc = charge_limit_soc

    @property
    def soc(self) -> float:
        """The state of charge, 0 to 1."""
        return self.battery.soc

    @property
    def room_wh(self) -> float:
        """Energy still wanted until the charge limit; 0 when within rounding of it or beyond."""
        room = self.battery.capacity_wh * self.charge_limit_soc - self.battery.energy_wh
        return room if room > FULL_WITHIN_WH else 0.0

    @property
    def spare_wh(self) -> float:
        """Energy that may be given back; 0 when within rounding of the reserve or below it."""
        spare = self.battery.energy_wh - self.battery.capacity_wh * self.model.reserve_soc
        return spare if spare > FULL_WITHIN_WH else 0.0

    @property
    def most_fed_w(self) -> float:
        """The power in W that it can give now, at its inlet."""
        return self.model.feed_max_power_w if self.spare_wh > 0 else 0.0

    @property
    def wants_energy(self) -> bool:
        """Whether the car would draw anything if enough were offered."""
        return self.room_wh > 0

    def draw_ac(self, offered_current_a: float, station_phases: int) -> PhaseCurrents:
        """The current the car takes of an offer per phase; nothing when it is full or offered too little.

        Near full the car itself may go below its least current: that bound is on the offer, not on the draw.
        """
        if offered_current_a < self.model.min_current_a or not self.wants_energy:
            return NO_CURRENT
        accepted_a = self.model.ac_max_current_a * self.model.ac_taper.at(self.soc)
        phases = min(self.model.ac_phases, station_phases)
        return PhaseCurrents.on(phases, min(offered_current_a, accepted_a))

    def power_factor_at(self, current_a: float) -> float:
        """The power factor of the on-board charger at this current per phase."""
        return self.model.power_factor.at(current_a / self.model.ac_max_current_a)

    def draw_dc(self, offered_power_w: float) -> float:
        """The power in W taken of an offer at the DC inlet; nothing when the car is full or has no inlet."""
        if offered_power_w <= 0 or not self.wants_energy:
            return 0.0
        return min(offered_power_w, self.model.dc_max_power_w * self.model.dc_curve.at(self.soc))

    def advance(self, dt_s: float, power_into_battery_w: float) -> float:
        """Charge the battery with constant power for `dt_s`, or discharge it with negative power; returns the Wh stored
        (see `Battery.advance`)."""
        return self.battery.advance(dt_s, power_into_battery_w)
