"""When a DER control makes an inverter deviate, for what the grid is at a moment (2.1 part 2, R05).

Trip and momentary cessation curves name thresholds (y, in Hz or percent of the nominal voltage) and how long they
may be crossed (x, in seconds). Droop, watt and var curves act at once wherever they ask for something else than at
nominal. May-trip curves say how long an inverter must ride through an excursion: one that does never deviates.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from stationmaster.domain.der.controls import DERControl


class GridSample(msgspec.Struct, frozen=True, kw_only=True):
    """The grid at the inverter's terminals; the voltage in percent of nominal."""

    voltage_pct: float = 100.0
    frequency_hz: float = 50.0
    nominal_hz: float = 50.0


class Acting(msgspec.Struct, frozen=True):
    """A control acts once its cause, a gridEventFault, has lasted for ``after_s``."""

    fault: str
    after_s: float


def acting(control: DERControl, sample: GridSample) -> Acting | None:
    """Whether the control asks for something else than it would on a quiet grid."""
    rule = _RULES.get(control.type)
    return None if rule is None else rule(control.setting, sample)


def curve_at(setting: Mapping[str, Any], x: float) -> float | None:
    """The y of a setting's curve at x, flat beyond its ends; None where it has no points."""
    points = sorted(_points(setting))
    return _between(points, x) if points else None


def rank(kind: str) -> int:
    """Of several that act, the one with the lowest rank rules: what trips, before what ceases, before what bends."""
    return next((place for place, ending in enumerate(_ENDINGS) if kind.endswith(ending)), len(_ENDINGS))


_ENDINGS = ("MustTrip", "MomCess")
Rule = Callable[[dict[str, Any], GridSample], Acting | None]


def _voltage(sample: GridSample) -> float:
    return sample.voltage_pct


def _frequency(sample: GridSample) -> float:
    return sample.frequency_hz


def _beyond(fault: str, value_of: Callable[[GridSample], float], sign: int) -> Rule:
    def rule(setting: dict[str, Any], sample: GridSample) -> Acting | None:
        crossed = [x for x, y in _points(setting) if sign * (value_of(sample) - y) > 0]
        return Acting(fault, max(0.0, min(crossed))) if crossed else None

    return rule


def _bends(
    over: str, under: str, value_of: Callable[[GridSample], float], nominal_of: Callable[[GridSample], float]
) -> Rule:
    def rule(setting: dict[str, Any], sample: GridSample) -> Acting | None:
        value, nominal = value_of(sample), nominal_of(sample)
        if curve_at(setting, value) == curve_at(setting, nominal):
            return None
        return Acting(over if value > nominal else under, 0.0)

    return rule


def _droops(setting: dict[str, Any], sample: GridSample) -> Acting | None:
    if sample.frequency_hz > float(setting["overFreq"]):
        return Acting("OverFrequency", 0.0)
    return Acting("UnderFrequency", 0.0) if sample.frequency_hz < float(setting["underFreq"]) else None


def _points(setting: Mapping[str, Any]) -> list[tuple[float, float]]:
    return [(float(point["x"]), float(point["y"])) for point in setting.get("curveData", ())]


def _between(points: Sequence[tuple[float, float]], x: float) -> float:
    """The curve's y, flat beyond its ends."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


_OVER_VOLTAGE = _beyond("OverVoltage", _voltage, 1)
_UNDER_VOLTAGE = _beyond("UnderVoltage", _voltage, -1)
_OVER_FREQUENCY = _beyond("OverFrequency", _frequency, 1)
_UNDER_FREQUENCY = _beyond("UnderFrequency", _frequency, -1)
_BY_VOLTAGE = _bends("OverVoltage", "UnderVoltage", _voltage, lambda _: 100.0)
_BY_FREQUENCY = _bends("OverFrequency", "UnderFrequency", _frequency, lambda sample: sample.nominal_hz)
_RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("HVMustTrip", "HVMomCess"), _OVER_VOLTAGE),
    **dict.fromkeys(("LVMustTrip", "LVMomCess"), _UNDER_VOLTAGE),
    "HFMustTrip": _OVER_FREQUENCY,
    "LFMustTrip": _UNDER_FREQUENCY,
    "VoltVar": _BY_VOLTAGE,
    "VoltWatt": _BY_VOLTAGE,
    "FreqWatt": _BY_FREQUENCY,
    "FreqDroop": _droops,
}
JUDGED = frozenset(_RULES)
"""The types that act by themselves when the grid is not quiet."""
