import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.simulator.battery import Curve
from stationmaster.simulator.catalogue import DC_50, EV_MODELS, ev_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.supply import AcSupply, DcSupply, Offer, Warmth

AC = AcSupply(max_current_a=32)
DC = DcSupply(max_power_w=150_000, max_current_a=400)
CARS = st.builds(EV, st.sampled_from(EV_MODELS), st.floats(0, 1))
ROUNDING = 1e-6  # W or A
LIMITS = st.none() | st.floats(0, 400_000)
OFFERS = st.builds(
    Offer, current_a=st.none() | st.floats(0, 600), power_w=LIMITS, phases=st.sampled_from([None, 1, 2, 3])
)


def test_an_ac_limit_in_W_is_shared_by_the_offered_phases():
    assert AC.grant(None, Offer(power_w=6900)).current_a == pytest.approx(10)
    assert AC.grant(None, Offer(power_w=6900, phases=1)).current_a == pytest.approx(30)


def test_the_smallest_of_the_ac_limits_holds():
    assert AC.grant(None, Offer()).current_a == 32
    assert AC.grant(None, Offer(current_a=63)).current_a == 32
    assert AC.grant(None, Offer(current_a=10, power_w=22_000)).current_a == 10


def test_an_offer_for_one_phase_makes_a_three_phase_car_load_only_L1():
    flow = AC.flow(EV(ev_model("Compact 58"), 0.3), Offer(phases=1))
    assert [phase.current_a for phase in flow.phases] == [16, 0, 0]


def test_loaded_phases_sag_and_idle_ones_do_not():
    flow = AC.flow(EV(ev_model("City car 27"), 0.3), Offer())
    assert flow.phases[0].voltage_v < flow.phases[1].voltage_v == 230


@given(CARS, OFFERS)
def test_ac_power_reaches_the_battery_less_the_loss_of_the_on_board_charger(car, offer):
    flow = AC.flow(car, offer)
    assert flow.outlet_power_w == flow.inlet_power_w == sum(phase.power_w for phase in flow.phases)
    assert flow.battery_power_w == pytest.approx(flow.outlet_power_w * car.model.ac_efficiency)


@given(CARS, OFFERS)
def test_ac_power_never_exceeds_the_offer(car, offer):
    flow, grant = AC.flow(car, offer), AC.grant(car, offer)
    assert flow.outlet_current_a <= grant.current_a <= min(32, math.inf if offer.current_a is None else offer.current_a)
    assert flow.outlet_power_w <= grant.power_w + ROUNDING
    assert offer.power_w is None or grant.power_w <= offer.power_w + ROUNDING


@given(CARS, OFFERS)
def test_dc_power_never_exceeds_curve_station_or_offer(car, offer):
    flow = DC.flow(car, offer)
    curve_w = car.model.dc_max_power_w * car.model.dc_curve.at(car.soc)
    offered_w = math.inf if offer.power_w is None else offer.power_w
    offered_a = math.inf if offer.current_a is None else offer.current_a
    assert flow.outlet_power_w <= min(curve_w, DC.max_power_w, offered_w)
    assert flow.outlet_current_a <= min(DC.max_current_a, offered_a) + ROUNDING


@given(CARS, OFFERS)
def test_dc_grid_power_is_the_output_plus_the_loss_of_the_converter(car, offer):
    flow = DC.flow(car, offer)
    share = DC.efficiency.at(flow.outlet_power_w / DC.max_power_w)
    assert flow.inlet_power_w * share == pytest.approx(flow.outlet_power_w)
    assert sum(phase.power_w for phase in flow.phases) == pytest.approx(flow.inlet_power_w)
    assert flow.battery_power_w == pytest.approx(flow.outlet_power_w * car.model.dc_efficiency)


@given(st.floats(0, 400_000))
def test_an_inlet_limit_is_used_up_but_never_exceeded(limit_w):
    outlet_w = DC.outlet_limit_w(limit_w)
    assert DC.inlet_power_w(outlet_w) <= limit_w
    assert outlet_w == DC.max_power_w or DC.inlet_power_w(outlet_w) == pytest.approx(limit_w, abs=1e-3)


def test_dc_voltage_follows_the_battery():
    model = ev_model("Compact 58")
    assert DC.flow(EV(model, 0.1), Offer()).outlet_voltage_v < DC.flow(EV(model, 0.9), Offer()).outlet_voltage_v


def test_a_battery_above_the_voltage_window_is_offered_nothing():
    low = DcSupply(max_power_w=50_000, max_current_a=125, max_voltage_v=500)
    car = EV(ev_model("Family crossover 77"), 0.3)
    assert low.grant(car, Offer()).power_w == 0
    assert low.flow(car, Offer()).outlet_power_w == 0


def test_the_cable_limits_a_low_voltage_car_below_the_rated_power():
    car = EV(ev_model("Delivery van 110"), 0.3)
    power_w = DC_50.supply.flow(car, Offer()).outlet_power_w
    assert power_w == pytest.approx(125 * car.battery.voltage_v)
    assert power_w < DC_50.supply.full_load_w


@pytest.mark.parametrize("supply", [AC, DC], ids=["AC", "DC"])
def test_without_a_car_nothing_flows_and_the_grid_is_still_there(supply):
    flow = supply.flow(None, Offer())
    assert (flow.outlet_power_w, flow.inlet_power_w, flow.battery_power_w, flow.outlet_current_a) == (0, 0, 0, 0)
    assert [phase.voltage_v for phase in flow.phases] == [230] * 3


def test_plain_ac_tells_no_soc_but_iso_15118_and_dc_do():
    plain, talkative = EV(ev_model("Compact 58"), 0.4), EV(ev_model("Family crossover 77"), 0.4)
    assert (AC.soc_of(plain), AC.soc_of(talkative), DC.soc_of(plain)) == (None, 0.4, 0.4)


@given(st.floats(0, 1), st.floats(0, 1e5), st.floats(0, 1e5))
def test_the_temperature_does_not_depend_on_how_time_is_cut(load, first_s, second_s):
    warmth = Warmth()
    at_once = warmth.after(20, load, first_s + second_s)
    assert warmth.after(warmth.after(20, load, first_s), load, second_s) == pytest.approx(at_once)
    assert 20 <= at_once <= 50


@pytest.mark.parametrize("limits", [{"current_a": -1.0}, {"power_w": math.nan}, {"power_w": math.inf}, {"phases": 4}])
def test_an_impossible_offer_is_refused(limits):
    with pytest.raises(ValueError):
        Offer(**limits)


@pytest.mark.parametrize("figures", [{"max_current_a": 0.0}, {"max_current_a": 32.0, "phases": 0}])
def test_an_impossible_ac_supply_is_refused(figures):
    with pytest.raises(ValueError):
        AcSupply(**figures)


@pytest.mark.parametrize(
    "change",
    [
        {"max_power_w": 0.0},
        {"max_current_a": math.inf},
        {"efficiency": Curve(((0.0, 0.0), (1.0, 0.9)))},
        {"efficiency": Curve(((0.0, 0.1), (0.5, 0.1), (0.55, 0.95)))},
    ],
)
def test_an_impossible_converter_is_refused(change):
    with pytest.raises(ValueError):
        DcSupply(**({"max_power_w": 50_000.0, "max_current_a": 125.0} | change))
