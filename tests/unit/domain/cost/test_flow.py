"""A session's time as charging, idle, paused and waiting."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from stationmaster.domain.cost.evidence import Evidence, Point, Power, StateAt
from stationmaster.domain.cost.flow import Before, Span, Timeline, basis_of, replaced, session, spans
from stationmaster.domain.cost.local_time import MINUTE, micros
from stationmaster.domain.cost.register import best_energy
from stationmaster.domain.cost.tariff import Tariff

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
START = micros(T0)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def tariff(**fields: Any) -> Tariff:
    return Tariff(key=1, tenant="t", name="n", version=1, valid_from=T0, currency="EUR", **fields)


def evidence(end: float = 60, **fields: Any) -> Evidence:
    return Evidence(**({"started_at": T0, "ended_at": at(end), "first_at": T0, "last_at": at(end)} | fields))


def laid(found: Evidence, used: Tariff | None = None) -> tuple[str, list[tuple[float, float, str]]]:
    energy = best_energy(found)
    basis = basis_of(found, energy)
    result = spans(found, energy, session(found, used), used, basis)
    return basis, [((s.from_us - START) / MINUTE, (s.to_us - START) / MINUTE, s.kind) for s in result]


STATES = (
    StateAt(at(0), "EVConnected"),
    StateAt(at(10), "Charging"),
    StateAt(at(20), "SuspendedEVSE"),
    StateAt(at(30), "SuspendedEV"),
    StateAt(at(40), "EVConnected"),
    StateAt(at(50), "Idle"),
)


@pytest.mark.parametrize(
    ("used", "kinds"),
    [
        (None, ["waiting", "charging", "paused", "idle", "gone"]),
        (tariff(suspended_evse="idle"), ["waiting", "charging", "idle", "gone"]),
        (tariff(suspended_evse="charging"), ["waiting", "charging", "idle", "gone"]),
        (tariff(before_charging="idle"), ["idle", "charging", "paused", "idle", "gone"]),
        (tariff(before_charging="charging"), ["charging", "paused", "idle", "gone"]),
    ],
)
def test_states_are_what_the_tariff_says_they_count_as(used: Tariff | None, kinds: list[str]):
    basis, found = laid(evidence(states=STATES), used)
    assert (basis, [kind for _, _, kind in found]) == ("states", kinds)
    assert found[0][0] == 0
    assert found[-1][1] == 60


def test_of_two_states_at_one_moment_the_higher_number_counts():
    states = (StateAt(at(0), "Charging", 0), StateAt(at(30), "Charging", 9), StateAt(at(30), "SuspendedEV", 8))
    found = evidence(states=tuple(sorted(states, key=lambda state: (state.at, state.seq_no))))
    assert laid(found)[1] == [(0, 60, "charging")]


def test_a_state_from_before_the_start_holds_at_the_start():
    found = evidence(states=(StateAt(at(-5), "Charging"), StateAt(at(30), "SuspendedEV")))
    assert laid(found)[1] == [(0, 30, "charging"), (30, 60, "idle")]


POINTS = (Point(at(0), D(0), "begin"), Point(at(20), D(500)), Point(at(40), D(500)), Point(at(60), D(900), "end"))


def test_without_states_a_bracket_without_energy_was_idle():
    assert laid(evidence(points=POINTS)) == (
        "register",
        [(0, 20, "charging"), (20, 40, "idle"), (40, 60, "charging")],
    )


def test_what_no_two_readings_enclose_is_not_known():
    found = evidence(points=(Point(at(10), D(0)), Point(at(20), D(500))))
    assert laid(found)[1] == [(0, 10, "unknown"), (10, 20, "charging"), (20, 60, "unknown")]


def test_power_between_all_readings_is_better_than_registers():
    powers = (Power(at(0), D(7000)), Power(at(12), D(49)), Power(at(40), D(50)), Power(at(41), D(7000)))
    assert laid(evidence(points=POINTS, powers=powers)) == (
        "power",
        [(0, 12, "charging"), (12, 40, "idle"), (40, 60, "charging")],
    )
    assert laid(evidence(points=POINTS, powers=powers[:1]))[0] == "register"


def test_with_nothing_to_go_by_all_of_it_was_charging():
    assert laid(evidence(points=POINTS[:1])) == ("none", [(0, 60, "charging")])


def test_after_the_stop_it_is_idle_until_unplugged_where_the_tariff_says_so():
    found = evidence(states=STATES[:4], unplugged_at=at(90))
    assert laid(found)[1][-1] == (30, 60, "idle")
    assert laid(found, tariff(after_stop="idle"))[1][-1] == (30, 90, "idle")


def test_a_session_that_ends_before_it_starts_has_no_time():
    assert laid(evidence(end=-5, states=STATES))[1] == []
    assert session(Evidence(), None).end_us == 0


def test_an_open_session_goes_on_until_told_otherwise():
    found = Evidence(started_at=T0, first_at=T0, last_at=at(5))
    assert session(found, None, micros(at(30))).end_us == micros(at(30))
    assert session(found, None, micros(at(1))).end_us == micros(at(5))


def test_a_timeline_answers_by_the_moment():
    line = Timeline([Span(0, 10, "charging"), Span(10, 30, "idle"), Span(30, 35, "charging")], Before(7, 1, 2))
    assert [line.charged(moment) for moment in (-1, 0, 5, 10, 20, 31, 99)] == [7, 7, 12, 17, 17, 18, 22]
    assert [line.when_charged(time) for time in (7, 8, 17, 18, 22, 23)] == [None, 1, 10, 31, 35, None]
    assert [line.kind_at(moment) for moment in (0, 10, 29, 30)] == ["charging", "idle", "idle", "charging"]
    assert [line.idle_since(moment) for moment in (9, 10, 29, 30)] == [None, 10, 10, None]
    assert line.after() == Before(22, 21, 2, None)


def test_an_idle_period_goes_on_from_before():
    line = Timeline([Span(50, 60, "idle")], Before(idle_us=10, idle_since=40))
    assert (line.idle_since(55), line.idle_starts(), line.after().idle_since) == (40, [(40, 60)], 40)


def test_a_time_can_be_put_over_the_spans():
    spans_ = (Span(0, 10, "idle"), Span(10, 20, "charging"))
    assert replaced(spans_, Span(5, 12, "waiting")) == (
        Span(0, 5, "idle"),
        Span(5, 12, "waiting"),
        Span(12, 20, "charging"),
    )
    assert replaced(spans_, Span(30, 40, "waiting")) == spans_
