import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.simulator.register import EnergyRegister, microseconds


@given(st.floats(0, 400_000), st.lists(st.integers(0, 10**9), max_size=20))
def test_many_steps_at_constant_power_count_exactly_as_one(power_w, steps_us):
    stepped, whole = EnergyRegister(), EnergyRegister()
    for step_us in steps_us:
        stepped.add(power_w, step_us)
    whole.add(power_w, sum(steps_us))
    assert stepped.energy_wh == whole.energy_wh


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10**9)), max_size=20))
def test_a_register_never_runs_backwards(steps):
    register = EnergyRegister(Decimal("12.345"))
    readings = [register.energy_wh]
    for power_w, step_us in steps:
        register.add(power_w, step_us)
        readings.append(register.energy_wh)
    assert readings == sorted(readings)


def test_an_hour_at_one_kilowatt_is_a_kilowatt_hour_on_top_of_the_first_reading():
    register = EnergyRegister(Decimal("0.5"))
    register.add(1000, microseconds(3600))
    assert register.energy_wh == Decimal("1000.500")


@pytest.mark.parametrize(("power_w", "dt_us"), [(-1, 1), (1, -1), (math.nan, 1), (math.inf, 1)])
def test_a_register_refuses_to_count_backwards(power_w, dt_us):
    with pytest.raises(ValueError):
        EnergyRegister().add(power_w, dt_us)


@pytest.mark.parametrize("reading", ["-1", "NaN", "Infinity"])
def test_a_register_refuses_an_impossible_first_reading(reading):
    with pytest.raises(ValueError):
        EnergyRegister(Decimal(reading))


@pytest.mark.parametrize("dt_s", [-1, math.nan, math.inf])
def test_time_is_finite_and_never_negative(dt_s):
    with pytest.raises(ValueError):
        microseconds(dt_s)
