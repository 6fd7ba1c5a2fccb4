"""Meter values: what a station measured, kept as it was sent, and what can be read from it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

ENERGY_REGISTER = "Energy.Active.Import.Register"
POWER_IMPORT = "Power.Active.Import"
SOC = "SoC"
DEFAULT_CONTEXT = "Sample.Periodic"
DEFAULT_LOCATION = "Outlet"

_MAX_DIGITS = 64
_MAX_EXPONENT = 30
"""No meter counts that far; beyond it arithmetic itself may fail."""

_SCALE = {
    "Wh": ("Wh", Decimal(1)),
    "kWh": ("Wh", Decimal(1000)),
    "W": ("W", Decimal(1)),
    "kW": ("W", Decimal(1000)),
}


class Sample(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One measured value as it was sent.

    ``value`` is the text of the number (or of the signed data, 1.6 ``format: SignedData``), unscaled;
    ``multiplier`` is the power of ten of 2.x. ``signed`` keeps a 2.x SignedMeterValue whole.
    """

    value: str
    measurand: str = ENERGY_REGISTER
    context: str = DEFAULT_CONTEXT
    phase: str | None = None
    location: str = DEFAULT_LOCATION
    unit: str | None = None
    multiplier: int = 0
    format: str | None = None
    signed: dict[str, Any] | None = None

    @property
    def number(self) -> Decimal | None:
        """The value as a number in its own unit, multiplier applied; None where it is not one."""
        if self.format == "SignedData" or len(self.value) > _MAX_DIGITS or abs(self.multiplier) > _MAX_EXPONENT:
            return None
        try:
            number = Decimal(self.value)
        except InvalidOperation:
            return None
        if not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
            return None
        return number.scaleb(self.multiplier) if self.multiplier else number


class MeterValue(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Samples taken at one moment (station's time)."""

    timestamp: datetime
    samples: tuple[Sample, ...] = ()


def base_value(sample: Sample, default_unit: str) -> Decimal | None:
    """The sample in W or Wh, or None where its unit is neither (or no number stands in it)."""
    number = sample.number
    scale = _SCALE.get(sample.unit or default_unit)
    if number is None or scale is None or scale[0] != default_unit:
        return None
    return number * scale[1]


def register_wh(samples: Iterable[Sample]) -> Decimal | None:
    """The total import register in Wh, or None. A total without a phase wins over a sum of all phases."""
    phases: dict[str, Decimal] = {}
    for sample in samples:
        if sample.measurand != ENERGY_REGISTER or sample.location not in _AT_THE_METER:
            continue
        value = base_value(sample, "Wh")
        if value is None:
            continue
        if sample.phase is None:
            return value
        phases[sample.phase] = value
    return _sum_of_phases(phases)


def power_w(samples: Iterable[Sample]) -> Decimal | None:
    """The active power drawn in W, or None. As :func:`register_wh`."""
    phases: dict[str, Decimal] = {}
    for sample in samples:
        if sample.measurand != POWER_IMPORT or sample.location not in _AT_THE_METER:
            continue
        value = base_value(sample, "W")
        if value is None:
            continue
        if sample.phase is None:
            return value
        phases[sample.phase] = value
    return _sum_of_phases(phases)


def soc_percent(samples: Iterable[Sample]) -> Decimal | None:
    """The state of charge in percent, or None."""
    for sample in samples:
        if sample.measurand == SOC:
            return sample.number
    return None


_AT_THE_METER = frozenset({"Outlet", "Body", "Cable"})
_THREE = (("L1", "L2", "L3"), ("L1-N", "L2-N", "L3-N"))


def _sum_of_phases(values: dict[str, Decimal]) -> Decimal | None:
    for names in _THREE:
        if all(name in values for name in names):
            return sum((values[name] for name in names), Decimal(0))
    if len(values) == 1:  # a single-phase station that names its phase
        return next(iter(values.values()))
    return None
