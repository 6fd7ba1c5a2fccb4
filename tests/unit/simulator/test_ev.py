import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.simulator.catalogue import EV_MODELS, ev_model
from stationmaster.simulator.ev import EV, NO_CURRENT, PhaseCurrents

CARS = st.sampled_from(EV_MODELS)
SHARES = st.floats(0, 1)
ONE_PHASE = ev_model("City car 27")
THREE_PHASE = ev_model("Compact 58")


def test_a_one_phase_car_loads_only_L1_of_a_three_phase_station():
    assert EV(ONE_PHASE, 0.3).draw_ac(16, 3) == PhaseCurrents(16, 0, 0)


def test_a_three_phase_car_loads_only_L1_of_a_one_phase_station():
    assert EV(THREE_PHASE, 0.3).draw_ac(16, 1) == PhaseCurrents(16, 0, 0)


def test_a_car_takes_no_more_than_its_on_board_charger_can():
    assert EV(THREE_PHASE, 0.3).draw_ac(32, 3) == PhaseCurrents(16, 16, 16)


@given(CARS, SHARES, st.floats(0, 6, exclude_max=True), st.integers(1, 3))
def test_an_offer_below_6_A_draws_nothing(model, soc, offered_a, phases):
    assert EV(model, soc).draw_ac(offered_a, phases) == NO_CURRENT


@given(CARS, SHARES, st.floats(0, 100), st.integers(1, 3))
def test_ac_current_never_exceeds_offer_or_car(model, soc, offered_a, phases):
    drawn = EV(model, soc).draw_ac(offered_a, phases)
    assert max(drawn.amps()) <= min(offered_a, model.ac_max_current_a)
    assert sum(current_a > 0 for current_a in drawn.amps()) <= min(phases, model.ac_phases)


@given(CARS, SHARES, st.floats(-1e6, 1e6))
def test_dc_power_never_exceeds_offer_or_curve(model, soc, offered_w):
    car = EV(model, soc)
    assert 0 <= car.draw_dc(offered_w) <= max(0.0, min(offered_w, model.dc_max_power_w * model.dc_curve.at(car.soc)))


@pytest.mark.parametrize("model", EV_MODELS, ids=lambda model: model.name)
def test_near_full_every_car_draws_less_ac_current(model):
    middle, nearly_full = EV(model, 0.5).draw_ac(32, 3), EV(model, 0.99).draw_ac(32, 3)
    assert 0 < nearly_full.l1_a < middle.l1_a / 2


@pytest.mark.parametrize("model", [car for car in EV_MODELS if car.dc_max_power_w], ids=lambda model: model.name)
def test_near_full_every_car_draws_less_dc_power(model):
    assert 0 < EV(model, 0.95).draw_dc(1e6) < EV(model, 0.2).draw_dc(1e6) / 2


@pytest.mark.parametrize(("soc", "limit"), [(1.0, 1.0), (0.8, 0.8), (0.9, 0.8)])
def test_a_car_at_or_beyond_its_charge_limit_draws_nothing(soc, limit):
    car = EV(THREE_PHASE, soc, limit)
    assert not car.wants_energy
    assert car.draw_ac(16, 3) == NO_CURRENT
    assert car.draw_dc(50_000) == 0


def test_power_factor_is_worse_at_small_current():
    car = EV(THREE_PHASE, 0.5)
    assert 0.9 < car.power_factor_at(1) < car.power_factor_at(16) <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"ac_phases": 4},
        {"ac_efficiency": 0.0},
        {"dc_efficiency": 1.1},
        {"ac_max_current_a": 5.0},
        {"dc_max_power_w": -1.0},
        {"dc_curve": type(ONE_PHASE.dc_curve)(((0.0, 1.5),))},
    ],
)
def test_a_car_with_impossible_figures_is_refused(change):
    with pytest.raises(ValueError):
        msgspec.structs.replace(ONE_PHASE, **change)


@pytest.mark.parametrize("limit", [-0.1, 1.1])
def test_an_impossible_charge_limit_is_refused(limit):
    with pytest.raises(ValueError):
        EV(ONE_PHASE, 0.5, limit)
