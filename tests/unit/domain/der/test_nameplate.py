from decimal import Decimal
from typing import Any

import pytest

from stationmaster.domain.charging_needs import KnownNeeds
from stationmaster.domain.der.nameplate import ev_inverter, rated


def test_ratings_hold_at_the_power_factor_they_are_told_at() -> None:
    plate = rated(10_000, 12_000)
    assert plate.over_excited_w == pytest.approx(10_000) == plate.under_excited_w
    assert plate.max_w**2 + plate.max_var**2 == pytest.approx(plate.max_va**2)
    assert plate.max_charge_w**2 + plate.max_var_neg**2 == pytest.approx(plate.max_charge_va**2)


def test_a_car_is_rated_by_what_it_told_but_not_beyond_the_evse() -> None:
    needs = {
        "v2xChargingParameters": {"maxChargePower": Decimal(22_000), "maxDischargePower": 30_000},
        "derChargingParameters": {"evSupportedDERControl": ["FreqDroop"], "maxDischargeReactivePower": 3_000},
    }
    inverter = ev_inverter(needs, 20_000)
    assert (inverter.nameplate.max_w, inverter.nameplate.max_charge_w) == (20_000, 20_000)
    assert (inverter.nameplate.max_var, inverter.modes) == (3_000, {"FreqDroop"})


@pytest.mark.parametrize(
    "needs",
    [
        {},
        {"v2xChargingParameters": 5, "derChargingParameters": []},
        {"v2xChargingParameters": {"maxChargePower": "much", "maxDischargePower": Decimal("NaN")}},
        {"derChargingParameters": {"evSupportedDERControl": "all"}},
    ],
)
def test_a_car_that_tells_nothing_of_use_only_charges(needs: dict[str, Any]) -> None:
    inverter = ev_inverter(needs, 11_000)
    assert (inverter.nameplate.max_w, inverter.nameplate.max_charge_w, inverter.modes) == (0, 11_000, frozenset())


def test_what_is_known_of_needs_is_read_from_their_own_shape() -> None:
    needs: dict[str, Any] = {"requestedEnergyTransfer": "AC_BPT_DER"}
    needs["derChargingParameters"] = {"evSupportedDERControl": ["VoltVar", "FreqDroop"]}
    from_wire = KnownNeeds(station_key=1, evse_id=2, needs=needs, received_at=None)  # type: ignore[arg-type]
    assert (from_wire.energy_transfer, from_wire.der_modes) == ("AC_BPT_DER", ("VoltVar", "FreqDroop"))
