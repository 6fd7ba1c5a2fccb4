from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.simulator.catalogue import DC_150, EV_MODELS, SOCKET_22, WALLBOX_7, ev_model
from stationmaster.simulator.charge_path import ChargePath, InterlockError, PilotState
from stationmaster.simulator.ev import EV
from stationmaster.simulator.supply import DcSupply

SUPPLIES = (SOCKET_22.supply, WALLBOX_7.supply, DC_150.supply)
COMPACT = ev_model("Compact 58")
DAY_S = 86_400


def charging(supply, car, **limits):
    path = ChargePath(supply)
    path.plug(car)
    path.offer(**limits)
    path.close_contactor()
    return path


offers = st.fixed_dictionaries(
    {
        "current_a": st.none() | st.floats(0, 64),
        "power_w": st.none() | st.floats(0, 200_000),
        "phases": st.sampled_from([None, 1, 3]),
    }
)
cars = st.builds(EV, st.sampled_from(EV_MODELS), st.floats(0, 1), st.floats(0, 1))
steps = st.lists(st.tuples(offers, st.floats(0, 20_000)), max_size=8)


@settings(max_examples=60)
@given(st.sampled_from(SUPPLIES), cars, steps)
def test_metered_energy_is_stored_energy_plus_the_losses(supply, car, steps):
    path = charging(supply, car)
    before_wh = car.battery.energy_wh
    for offer, dt_s in steps:
        path.offer(**offer)
        path.advance(dt_s)
    is_dc = isinstance(supply, DcSupply)
    efficiency = car.model.dc_efficiency if is_dc else car.model.ac_efficiency
    reading, stored_wh = path.reading(), car.battery.energy_wh - before_wh
    assert float(reading.energy_wh) == pytest.approx(stored_wh / efficiency, abs=0.01)
    assert (
        float(reading.inlet_energy_wh) >= float(reading.energy_wh)
        if is_dc
        else reading.inlet_energy_wh == reading.energy_wh
    )


@settings(max_examples=60)
@given(st.sampled_from(SUPPLIES), cars, steps)
def test_registers_never_run_backwards_and_soc_stays_within_its_limits(supply, car, steps):
    path = charging(supply, car)
    highest_soc = max(car.soc, car.charge_limit_soc) + 1e-8
    previous = path.reading()
    for offer, dt_s in steps:
        path.offer(**offer)
        path.advance(dt_s)
        reading = path.reading()
        assert reading.energy_wh >= previous.energy_wh
        assert reading.inlet_energy_wh >= previous.inlet_energy_wh
        assert 0 <= car.soc <= min(1, highest_soc)
        previous = reading


@settings(max_examples=40)
@given(st.sampled_from(SUPPLIES), st.sampled_from(EV_MODELS), st.floats(0, 1), st.integers(1, 30))
def test_cutting_time_into_pieces_changes_the_energy_by_less_than_a_percent_of_the_battery(supply, model, soc, pieces):
    at_once, stepped = charging(supply, EV(model, soc)), charging(supply, EV(model, soc))
    at_once.advance(3600)
    for _ in range(pieces):
        stepped.advance(3600 / pieces)
    difference_wh = abs(at_once.reading().energy_wh - stepped.reading().energy_wh)
    assert difference_wh < Decimal(model.battery_wh) / 100


def test_one_long_step_fills_the_car_exactly_and_then_stops():
    car = EV(COMPACT, 0.2)
    path = charging(SOCKET_22.supply, car)
    path.advance(7 * DAY_S)
    reading = path.reading()
    assert car.soc == pytest.approx(1.0)
    assert float(reading.energy_wh) == pytest.approx(0.8 * 58_000 / 0.90, abs=0.01)
    assert reading.power_w == 0
    assert path.pilot is PilotState.B


def test_constant_current_for_an_hour_meters_voltage_times_current():
    path = charging(SOCKET_22.supply, EV(COMPACT, 0.2), current_a=10)
    power_w = path.reading().power_w
    path.advance(3600)
    assert power_w == pytest.approx(3 * 229.5 * 10 * path.reading().phases[0].power_factor)
    assert float(path.reading().energy_wh) == pytest.approx(power_w, abs=0.01)


def test_the_loss_of_a_dc_converter_is_on_the_inlet_register_only():
    supply = DcSupply(max_power_w=150_000, max_current_a=400)
    path = charging(supply, EV(COMPACT, 0.2), power_w=30_000)
    path.advance(600)
    reading = path.reading()
    assert float(reading.energy_wh) == pytest.approx(5_000, abs=0.01)
    assert float(reading.inlet_energy_wh) == pytest.approx(5_000 / supply.efficiency.at(0.2), abs=0.01)


def test_nothing_flows_before_an_offer_is_made():
    path = ChargePath(SOCKET_22.supply)
    path.plug(EV(COMPACT, 0.2))
    path.close_contactor()
    path.advance(DAY_S)
    assert path.reading().energy_wh == 0
    assert path.pilot is PilotState.B


def test_nothing_flows_through_an_open_contactor():
    path = charging(SOCKET_22.supply, EV(COMPACT, 0.2))
    path.open_contactor()
    path.advance(DAY_S)
    assert path.reading().energy_wh == 0
    assert path.reading().power_w == 0
    assert path.pilot is PilotState.C


def test_pulling_the_plug_drops_the_contactor_and_gives_the_car_back():
    car = EV(COMPACT, 0.2)
    path = charging(SOCKET_22.supply, car)
    path.advance(60)
    metered_wh = path.reading().energy_wh
    assert path.ev is car
    assert path.unplug() is car
    assert path.ev is None
    path.advance(60)
    assert not path.contactor_closed
    assert path.pilot is PilotState.A
    assert path.reading().energy_wh == metered_wh > 0


def test_the_next_car_counts_on_the_same_register():
    path = charging(SOCKET_22.supply, EV(COMPACT, 0.2))
    path.advance(600)
    first_wh = path.reading().energy_wh
    path.unplug()
    path.plug(EV(COMPACT, 0.2))
    path.close_contactor()
    path.advance(600)
    assert path.reading().energy_wh == pytest.approx(2 * first_wh, abs=Decimal("0.01"))


def test_a_restarted_station_carries_on_where_its_registers_were():
    assert ChargePath(SOCKET_22.supply, Decimal("1234.567")).reading().energy_wh == Decimal("1234.567")


def test_a_reading_repeats_without_a_side_effect():
    path = charging(DC_150.supply, EV(COMPACT, 0.2))
    path.advance(60)
    assert path.reading() == path.reading()


def test_dc_tells_soc_voltage_and_current_of_the_cable():
    reading = charging(DC_150.supply, EV(COMPACT, 0.2)).reading()
    assert reading.soc == pytest.approx(0.2)
    assert reading.outlet_voltage_v * reading.outlet_current_a == pytest.approx(reading.power_w)
    assert reading.offered_power_w >= reading.power_w


def test_the_body_warms_up_under_load_and_cools_down_after():
    path = charging(SOCKET_22.supply, EV(ev_model("Long-range saloon 95"), 0.1))
    cold_c = path.reading().temperature_c
    path.advance(3600)
    warm_c = path.reading().temperature_c
    path.unplug()
    path.advance(DAY_S)
    assert warm_c > cold_c + 10
    assert path.reading().temperature_c == pytest.approx(cold_c)


@pytest.mark.parametrize("act", ["unplug", "close_contactor"])
def test_without_a_car_there_is_nothing_to_unplug_or_to_energise(act):
    with pytest.raises(InterlockError):
        getattr(ChargePath(SOCKET_22.supply), act)()


def test_a_second_car_cannot_be_plugged_in():
    path = charging(SOCKET_22.supply, EV(COMPACT, 0.2))
    with pytest.raises(InterlockError):
        path.plug(EV(COMPACT, 0.2))


@pytest.mark.parametrize("dt_s", [-1, float("nan"), float("inf")])
def test_time_only_advances(dt_s):
    with pytest.raises(ValueError):
        ChargePath(SOCKET_22.supply).advance(dt_s)
