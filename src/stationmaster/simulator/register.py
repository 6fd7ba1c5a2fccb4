"""An energy register that adds up exactly and never runs backwards."""

from decimal import Decimal
from math import isfinite

MICRO = 1_000_000
PICOJOULES_PER_MILLIWATT_HOUR = 3_600_000_000_000


def microseconds(dt_s: float) -> int:
    """A duration in whole microseconds, the resolution of the simulation.

    Raises ValueError if negative or not finite.
    """
    if not 0 <= dt_s < float("inf"):
        raise ValueError(f"time advances by finite, non-negative seconds, not {dt_s}")
    return round(dt_s * MICRO)


class EnergyRegister:
    """Counts energy in whole picojoules (microwatts times microseconds).

    Integer sums have no rounding, so an hour at constant power counts the same in one step or in a million.
    """

    __slots__ = ("_picojoules",)

    def __init__(self, energy_wh: Decimal = Decimal(0)) -> None:
        """Starts at this reading, cut to thousandths. Raises ValueError when it is negative or not finite."""
        if not (energy_wh.is_finite() and energy_wh >= 0):
            raise ValueError("a register starts at a finite reading that is not negative")
        self._picojoules = int(energy_wh * 1000) * PICOJOULES_PER_MILLIWATT_HOUR

    def add(self, power_w: float, dt_us: int) -> None:
        """Count constant power over whole microseconds.

        Raises ValueError for a negative or non-finite amount.
        """
        if not (isfinite(power_w) and power_w >= 0 and dt_us >= 0):
            raise ValueError("a register counts forwards only")
        self._picojoules += round(power_w * MICRO) * dt_us

    @property
    def energy_wh(self) -> Decimal:
        """The reading in Wh, rounded down to thousandths as a display would."""
        return Decimal(self._picojoules // PICOJOULES_PER_MILLIWATT_HOUR).scaleb(-3)
