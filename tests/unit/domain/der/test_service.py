from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.service import Cause, Conduct, conducted, ramped

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
CALM, HIGH = GridSample(), GridSample(frequency_hz=51)
WINDOW = {"highVoltage": 106, "lowVoltage": 90, "highFreq": 50.2, "lowFreq": 49.8}


def control(kind: str, **setting: Any) -> DERControl:
    return DERControl(id=kind, type=kind, is_default=True, setting={"priority": 0, **setting})


def curve(kind: str, *points: tuple[float, float]) -> DERControl:
    return control(kind, curveData=[{"x": x, "y": y} for x, y in points])


TRIP = curve("HFMustTrip", (3, 50.5))
CESSATION = curve("HVMomCess", (0, 110))


def after(s: float) -> datetime:
    return BEGIN + timedelta(seconds=s)


def story(controls: Iterable[DERControl], *seen: tuple[float, GridSample], spread: float = 0.0) -> list[Conduct]:
    """The conduct at each of these moments."""
    conduct, found = Conduct(), []
    for at_s, sample in seen:
        conduct = conducted(conduct, controls, sample, after(at_s), spread)
        found.append(conduct)
    return found


def test_a_trip_takes_as_long_as_its_curve_says() -> None:
    found = story([TRIP], (0, HIGH), (2, HIGH), (3, HIGH))
    assert [each.ceased for each in found] == [False, False, True]
    assert found[-1].ruling == Cause("HFMustTrip", "OverFrequency")


def test_a_short_excursion_begins_anew_each_time() -> None:
    found = story([TRIP], (0, HIGH), (2, CALM), (3, HIGH), (5, HIGH))
    assert not any(each.ceased for each in found)


def test_without_enter_service_it_comes_back_with_the_grid() -> None:
    found = story([TRIP], (0, HIGH), (3, HIGH), (4, CALM))
    assert [each.ceased for each in found] == [False, True, False]
    assert found[-1].ruling is None


def test_enter_service_wants_calm_for_a_while() -> None:
    enter = control("EnterService", **WINDOW, delay=60, randomDelay=20)
    unquiet = GridSample(frequency_hz=50.3)
    seen = [(0, HIGH), (3, HIGH), (4, CALM), (60, unquiet), (61, CALM), (120, CALM), (131, CALM)]
    found = story([TRIP, enter], *seen, spread=0.5)
    assert [each.ceased for each in found] == [False, True, True, True, True, True, False]
    assert [each.ruling is not None for each in found[1:]] == [True] * 5 + [False]


def test_a_trip_whose_control_is_gone_still_waits_for_its_time() -> None:
    enter = control("EnterService", **WINDOW, delay=60)
    (_, tripped) = story([TRIP, enter], (0, HIGH), (3, HIGH))
    waits = conducted(tripped, [enter], CALM, after(4))
    assert waits.ceased and not conducted(waits, [enter], CALM, after(64)).ceased


def test_momentary_cessation_holds_only_while_its_cause_does() -> None:
    swell = GridSample(voltage_pct=115)
    assert [each.ceased for each in story([CESSATION], (0, swell), (1, swell), (2, CALM))] == [True, True, False]


def test_what_trips_rules_over_what_bends() -> None:
    bend = curve("FreqWatt", (50, 100), (52, 0))
    found = story([bend, TRIP], (0, HIGH), (3, HIGH))
    assert [each.ruling and each.ruling.type for each in found] == ["FreqWatt", "HFMustTrip"]


@pytest.mark.parametrize(
    "ramp", [control("EnterService", **WINDOW, rampRate=10), control("Gradients", gradient=1, softGradient=10)]
)
def test_it_comes_back_over_a_ramp(ramp: DERControl) -> None:
    *_, entered = story([TRIP, ramp], (0, HIGH), (3, HIGH), (4, CALM))
    shares = [ramped(entered, [TRIP, ramp], after(at_s)) for at_s in (4, 9, 14, 400)]
    assert shares == [0, 0.5, 1, 1]
    assert ramped(Conduct(), [ramp], BEGIN) == 1


moments = st.lists(st.tuples(st.floats(0, 30), st.floats(85, 120), st.floats(48, 52)), max_size=20)


@given(moments, st.floats(0, 60))
def test_it_is_never_in_service_again_before_the_grid_was_calm_for_the_delay(
    steps: list[tuple[float, float, float]], delay_s: float
) -> None:
    controls = [TRIP, CESSATION, control("EnterService", **WINDOW, delay=delay_s)]
    conduct, now, calm_for = Conduct(), BEGIN, None
    for wait_s, voltage_pct, frequency_hz in steps:
        before, now = conduct, now + timedelta(seconds=wait_s)
        conduct = conducted(before, controls, GridSample(voltage_pct=voltage_pct, frequency_hz=frequency_hz), now)
        calm = 90 <= voltage_pct <= 106 and 49.8 <= frequency_hz <= 50.2
        calm_for = (calm_for or now) if calm and before.tripped is not None else None
        if before.tripped is not None and conduct.tripped is None:
            assert calm_for is not None and (now - calm_for).total_seconds() >= delay_s
        assert conduct.tripped is None or conduct.ruling is not None
