"""A traction battery: stored energy, its share of the capacity, and the voltage that follows from it.

Units: energy in Wh, power in W (positive flows into the cells), time in seconds, SoC as a share (0 to 1).
Figures are typical of lithium-ion packs in general: cells rest near 0.9 of their nominal voltage when
empty and near 1.1 when full, with a long flat middle.
"""

from bisect import bisect_right
from itertools import pairwise
from math import isfinite

import msgspec

SECONDS_PER_HOUR = 3600


class Curve(msgspec.Struct, frozen=True):
    """A piecewise linear function, constant beyond its first and last point.

    `points` are (x, y) pairs with strictly rising x. Raises ValueError for no points, disorder or
    non-finite numbers.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not self.points or not all(isfinite(number) for point in self.points for number in point):
            raise ValueError("a curve needs at least one point, all of them finite")
        if any(left[0] >= right[0] for left, right in pairwise(self.points)):
            raise ValueError("the points of a curve must have strictly rising x")

    def at(self, x: float) -> float:
        """The value at `x`, interpolated between the two neighbouring points."""
        after = bisect_right(self.points, x, key=lambda point: point[0])
        if after == 0:
            return self.points[0][1]
        if after == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[after - 1], self.points[after]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


REST_VOLTAGE = Curve(((0.0, 0.88), (0.1, 0.94), (0.5, 1.0), (0.9, 1.06), (1.0, 1.11)))
"""SoC to terminal voltage, as a share of the nominal voltage."""


class Battery:
    """Stored energy that can neither exceed the capacity nor fall below nothing."""

    __slots__ = ("_energy_wh", "capacity_wh", "nominal_voltage_v")

    def __init__(self, capacity_wh: float, nominal_voltage_v: float, soc: float) -> None:
        """Raises ValueError for a capacity or voltage that is not positive, or a SoC outside 0 to 1."""
        if not (0 < capacity_wh < float("inf") and 0 < nominal_voltage_v < float("inf")):
            raise ValueError("capacity and nominal voltage must be positive and finite")
        if not 0 <= soc <= 1:
            raise ValueError(f"SoC is a share from 0 to 1, not {soc}")
        self.capacity_wh = capacity_wh
        self.nominal_voltage_v = nominal_voltage_v
        self._energy_wh = capacity_wh * soc

    @property
    def energy_wh(self) -> float:
        """The energy stored now."""
        return self._energy_wh

    @property
    def soc(self) -> float:
        """The state of charge, 0 to 1."""
        return self._energy_wh / self.capacity_wh

    @property
    def voltage_v(self) -> float:
        """The terminal voltage at the present SoC."""
        return self.nominal_voltage_v * REST_VOLTAGE.at(self.soc)

    def advance(self, dt_s: float, power_w: float) -> float:
        """Store (or with negative power, give) constant power for `dt_s`; returns the Wh stored in truth.

        The result is smaller than power times time only where the battery came to its end.
        Raises ValueError for negative or non-finite time and for non-finite power.
        """
        if not (0 <= dt_s < float("inf") and isfinite(power_w)):
            raise ValueError("a battery advances by finite power over finite, non-negative time")
        before = self._energy_wh
        wanted = before + power_w * dt_s / SECONDS_PER_HOUR
        self._energy_wh = min(max(wanted, 0.0), self.capacity_wh)
        return self._energy_wh - before
