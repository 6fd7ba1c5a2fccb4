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
        text, multiplier = self.value, self.multiplier
        if len(text) > _MAX_DIGITS or self.format == "SignedData":
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            return None
        if not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
            return None
        if not multiplier:
            return number
        return number.scaleb(multiplier) if abs(multiplier) <= _MAX_EXPONENT else None


class MeterValue(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Samples taken at one moment (station's time)."""

    timestamp: datetime
    samples: tuple[Sample, ...] = ()


def base_value(sample: Sample, default_unit: str) -> Decimal | None:
    """The sample in W or Wh, or None where its unit is neither (or no number stands in it)."""
    number, unit = sample.number, sample.unit
    if number is None or unit is None or unit == default_unit:
        return number
    scale = _SCALE.get(unit)
    if scale is None or scale[0] != default_unit:
        return None
    return number * scale[1]


class Measured(msgspec.Struct, frozen=True, gc=False):
    """What everybody wants to know of some samples: the total import register, and the active power drawn."""

    register_wh: Decimal | None
    power_w: Decimal | None


def measured(samples: Iterable[Sample]) -> Measured:
    """The register in Wh and the power in W, in one pass. A total without a phase wins over a sum of all phases."""
    totals: dict[str, Decimal] = {}
    phases: dict[str, dict[str, Decimal]] = {}
    for sample in samples:
        measurand = sample.measurand
        unit = _TELLING.get(measurand)
        if unit is None or sample.location not in _AT_THE_METER or measurand in totals:
            continue
        value = base_value(sample, unit)
        if value is None:
            continue
        if sample.phase is None:
            totals[measurand] = value
        else:
            phases.setdefault(measurand, {})[sample.phase] = value
    for measurand, values in phases.items():
        total = _sum_of_phases(values)
        if total is not None:
            totals.setdefault(measurand, total)
    return Measured(totals.get(ENERGY_REGISTER), totals.get(POWER_IMPORT))


def register_wh(samples: Iterable[Sample]) -> Decimal | None:
    """The total import register in Wh, or None."""
    return measured(samples).register_wh


def power_w(samples: Iterable[Sample]) -> Decimal | None:
    """The active power drawn in W, or None."""
    return measured(samples).power_w


def soc_percent(samples: Iterable[Sample]) -> Decimal | None:
    """The state of charge in percent, or None."""
    for sample in samples:
        if sample.measurand == SOC:
            return sample.number
    return None


_TELLING = {ENERGY_REGISTER: "Wh", POWER_IMPORT: "W"}
_AT_THE_METER = frozenset({"Outlet", "Body", "Cable"})
_THREE = (("L1", "L2", "L3"), ("L1-N", "L2-N", "L3-N"))


def _sum_of_phases(values: dict[str, Decimal]) -> Decimal | None:
    for names in _THREE:
        if all(name in values for name in names):
            return sum((values[name] for name in names), Decimal(0))
    if len(values) == 1:  # a single-phase station that names its phase
        return next(iter(values.values()))
    return None
