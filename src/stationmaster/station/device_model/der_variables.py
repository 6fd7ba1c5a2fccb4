"""The variables of DCDERCtrlr and ACDERCtrlr (2.1 part 2, Referenced Components and Variables 2.19; R01.FR.01, .02).

They are nameplates: all of them are read-only and never change. They stand at each EVSE that has to do with DER
control: on DC for its own inverter, on AC for what the station can have cars do (R03.FR.03).
"""

from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec

from stationmaster.domain.der.controls import SETTING_OF
from stationmaster.domain.der.nameplate import Nameplate
from stationmaster.domain.device_model.addresses import Characteristics, Component, Variable
from stationmaster.domain.identity import Evse
from stationmaster.station.device_model.variables import Entry
from stationmaster.station.ports import HardwareDescription


class Rating(msgspec.Struct, frozen=True):
    """A variable of DCDERCtrlr: where it stands on the nameplate. Numbers are rounded to thousandths."""

    of: Callable[[Nameplate], float | str | None]
    unit: str | None = None
    data_type: str = "decimal"


RATINGS: Mapping[str, Rating] = {
    "MaxW": Rating(lambda plate: plate.max_w, "W"),
    "OverExcitedW": Rating(lambda plate: plate.over_excited_w, "W"),
    "OverExcitedPF": Rating(lambda plate: plate.over_excited_pf),
    "UnderExcitedW": Rating(lambda plate: plate.under_excited_w, "W"),
    "UnderExcitedPF": Rating(lambda plate: plate.under_excited_pf),
    "MaxVA": Rating(lambda plate: plate.max_va, "VA"),
    "MaxVar": Rating(lambda plate: plate.max_var, "Var"),
    "MaxVarNeg": Rating(lambda plate: plate.max_var_neg, "Var"),
    "MaxChargeRateW": Rating(lambda plate: plate.max_charge_w, "W"),
    "MaxChargeRateVA": Rating(lambda plate: plate.max_charge_va, "VA"),
    "VNom": Rating(lambda plate: plate.nominal_v, "V"),
    "MaxV": Rating(lambda plate: plate.max_v, "V"),
    "MinV": Rating(lambda plate: plate.min_v, "V"),
    "InverterManufacturer": Rating(lambda plate: plate.manufacturer, data_type="string"),
    "InverterModel": Rating(lambda plate: plate.model, data_type="string"),
    "InverterSerialNumber": Rating(lambda plate: plate.serial_number, data_type="string"),
    "InverterSwVersion": Rating(lambda plate: plate.software, data_type="string"),
    "InverterHwVersion": Rating(lambda plate: plate.hardware, data_type="string"),
    "ReactiveSusceptance": Rating(lambda plate: plate.susceptance_s, "s"),
}
"""What an inverter does not tell (None) is no variable of the station."""


def der_entries(description: HardwareDescription) -> Iterator[Entry]:
    """All of a station, EVSE by EVSE."""
    for evse in description.evses:
        if evse.inverter is not None:
            yield from _nameplate(Component(name="DCDERCtrlr", evse=Evse(evse.id)), evse.inverter)
            yield _modes(Component(name="DCDERCtrlr", evse=Evse(evse.id)), description.der_modes)
        elif evse.emulates is not None:
            yield _modes(Component(name="ACDERCtrlr", evse=Evse(evse.id)), evse.emulates)


def _nameplate(component: Component, plate: Nameplate) -> Iterator[Entry]:
    for name, rating in RATINGS.items():
        value = rating.of(plate)
        if value is not None:
            text = value if isinstance(value, str) else f"{value:.3f}".rstrip("0").rstrip(".")
            yield _entry(component, name, text, Characteristics(data_type=rating.data_type, unit=rating.unit))


def _modes(component: Component, modes: Collection[str]) -> Entry:
    known = tuple(SETTING_OF)
    return _entry(
        component, "ModesSupported", ",".join(modes), Characteristics(data_type="MemberList", values_list=known)
    )


def _entry(component: Component, name: str, value: str, characteristics: Characteristics) -> Entry:
    return Entry(
        component=component,
        variable=Variable(name=name),
        characteristics=characteristics,
        mutability="ReadOnly",
        read=lambda: value,
        constant=True,
    )
