"""The inverter in a car: what it tells over ISO 15118-20, and how it executes the DER controls it was given (R02)."""

from datetime import datetime
from typing import Any

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.nameplate import ev_inverter, rated
from stationmaster.domain.der.power import FREE, PowerOrder, order
from stationmaster.domain.der.service import Conduct, conducted, ramped
from stationmaster.simulator.ev import EV
from stationmaster.simulator.supply import AcSupply, Supply


def needs_of(ev: EV, supply: Supply) -> dict[str, Any] | None:
    """ChargingNeedsType (2.1) of a car at an outlet, None where they agree on no bidirectional service."""
    model = ev.model
    if not supply.bidirectional or model.feed_max_power_w <= 0:
        return None
    ac = isinstance(supply, AcSupply)
    service = ("AC_BPT_DER" if model.der_modes else "AC_BPT") if ac else "DC_BPT"
    draws_w, feeds_w = _drawn_w(ev, supply), min(model.feed_max_power_w, supply.full_load_w)
    needs: dict[str, Any] = {
        "requestedEnergyTransfer": service,
        "availableEnergyTransfer": [service],
        "controlMode": "DynamicControl",
        "mobilityNeedsMode": "EVCC_SECC",
        "v2xChargingParameters": {
            "minChargePower": 0,
            "maxChargePower": round(draws_w),
            "minDischargePower": 0,
            "maxDischargePower": round(feeds_w),
        },
    }
    if service == "AC_BPT_DER":
        needs["derChargingParameters"] = _der_parameters(ev, draws_w, feeds_w, supply.grid.nominal_voltage_v)
    return needs


def _drawn_w(ev: EV, supply: Supply) -> float:
    if not isinstance(supply, AcSupply):
        return min(ev.model.dc_max_power_w, supply.full_load_w)
    amps = min(ev.model.ac_max_current_a, supply.max_current_a)
    return supply.grid.nominal_voltage_v * amps * min(ev.model.ac_phases, supply.phases)


def _der_parameters(ev: EV, draws_w: float, feeds_w: float, nominal_v: float) -> dict[str, Any]:
    plate = rated(feeds_w, draws_w)
    return {
        "evSupportedDERControl": list(ev.model.der_modes),
        "evOverExcitedMaxDischargePower": round(plate.over_excited_w),
        "evOverExcitedPowerFactor": plate.over_excited_pf,
        "evUnderExcitedMaxDischargePower": round(plate.under_excited_w),
        "evUnderExcitedPowerFactor": plate.under_excited_pf,
        "maxApparentPower": round(max(plate.max_va, plate.max_charge_va)),
        "maxChargeApparentPower": round(plate.max_charge_va),
        "maxDischargeApparentPower": round(plate.max_va),
        "maxChargeReactivePower": round(plate.max_var_neg),
        "maxDischargeReactivePower": round(plate.max_var),
        "nominalVoltage": round(nominal_v),
        "evInverterManufacturer": "Stationmaster",
        "evInverterModel": ev.model.name,
        "evInverterSwVersion": "1.0.0",
        "evInverterHwVersion": "1",
        "evSessionTotalDischargeEnergyAvailable": round(ev.spare_wh),
    }


class CarInverter:
    """On AC, from one plug to the next. It executes what its model can and no more."""

    def __init__(self) -> None:
        self.controls: tuple[DERControl, ...] = ()
        """What the station sent (ISO 15118-20 ChargeParameterDiscoveryRes)."""
        self._conduct = Conduct()

    def forget(self) -> None:
        """The car is gone."""
        self.controls, self._conduct = (), Conduct()

    def order(self, ev: EV, supply: Supply, sample: GridSample, now: datetime) -> PowerOrder:
        """What it holds its power to now."""
        needs = needs_of(ev, supply)
        own = [control for control in self.controls if control.type in ev.model.der_modes]
        if needs is None or not own:
            return FREE
        self._conduct = conducted(self._conduct, own, sample, now)
        plate = ev_inverter(needs, supply.full_load_w).nameplate
        share = ramped(self._conduct, own, now)
        return order(own, sample, plate, ceased=self._conduct.ceased, share=share)
