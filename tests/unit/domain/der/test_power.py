from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.der.controls import SETTING_OF, DERControl
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.nameplate import rated
from stationmaster.domain.der.power import FREE, STOPPED, order

PLATE = rated(10_000, 12_000)
CALM = GridSample()
DROOP = {"overFreq": 50.1, "underFreq": 49.9, "overDroop": 0.05, "underDroop": 0.04, "responseTime": 1}


def control(kind: str, **setting: Any) -> DERControl:
    return DERControl(id=kind, type=kind, is_default=True, setting={"priority": 0, **setting})


def curve(kind: str, *points: tuple[float, float], unit: str = "PctMaxW") -> DERControl:
    return control(kind, curveData=[{"x": x, "y": y} for x, y in points], yUnit=unit)


samples = st.builds(GridSample, voltage_pct=st.floats(0, 150), frequency_hz=st.floats(45, 55))
points = st.lists(st.fixed_dictionaries({"x": st.floats(0, 150), "y": st.floats(-100, 100)}), min_size=1, max_size=10)
droops = st.floats(0, 1)
controls = st.lists(
    st.one_of(
        st.builds(
            lambda percent: control("LimitMaxDischarge", pctMaxDischargePower=percent), st.none() | st.floats(0, 100)
        ),
        st.builds(lambda data: control("VoltWatt", curveData=data), points),
        st.builds(lambda data: control("FreqWatt", curveData=data), points),
        st.builds(
            lambda over, under: control("FreqDroop", **{**DROOP, "overDroop": over, "underDroop": under}),
            droops,
            droops,
        ),
        st.sampled_from([control("HFMayTrip"), control("PowerMonitoringMustTrip"), control("WattPF")]),
    ),
    unique_by=lambda each: each.type,
)


@given(controls, samples, st.floats(-12_000, 10_000), st.floats(0, 1))
def test_no_control_takes_an_inverter_beyond_its_ratings(
    active: list[DERControl], sample: GridSample, usual_w: float, share: float
) -> None:
    held = order(active, sample, PLATE, share=share)
    assert held.floor_w <= held.ceiling_w
    assert -12_000 * share <= held.feed_w(usual_w) <= 10_000 * share
    assert held.reactive.at(held.feed_w(usual_w)) == 0  # none of these asks for any


@given(controls, samples, st.floats(-12_000, 10_000), st.floats(-12_000, 10_000))
def test_who_would_feed_more_is_never_held_to_less(
    active: list[DERControl], sample: GridSample, one_w: float, other_w: float
) -> None:
    held = order(active, sample, PLATE)
    low_w, high_w = sorted((one_w, other_w))
    assert held.feed_w(low_w) <= held.feed_w(high_w)


@given(controls, samples, st.floats(-12_000, 10_000))
def test_a_further_ceiling_never_lets_more_be_fed(active: list[DERControl], sample: GridSample, usual_w: float) -> None:
    others = [each for each in active if each.type != "LimitMaxDischarge"]
    limited = [*others, control("LimitMaxDischarge", pctMaxDischargePower=30)]
    with_it, without = (order(each, sample, PLATE).feed_w(usual_w) for each in (limited, others))
    assert with_it <= without
    assert with_it <= 3_000


@given(st.floats(-12_000, 10_000))
def test_without_controls_the_power_is_the_usual_one(usual_w: float) -> None:
    assert order([], CALM, PLATE).feed_w(usual_w) == usual_w == FREE.feed_w(usual_w)


@given(controls, samples, st.floats(-12_000, 10_000))
def test_what_has_ceased_gives_and_takes_nothing(active: list[DERControl], sample: GridSample, usual_w: float) -> None:
    assert order(active, sample, PLATE, ceased=True) is STOPPED
    assert STOPPED.feed_w(usual_w) == 0


@given(samples, samples, st.floats(-5_000, 5_000))
def test_a_droop_feeds_more_the_lower_the_frequency(one: GridSample, other: GridSample, usual_w: float) -> None:
    low, high = sorted((one, other), key=lambda sample: sample.frequency_hz)
    droop = [control("FreqDroop", **DROOP)]
    assert order(droop, low, PLATE).feed_w(usual_w) >= order(droop, high, PLATE).feed_w(usual_w)


@pytest.mark.parametrize(
    ("frequency_hz", "fed_w"),
    [(50.0, 4_000), (50.1, 4_000), (50.6, 2_000), (51.35, -1_000), (49.9, 4_000), (49.5, 6_000), (48.0, 10_000)],
)
def test_a_droop_shifts_by_rated_power_over_droop_and_nominal_frequency(frequency_hz: float, fed_w: float) -> None:
    held = order([control("FreqDroop", **DROOP)], GridSample(frequency_hz=frequency_hz), PLATE)
    assert held.feed_w(4_000) == pytest.approx(fed_w)


@pytest.mark.parametrize(("voltage_pct", "fed_w"), [(100, 8_000), (108, 5_000), (110, 0), (115, -6_000), (130, -6_000)])
def test_a_voltage_curve_is_a_ceiling_and_below_zero_it_has_the_inverter_draw(voltage_pct: float, fed_w: float) -> None:
    bend = curve("VoltWatt", (106, 100), (110, 0), (115, -50))
    assert order([bend], GridSample(voltage_pct=voltage_pct), PLATE).feed_w(8_000) == pytest.approx(fed_w)


def test_of_several_ceilings_the_lowest_holds() -> None:
    active = [curve("FreqWatt", (50, 80)), curve("VoltWatt", (100, 60)), control("LimitMaxDischarge")]
    assert order(active, CALM, PLATE).feed_w(10_000) == 6_000


def test_an_inverter_that_cannot_feed_droops_on_what_it_draws() -> None:
    low = GridSample(frequency_hz=48.9)
    held = order([control("FreqDroop", **DROOP)], low, rated(0, 10_000))
    assert held.feed_w(-10_000) == pytest.approx(-5_000)
    assert held.feed_w(-2_000) == 0


@pytest.mark.parametrize(
    ("asked", "fed_w", "var"),
    [
        ([control("FixedVar", setpoint=50, unit="PctMaxVar")], 0, 0.5 * PLATE.max_var),
        ([control("FixedVar", setpoint=-50, unit="PctMaxVar")], 0, -0.5 * PLATE.max_var_neg),
        ([control("FixedVar", setpoint=10, unit="PctMaxW")], 0, 1_000),
        ([curve("VoltVar", (90, 100), (110, -100), unit="PctMaxVar")], 0, 0),
        ([control("FixedPFInject", displacement=0.95, excitation=False)], 1_000, 328.7),
        ([control("FixedPFInject", displacement=0.95, excitation=True)], 1_000, -328.7),
        ([control("FixedPFInject", displacement=0.95, excitation=True)], -1_000, 0),
        ([control("FixedPFAbsorb", displacement=0.95, excitation=True)], -1_000, -328.7),
        ([control("FixedPFInject", displacement=0, excitation=False)], 10_000, PLATE.max_var),
        (
            [control("FixedPFInject", displacement=0.5), control("FixedVar", setpoint=20, unit="PctMaxVar")],
            9_000,
            0.2 * PLATE.max_var,
        ),
    ],
)
def test_reactive_power(asked: list[DERControl], fed_w: float, var: float) -> None:
    assert order(asked, CALM, PLATE).reactive.at(fed_w) == pytest.approx(var, abs=0.1)


@given(
    st.sampled_from(["FixedVar", "VoltVar"]), st.floats(-1000, 1000), st.sampled_from(["PctMaxW", "PctMaxVar"]), samples
)
def test_reactive_power_stays_within_what_the_inverter_has(
    kind: str, percent: float, unit: str, sample: GridSample
) -> None:
    asked = control(kind, setpoint=percent, unit=unit, yUnit=unit, curveData=[{"x": 100, "y": percent}])
    found = order([asked], sample, PLATE).reactive.at(5_000)
    assert -PLATE.max_var_neg <= found <= PLATE.max_var


def test_every_type_has_its_place_in_the_table_of_effects() -> None:
    from stationmaster.domain.der import power as der_power
    from stationmaster.domain.der import reactive as der_reactive

    told = f"{der_power.__doc__} {der_reactive.__doc__}"
    for kind in SETTING_OF:
        group = next((ending for ending in ("MustTrip", "MayTrip", "MomCess") if kind.endswith(ending)), kind)
        assert group in told
