import math

import msgspec
import pytest

from stationmaster.simulator.driver_profile import PROFILES, WORKPLACE


@pytest.mark.parametrize(
    "change",
    [
        {"mean_gap_s": 0.0},
        {"stay_median_s": math.inf},
        {"stay_sigma": -1.0},
        {"hourly_weights": (1.0,) * 23},
        {"hourly_weights": (0.0,) * 24},
        {"hourly_weights": (-1.0,) + (1.0,) * 23},
        {"stop_weights": (0.0, 0.0, 0.0)},
        {"models": ()},
        {"charge_limits": (1.2,)},
        {"app_share": -0.1},
        {"unknown_token_share": 0.6, "blocked_token_share": 0.6},
    ],
    ids=str,
)
def test_habits_that_make_no_plan_are_refused(change):
    with pytest.raises(ValueError):
        msgspec.structs.replace(WORKPLACE, **change)


def test_only_cars_with_a_dc_inlet_come_to_the_motorway():
    assert all(model.dc_max_power_w > 0 for model in PROFILES["motorway"].models)
