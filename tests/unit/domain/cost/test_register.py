"""Readings checked, and the energy from the best there is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from stationmaster.domain.cost.evidence import Evidence, Interval, Point, Power, StateAt
from stationmaster.domain.cost.register import best_energy, checked

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def points(*registers: float, begin: bool = True, end: bool = True, signed: bool = False) -> tuple[Point, ...]:
    marks: dict[int, Any] = ({0: "begin"} if begin else {}) | ({len(registers) - 1: "end"} if end else {})
    return tuple(
        Point(T0 + QUARTER * place, D(str(wh)), marks.get(place, "sample"), signed)
        for place, wh in enumerate(registers)
    )


def session(found: tuple[Point, ...], **fields: Any) -> Evidence:
    values = {"started_at": T0, "ended_at": found[-1].at if found else T0 + QUARTER, "first_at": T0, "points": found}
    return Evidence(**(values | fields))


def legs(*registers: float) -> tuple[list[list[int]], tuple[str, ...]]:
    found = checked(points(*registers))
    return [[int(point.wh) for point in leg.points] for leg in found.legs], found.flags


@pytest.mark.parametrize(
    ("registers", "expected", "flags"),
    [
        ((0, 5, 5, 9), [[0, 5, 5, 9]], ()),
        ((1000, 3000, 0, 9000), [[1000, 3000, 9000]], ("meter_glitch",)),
        ((1000, 9000, 3000, 4000), [[1000, 3000, 4000]], ("meter_glitch",)),
        ((1000, 500, 400, 300, 1100), [[1000, 1100]], ("meter_glitch",)),
        ((8000, 9000, 100, 4000), [[8000, 9000], [100, 4000]], ("meter_reset",)),
        ((5000, 100), [[5000], [100]], ("meter_reset",)),
        ((100, 99, 150), [[100, 100, 150]], ()),
        ((0, 300000), [[0, 300000]], ("meter_jump",)),
        ((7,), [[7]], ()),
        ((), [], ()),
    ],
)
def test_readings_become_legs_that_never_fall(registers: tuple[float, ...], expected: list[Any], flags: Any):
    # 1 MW for 15 min is 250 kWh, a quarter more is 312.6: with a limit of 900 kW it is 281.35
    found, odd = legs(*registers)
    assert found == expected
    assert odd == (() if registers == (0, 300000) else flags)
    if registers == (0, 300000):
        assert checked(points(*registers), D(900_000)).flags == flags


def test_two_registers_at_one_moment_are_noticed_and_rounding_is_not():
    assert checked([Point(T0, D(1)), Point(T0, D(9))]).flags == ("two_registers_at_once",)
    assert checked([Point(T0, D(1)), Point(T0, D("1.6"))]).flags == ()


def test_a_jump_in_no_time_is_one():
    assert "meter_jump" in checked([Point(T0, D(0), "begin"), Point(T0, D(5000), "end")]).flags


def test_what_an_operator_stated_is_never_dropped():
    odd = Point(T0 + QUARTER, D(0), stated=True)
    assert checked([Point(T0, D(10)), odd, Point(T0 + QUARTER * 2, D(20))]).flags == ("meter_reset",)


@pytest.mark.parametrize(
    ("found", "source"),
    [
        (points(0, 5, signed=True), "signed_registers"),
        (points(0, 5), "registers"),
        (points(0, 5, end=False), "last_sample"),
        (points(0, 5, begin=False), "last_sample"),
        (points(0, 5, begin=False, end=False), "samples"),
    ],
)
def test_energy_says_what_it_was_made_from(found: tuple[Point, ...], source: str):
    energy = best_energy(session(found))
    assert (energy.wh, energy.source, energy.flags) == (D(5), source, ())


def test_what_was_read_before_the_begin_and_after_the_end_is_not_billed():
    found = (Point(T0, D(90)), *points(100, 300, 400), Point(T0 + QUARTER * 2, D(450)))
    assert best_energy(session(found)).wh == D(300)


def test_readings_far_outside_the_transaction_are_left_out():
    found = (Point(T0 - QUARTER, D(1)), *points(100, 400, begin=False), Point(T0 + QUARTER * 9, D(9000)))
    energy = best_energy(session(found, ended_at=T0 + QUARTER))
    assert (energy.wh, energy.flags, len(energy.dropped)) == (D(300), ("samples_outside",), 2)


def test_a_marked_reading_belongs_to_the_transaction_whatever_the_clocks_say():
    energy = best_energy(session(points(100, 400), started_at=T0 + QUARTER / 3, ended_at=T0 + QUARTER / 2))
    assert (energy.wh, energy.flags) == (D(300), ())


def test_missing_ends_are_flagged_and_a_reading_at_the_very_moment_is_none():
    late = points(100, 400, begin=False, end=False)
    assert best_energy(session(late, started_at=T0 - QUARTER)).flags == ("begin_missing", "samples_outside")[:1]
    assert best_energy(session(late, ended_at=T0 + QUARTER * 2)).flags == ("end_missing",)


def test_without_registers_the_fuller_series_of_intervals_counts():
    intervals = tuple(Interval(T0 + QUARTER * place, D(250)) for place in (1, 2))
    clock = (Interval(T0 + QUARTER, D(100), clock=True),)
    energy = best_energy(session((), intervals=intervals + clock, ended_at=T0 + QUARTER * 2))
    assert (energy.wh, energy.source, energy.flags) == (D(500), "intervals", ("estimated_from_intervals",))


def test_without_intervals_power_is_added_up_but_not_over_gaps():
    # 10 kW then 20 kW over 15 min: 3750 Wh; the next sample is 30 min later: nothing
    powers = (Power(T0, D(10000)), Power(T0 + QUARTER, D(20000)), Power(T0 + QUARTER * 3, D(20000)))
    energy = best_energy(session((), powers=powers, ended_at=T0 + QUARTER * 3))
    assert (energy.wh, energy.source, energy.flags) == (D(3750), "power", ("estimated_from_power",))


def test_no_evidence_is_no_energy_and_a_start_that_never_charged_needs_none():
    assert best_energy(session(())).flags == ("no_register",)
    assert best_energy(session(points(5, end=False))).flags == ("no_register",)
    assert best_energy(session((), states=(StateAt(T0, "EVConnected"),))).flags == ()
    assert best_energy(session((), states=(StateAt(T0, "Charging"),))).flags == ("no_register",)


@pytest.mark.parametrize(
    ("registers", "wh"),
    [
        ((1000, "1499.7", "1500.7", 1500), 500),  # sampled finer than the end is told
        ((1000, "1000.4", 1000), 0),
        ((1001, "1000.6", 1500), 499),  # the start was rounded up
        ((1000, "1500.7", "1500.9", 1500), 500),
        ((1000, "1502", 1500), 500),  # two Wh are no rounding: a reading that its neighbours contradict
    ],
)
def test_the_whole_wh_at_the_ends_go_before_what_was_sampled_finer(registers: tuple[Any, ...], wh: int):
    assert best_energy(session(points(*registers))).wh == wh
