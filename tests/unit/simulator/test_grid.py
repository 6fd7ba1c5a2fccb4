import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.simulator.grid import Grid


@given(st.floats(0, 500), st.floats(0, 500))
def test_voltage_sags_with_current(one, other):
    low, high = sorted((one, other))
    assert 0 < Grid().voltage_under(high) <= Grid().voltage_under(low) <= 230


def test_a_short_circuit_has_no_negative_voltage():
    assert Grid().voltage_under(1e6) == 0


@given(st.floats(0, 1e9))
def test_frequency_wanders_by_no_more_than_20_mHz_and_repeats(elapsed_s):
    assert Grid().frequency_at(elapsed_s) == pytest.approx(50, abs=0.020)
    assert Grid().frequency_at(elapsed_s) == Grid().frequency_at(elapsed_s)


def test_frequency_is_not_constant():
    assert Grid().frequency_at(0) != Grid().frequency_at(100)


@given(st.floats(0, 63), st.floats(0.9, 1))
def test_power_of_a_phase_is_voltage_times_current_times_power_factor(current_a, power_factor):
    phase = Grid().phase(current_a, power_factor)
    again = Grid().phase_of_power(phase.power_w, power_factor)
    assert phase.power_w == pytest.approx(phase.voltage_v * phase.current_a * phase.power_factor)
    assert again.power_w == pytest.approx(again.voltage_v * again.current_a * again.power_factor)
    assert again.voltage_v == pytest.approx(phase.voltage_v, abs=0.1)
