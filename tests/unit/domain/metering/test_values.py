"""Reading numbers out of what stations send."""

from decimal import Decimal

import pytest

from stationmaster.domain.metering.values import Sample, power_w, register_wh, soc_percent


@pytest.mark.parametrize(
    ("sample", "wh"),
    [
        (Sample("1500"), 1500),
        (Sample("1.5", unit="kWh"), 1500),
        (Sample("15", multiplier=2), 1500),
        (Sample("1.5", unit="kWh", location="Inlet"), None),
        (Sample("1500", unit="varh"), None),
        (Sample("1500", measurand="Power.Active.Import"), None),
        (Sample("fifteen"), None),
        (Sample("OCMF|...", format="SignedData"), None),
        (Sample("NaN"), None),
        (Sample("Infinity"), None),
        (Sample("9e999999", unit="kWh"), None),
        (Sample("1e-999999", unit="kWh"), None),
        (Sample("1" * 5000), None),
        (Sample("1", multiplier=999), None),
    ],
)
def test_the_register_is_read_in_wh_or_not_at_all(sample: Sample, wh: int | None) -> None:
    assert register_wh([sample]) == (None if wh is None else Decimal(wh))


def test_a_total_wins_over_its_phases() -> None:
    phases = [Sample("100", phase=f"L{n}") for n in (1, 2, 3)]
    assert register_wh([*phases, Sample("301")]) == Decimal(301)
    assert register_wh(phases) == Decimal(300)


def test_two_phases_of_three_are_no_total() -> None:
    assert power_w([Sample("100", "Power.Active.Import", phase=f"L{n}") for n in (1, 2)]) is None


def test_power_and_state_of_charge_are_read() -> None:
    samples = [Sample("7.4", "Power.Active.Import", unit="kW"), Sample("55", "SoC", unit="Percent", location="EV")]
    assert power_w(samples) == Decimal(7400)
    assert soc_percent(samples) == Decimal(55)
