"""What DER controls make of an inverter's reactive power, in var, positive where it is injected (over-excited).

FixedVar goes before VoltVar, and both before FixedPFInject and FixedPFAbsorb: OCPP names no order among types.
"""

from collections.abc import Iterable, Mapping
from math import acos, tan
from typing import Any

import msgspec

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample, curve_at
from stationmaster.domain.der.nameplate import Nameplate

_LEAST_DISPLACEMENT = 0.1
"""Below it a power factor asks for more than ten times the active power, which no inverter has."""


class Reactive(msgspec.Struct, frozen=True):
    """``var`` flows whatever the active power; ``feeding`` and ``drawing`` are var for each W of it. ``most`` and
    ``least`` are what the inverter has."""

    var: float = 0.0
    feeding: float = 0.0
    drawing: float = 0.0
    least: float = 0.0
    most: float = 0.0

    def at(self, feed_w: float) -> float:
        """The reactive power beside this active power (negative: drawn)."""
        by_power = feed_w * self.feeding if feed_w > 0 else -feed_w * self.drawing
        return min(max(self.var + by_power, self.least), self.most)


NO_REACTIVE = Reactive()


def reactive(controls: Iterable[DERControl], sample: GridSample, nameplate: Nameplate) -> Reactive:
    """What the controls in force ask for."""
    settings = {control.type: control.setting for control in controls}
    least, most = -nameplate.max_var_neg, nameplate.max_var
    if "FixedVar" in settings:
        fixed = settings["FixedVar"]
        return Reactive(_var(float(fixed["setpoint"]), fixed.get("unit"), nameplate), least=least, most=most)
    if "VoltVar" in settings:
        curve = settings["VoltVar"]
        return Reactive(
            _var(curve_at(curve, sample.voltage_pct) or 0.0, curve.get("yUnit"), nameplate), least=least, most=most
        )
    return Reactive(
        feeding=_slope(settings.get("FixedPFInject")),
        drawing=_slope(settings.get("FixedPFAbsorb")),
        least=least,
        most=most,
    )


def _var(percent: float, unit: Any, nameplate: Nameplate) -> float:
    """``PctMaxW`` is of active power, everything else of the reactive power that the inverter has that way."""
    if unit == "PctMaxW":
        return percent / 100 * nameplate.rated_w
    return percent / 100 * (nameplate.max_var if percent >= 0 else nameplate.max_var_neg)


def _slope(fixed: Mapping[str, Any] | None) -> float:
    if fixed is None:
        return 0.0
    displacement = min(1.0, max(_LEAST_DISPLACEMENT, float(fixed["displacement"])))
    return tan(acos(displacement)) * (-1 if fixed.get("excitation") else 1)
