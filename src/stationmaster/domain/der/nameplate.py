"""What an inverter can do: its nameplate, as DCDERCtrlr and ``derChargingParameters`` tell it (2.1 part 2, R01-R03)."""

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite, sqrt
from typing import Any

import msgspec

LEAST_PF = 0.9
"""The power factor that inverters are rated at here, over-excited and under-excited."""


class Nameplate(msgspec.Struct, frozen=True, kw_only=True):
    """Ratings in W, VA, var and V; *feeding* is into the grid. ``max_var`` is injected, ``max_var_neg`` absorbed.
    ``susceptance_s``: what stays connected, in siemens, once it has ceased to energize."""

    max_w: float
    max_charge_w: float
    max_va: float
    max_charge_va: float
    max_var: float
    max_var_neg: float
    over_excited_pf: float = LEAST_PF
    under_excited_pf: float = LEAST_PF
    nominal_v: float = 230.0
    max_v: float = 276.0
    min_v: float = 161.0
    susceptance_s: float = 0.0
    manufacturer: str = ""
    model: str = ""
    serial_number: str | None = None
    software: str = ""
    hardware: str = ""

    @property
    def over_excited_w(self) -> float:
        return self.max_va * self.over_excited_pf

    @property
    def under_excited_w(self) -> float:
        return self.max_va * self.under_excited_pf

    @property
    def rated_w(self) -> float:
        """What a droop's per unit are of: the power it feeds with, or draws with where it only charges."""
        return self.max_w or self.max_charge_w


def rated(feed_w: float, charge_w: float, **more: Any) -> Nameplate:
    """An inverter whose current allows for LEAST_PF at either active power."""
    most_va, most_charge_va = feed_w / LEAST_PF, charge_w / LEAST_PF
    return Nameplate(
        max_w=feed_w,
        max_charge_w=charge_w,
        max_va=most_va,
        max_charge_va=most_charge_va,
        max_var=_beside(most_va, feed_w),
        max_var_neg=_beside(max(most_va, most_charge_va), max(feed_w, charge_w)),
        **more,
    )


class EVInverter(msgspec.Struct, frozen=True, kw_only=True):
    """The inverter in a car, as ISO 15118-20 told it: what it can do, and which DER controls it executes itself."""

    nameplate: Nameplate
    modes: frozenset[str] = frozenset()


def ev_inverter(needs: Mapping[str, Any], most_w: float) -> EVInverter:
    """Of ChargingNeedsType in its own shape (2.1). What a car does not tell is ``most_w``, the EVSE's own rating; one
    that tells nothing of discharging feeds nothing."""
    v2x, der = _part(needs, "v2xChargingParameters"), _part(needs, "derChargingParameters")
    feed_w = min(most_w, _number(v2x, "maxDischargePower", _number(der, "maxDischargeApparentPower", 0.0)))
    charge_w = min(most_w, _number(v2x, "maxChargePower", _number(der, "maxChargeApparentPower", most_w)))
    usual = rated(feed_w, charge_w)
    told = msgspec.structs.replace(
        usual,
        max_var=_number(der, "maxDischargeReactivePower", usual.max_var),
        max_var_neg=_number(der, "maxChargeReactivePower", usual.max_var_neg),
    )
    return EVInverter(nameplate=told, modes=frozenset(supported_modes(needs)))


def supported_modes(needs: Mapping[str, Any]) -> tuple[str, ...]:
    """The DER controls that a car's own inverter executes (R02.FR.01)."""
    modes = _part(needs, "derChargingParameters").get("evSupportedDERControl", ())
    return tuple(map(str, modes)) if isinstance(modes, list | tuple) else ()


def _beside(apparent_va: float, active_w: float) -> float:
    return sqrt(max(0.0, apparent_va * apparent_va - active_w * active_w))


def _part(needs: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = needs.get(name)
    return part if isinstance(part, Mapping) else {}


def _number(part: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = part.get(name)
    if not isinstance(value, int | float | Decimal) or not isfinite(value):
        return otherwise
    return max(0.0, float(value))
