"""The public grid at the station's terminals: its voltage sags under load, its frequency wanders a little.

Units: V phase to neutral, A, Hz, ohms. Defaults are European low voltage; 0.05 ohm of supply cable and
transformer costs about 1.6 V at 32 A, and a healthy interconnected grid stays within some ten millihertz of
its nominal frequency.
"""

from math import sin, tau

import msgspec

from stationmaster.domain.der.grid import GridSample


class Phase(msgspec.Struct, frozen=True):
    """What one phase of the station's inlet carries; power_w = voltage_v * current_a * power_factor."""

    voltage_v: float
    current_a: float
    power_w: float
    power_factor: float


class Grid(msgspec.Struct, frozen=True):
    """A supply of nominal voltage behind a small resistance."""

    nominal_voltage_v: float = 230.0
    frequency_hz: float = 50.0
    source_resistance_ohm: float = 0.05
    voltage_pct: float = 100.0
    """What an excursion leaves of the nominal voltage."""

    def disturbed(self, sample: GridSample) -> "Grid":
        """The same supply during an excursion, or after it."""
        return msgspec.structs.replace(self, voltage_pct=sample.voltage_pct, frequency_hz=sample.frequency_hz)

    def voltage_under(self, current_a: float) -> float:
        """The phase voltage while the phase carries `current_a`: less when it draws, more when it feeds (negative)."""
        unloaded_v = self.nominal_voltage_v * self.voltage_pct / 100
        return max(0.0, unloaded_v - current_a * self.source_resistance_ohm)

    def frequency_at(self, elapsed_s: float) -> float:
        """The frequency at a time: nominal and two slow swings, the same for every run."""
        return self.frequency_hz + 0.012 * sin(tau * elapsed_s / 613) + 0.006 * sin(tau * elapsed_s / 97)

    def phase(self, current_a: float, power_factor: float) -> Phase:
        """A phase that carries a known current."""
        voltage_v = self.voltage_under(current_a)
        return Phase(voltage_v, current_a, voltage_v * current_a * power_factor, power_factor)

    def phase_of_power(self, power_w: float, power_factor: float) -> Phase:
        """A phase that delivers a known power, or takes it up (negative); none flows where there is no voltage.

        The sag is taken from the current at nominal voltage: one step of the fixed point, whose error is
        far below 0.1 V.
        """
        voltage_v = self.voltage_under(power_w / (self.nominal_voltage_v * power_factor))
        if min(voltage_v, self.voltage_under(0.0)) <= 0:
            return Phase(0.0, 0.0, 0.0, power_factor)
        return Phase(voltage_v, power_w / (voltage_v * power_factor), power_w, power_factor)
