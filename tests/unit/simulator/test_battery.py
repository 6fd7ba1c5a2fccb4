import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.simulator.battery import Battery, Curve

SHARES = st.floats(0, 1)


def test_a_curve_interpolates_between_points_and_is_constant_beyond_them():
    curve = Curve(((0.2, 1.0), (0.6, 0.5)))
    assert [curve.at(x) for x in (0.0, 0.2, 0.4, 0.6, 1.0)] == pytest.approx([1.0, 1.0, 0.75, 0.5, 0.5])


@pytest.mark.parametrize("points", [(), ((0.5, 1.0), (0.5, 0.9)), ((1.0, 1.0), (0.0, 1.0)), ((math.nan, 1.0),)])
def test_a_curve_of_disorderly_points_is_refused(points):
    with pytest.raises(ValueError):
        Curve(points)


@pytest.mark.parametrize(
    ("capacity_wh", "voltage_v", "soc"), [(0, 400, 0.5), (math.inf, 400, 0.5), (50_000, -1, 0.5), (50_000, 400, 1.1)]
)
def test_an_impossible_battery_is_refused(capacity_wh, voltage_v, soc):
    with pytest.raises(ValueError):
        Battery(capacity_wh, voltage_v, soc)


@pytest.mark.parametrize(("dt_s", "power_w"), [(-1, 0), (math.nan, 0), (math.inf, 0), (1, math.nan), (1, math.inf)])
def test_time_and_power_must_be_finite_and_time_cannot_run_backwards(dt_s, power_w):
    with pytest.raises(ValueError):
        Battery(50_000, 400, 0.5).advance(dt_s, power_w)


def test_an_hour_at_one_kilowatt_stores_a_kilowatt_hour():
    battery = Battery(50_000, 400, 0.5)
    assert battery.advance(3600, 1000) == pytest.approx(1000)
    assert battery.soc == pytest.approx(0.52)


@given(SHARES, st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e6, 1e6)), max_size=20))
def test_soc_stays_within_0_and_1_and_what_is_returned_is_what_was_stored(soc, steps):
    battery = Battery(60_000, 400, soc)
    first_wh = battery.energy_wh
    stored_wh = sum(battery.advance(dt_s, power_w) for dt_s, power_w in steps)
    assert 0 <= battery.soc <= 1
    assert battery.energy_wh - first_wh == pytest.approx(stored_wh, abs=1e-6)


@given(SHARES, SHARES)
def test_voltage_rises_with_soc(one, other):
    low, high = sorted((one, other))
    assert Battery(60_000, 400, low).voltage_v <= Battery(60_000, 400, high).voltage_v
