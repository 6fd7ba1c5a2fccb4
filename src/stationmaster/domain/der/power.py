"""What DER controls make of an inverter's power (2.1 part 2, R01 and chapter 2.7).

Powers are in W at the grid's side, positive where energy is fed into the grid; settings in percent are of the ratings.

| type | effect on active power |
|---|---|
| LimitMaxDischarge | feeds at most pctMaxDischargePower of MaxW |
| VoltWatt, FreqWatt | feed at most the curve's y; below 0 it draws at least that much of its charge rating |
| FreqDroop | feeds more below underFreq and less above overFreq: rated power over droop times the nominal frequency |
| \\*MustTrip | no power until it may enter service again |
| \\*MomCess | no power while the cause holds |
| EnterService, Gradients | when and how fast it comes back after a trip |

Of reactive power, see `der_reactive`. Without effect here: \\*MayTrip (this inverter always rides through),
PowerMonitoringMustTrip, WattPF, WattVar; and of the others responseTime, hysteresis, voltageParams and
Gradients.gradient, as a simulated inverter follows at once.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample, curve_at
from stationmaster.domain.der.nameplate import Nameplate
from stationmaster.domain.der.reactive import NO_REACTIVE, Reactive, reactive

INFINITY = float("inf")


class PowerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What an inverter is held to; ``floor_w`` <= ``ceiling_w``. ``shift_w`` is fed beyond what it would feed."""

    floor_w: float = -INFINITY
    ceiling_w: float = INFINITY
    shift_w: float = 0.0
    reactive: Reactive = NO_REACTIVE

    def feed_w(self, usual_w: float) -> float:
        """What it is to feed, where it would feed ``usual_w`` (negative: draw)."""
        return min(max(usual_w + self.shift_w, self.floor_w), self.ceiling_w)


FREE = PowerOrder()
STOPPED = PowerOrder(floor_w=0.0, ceiling_w=0.0)


def order(
    controls: Iterable[DERControl],
    sample: GridSample,
    nameplate: Nameplate,
    *,
    ceased: bool = False,
    share: float = 1.0,
) -> PowerOrder:
    """What the controls in force make of an inverter. ``ceased``: it gives and takes nothing. ``share``: of its power,
    while it comes back into service."""
    if ceased:
        return STOPPED
    controls = tuple(controls)
    floor_w = -share * nameplate.max_charge_w
    ceilings = [_watts(found, nameplate) for found in _found(_CEILINGS, controls, sample)]
    ceiling_w = min((share * nameplate.max_w, *ceilings))
    return PowerOrder(
        floor_w=floor_w,
        ceiling_w=max(floor_w, ceiling_w),
        shift_w=sum(_found(_SHIFTS, controls, sample)) * nameplate.rated_w,
        reactive=reactive(controls, sample, nameplate),
    )


def exceeds_limit(controls: Iterable[DERControl], nameplate: Nameplate, usual_w: float) -> bool:
    """Whether LimitMaxDischarge is why an inverter feeds less than it would: a deviation that no grid event is
    behind (R05.FR.01)."""
    limits = _found({"LimitMaxDischarge": _limit}, controls, GridSample())
    return any(usual_w > _watts(limit, nameplate) + _NOTICEABLE_W for limit in limits)


_NOTICEABLE_W = 1.0
Rule = Callable[[Mapping[str, Any], GridSample], float | None]
"""A share of a rating, None: the setting asks for nothing."""


def _found(rules: Mapping[str, Rule], controls: Iterable[DERControl], sample: GridSample) -> list[float]:
    asked = [rules[control.type](control.setting, sample) for control in controls if control.type in rules]
    return [share for share in asked if share is not None]


def _watts(share: float, nameplate: Nameplate) -> float:
    return share * (nameplate.max_w if share >= 0 else nameplate.max_charge_w)


def _limit(setting: Mapping[str, Any], sample: GridSample) -> float | None:
    percent = setting.get("pctMaxDischargePower")
    return None if percent is None else max(0.0, float(percent)) / 100


def _by_voltage(setting: Mapping[str, Any], sample: GridSample) -> float | None:
    percent = curve_at(setting, sample.voltage_pct)
    return None if percent is None else percent / 100


def _by_frequency(setting: Mapping[str, Any], sample: GridSample) -> float | None:
    percent = curve_at(setting, sample.frequency_hz)
    return None if percent is None else percent / 100


def _droop(setting: Mapping[str, Any], sample: GridSample) -> float:
    """IEEE 1547-2018, 6.5.2.7: per unit of rated power, the deviation beyond the dead band over droop times nominal."""
    above_hz = sample.frequency_hz - float(setting["overFreq"])
    below_hz = float(setting["underFreq"]) - sample.frequency_hz
    if above_hz > 0:
        return -_per_unit(above_hz, float(setting["overDroop"]), sample)
    return _per_unit(below_hz, float(setting["underDroop"]), sample) if below_hz > 0 else 0.0


def _per_unit(beyond_hz: float, droop: float, sample: GridSample) -> float:
    """No droop at all is one that asks for nothing."""
    return beyond_hz / (droop * sample.nominal_hz) if droop > 0 else 0.0


_CEILINGS: Mapping[str, Rule] = {"LimitMaxDischarge": _limit, "VoltWatt": _by_voltage, "FreqWatt": _by_frequency}
_SHIFTS: Mapping[str, Rule] = {"FreqDroop": _droop}
