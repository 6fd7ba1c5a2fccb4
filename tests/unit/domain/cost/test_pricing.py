"""Curves, cuts and the price of each stretch."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from fractions import Fraction as F
from itertools import pairwise
from typing import Any

import pytest

from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.conditions import Circumstances, Course, Moment, Powers, compiled, cuts
from stationmaster.domain.cost.curve import Curve
from stationmaster.domain.cost.evidence import Evidence, Point, Power
from stationmaster.domain.cost.flow import Span, Timeline
from stationmaster.domain.cost.local_time import MINUTE, LocalClock, micros
from stationmaster.domain.cost.pricing import Ledger, Rate, Schedule, TariffFrom, billable, cost, once, priced
from stationmaster.domain.cost.reckoning import reckoned
from stationmaster.domain.cost.register import Leg
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Place

T0 = datetime(2026, 3, 11, 12, tzinfo=UTC)  # a Wednesday
START = micros(T0)


def us(minutes: float) -> int:
    return START + int(minutes * MINUTE)


def leg(*registers: tuple[float, str]) -> Leg:
    return Leg(tuple(Point(T0 + timedelta(minutes=minutes), D(wh)) for minutes, wh in registers))


ALL = Timeline([Span(us(0), us(60), "charging")])
HALF = Timeline([Span(us(0), us(30), "charging"), Span(us(30), us(60), "idle")])


def curve(timeline: Timeline = ALL, boundary: Any = "interpolate", legs: Any = None) -> Curve:
    legs = legs or [leg((0, "100"), (60, "160"))]
    return Curve(legs, timeline, (us(0), us(60)), boundary)


def test_energy_flows_evenly_over_the_time_of_charging():
    assert [curve().before(us(minute)) for minute in (-5, 0, 20, 60, 90)] == [0, 0, 20, 60, 60]
    assert [curve(HALF).before(us(minute)) for minute in (0, 15, 30, 45, 60)] == [0, 30, 60, 60, 60]
    none = Timeline([Span(us(0), us(60), "idle")])
    assert curve(none).before(us(20)) == 20


def test_where_so_much_was_used_is_exact():
    assert curve().position_of(D("0.001")) == (us(0) + 60000, F(1, 1000))
    assert curve().position_of(D(7)) == (us(7), 7)
    thirds = curve(legs=[leg((0, "0"), (60, "7"))])
    assert thirds.position_of(D(1)) == (us(0) + F(60 * MINUTE, 7), 1)
    assert curve(HALF).position_of(D(60)) == (us(30), 60)
    assert [curve().position_of(wh) for wh in (D(0), D(-1), D(61))] == [None, None, None]


def test_steps_between_legs_and_readings_outside_count_nothing_and_at_the_limits():
    two = curve(legs=[leg((-1, "100"), (20, "130")), leg((40, "5"), (61, "25"))])
    assert (two.before(us(0)), two.before(us(30)), two.before(us(40)), two.total) == (0, 30, 30, 50)


def test_a_bracket_that_must_not_be_divided_comes_at_once():
    whole = curve(boundary="bracket_start", legs=[leg((0, "0"), (20, "10"), (60, "40"))])
    assert [whole.before(us(minute)) for minute in (0, 1, 20, 21, 60)] == [0, 10, 10, 40, 40]
    assert whole.divided_at(us(10), 5) is None


def test_a_moment_divides_a_bracket_where_energy_lies_on_both_sides_of_it():
    assert [curve().divided_at(us(minute), minute) for minute in (0, 20, 60)] == [None, 1, None]
    assert [curve(HALF).divided_at(us(minute), wh) for minute, wh in ((15, 30), (30, 60), (45, 60))] == [1, None, None]


def course(**fields: Any) -> Course:
    values: dict[str, Any] = {
        "start_us": us(0),
        "from_us": us(0),
        "end_us": us(60),
        "timeline": HALF,
        "curve": curve(),
        "clock": LocalClock(()),
        "powers": Powers([Power(T0 + timedelta(minutes=10), D(5000), D(20))]),
        "circumstances": Circumstances("DC", "VISA", "x"),
    }
    return Course(**(values | fields))


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ({"from_time": "12:20"}, 20, None),
        ({"to_time": "12:20"}, None, 20),
        ({"from_time": "12:20", "to_time": "12:40"}, 20, 40),
        ({"days": ("Thursday",)}, 99, None),
        ({"from_date": T0.date()}, None, None),
        ({"to_date": T0.date()}, 99, None),
        ({"min_energy_wh": D(20)}, 20, None),
        ({"max_energy_wh": D(20)}, None, 20),
        ({"min_power_w": D(5000)}, 10, None),
        ({"max_power_w": D(5000)}, 99, None),
        ({"min_current_a": D(20)}, 10, None),
        ({"min_time_s": 1200}, 20, None),
        ({"max_time_s": 1200}, None, 20),
        ({"min_charging_time_s": 1200}, 20, None),
        ({"max_charging_time_s": 1200}, None, 20),
        ({"min_idle_time_s": 600}, 40, None),
        ({"max_idle_time_s": 600}, 30, 40),
        ({"evse_kind": "DC"}, None, None),
        ({"evse_kind": "AC"}, 99, None),
        ({"payment_brand": "VISA", "payment_recognition": "x"}, None, None),
        ({"payment_brand": "other"}, 99, None),
    ],
)
def test_each_condition_begins_and_ends_at_a_cut_and_holds_from_it_on(
    when: dict[str, Any], first: int | None, last: int | None
):
    """Included where it begins, not where it ends; what lies between two cuts is of one kind."""
    conditions = Conditions(**when)
    tests = compiled(conditions)
    found = course()

    def holds(at: Any) -> bool:
        return all(test(Moment(found, at, found.curve.before(at))) for test in tests)

    assert [holds(us(minute)) for minute in range(60)] == [
        (first is None or minute >= first) and (last is None or minute < last) for minute in range(60)
    ]
    edges = sorted({us(0), us(30), us(60), *(at for at, _ in cuts([conditions], found))})
    for low, high in pairwise(edges):
        assert len({holds(low), holds(low + F(high - low, 2)), holds(high - 1)}) == 1


def tariff(key: int, amount: str, **fields: Any) -> Tariff:
    energy = Component((Price(D(amount)),))
    return Tariff(key=key, tenant="t", name="n", version=1, valid_from=T0, currency="EUR", energy=energy, **fields)


def test_the_tariff_of_the_moment_counts_and_the_first_from_the_start():
    later = TariffFrom(tariff(2, "0.2"), T0 + timedelta(minutes=30))
    schedule = Schedule([later, TariffFrom(tariff(1, "0.1"), T0 + timedelta(minutes=5))], us(0))
    prices = [schedule.plans(us(minute))["energy"][0].rate.amount for minute in (0, 29, 30)]
    assert prices == [D("0.1"), D("0.1"), D("0.2")]


def test_a_cost_is_exact_until_it_is_rounded():
    rate = Rate("energy", D("0.3361"))
    assert cost(rate, 4321) == F(14522881, 10**7)
    assert billable(rate, 500) == F(1, 2)
    assert billable(Rate("idle_time", D(1)), 90 * 1_000_000) == F(3, 2)
    assert billable(Rate("fixed", D(1)), 1) == 1


def test_I12_FR_30_a_fixed_price_is_chosen_by_what_holds_at_the_start():
    fixed = Component(
        (Price(D(9), Conditions(from_time="12:01")), Price(D(5), Conditions(evse_kind="DC")), Price(D(1)))
    )
    found = once(course(), tariff(1, "0.1", fixed=fixed), "fixed")
    assert found is not None
    assert found[0].amount == D(5)
    assert once(course(), tariff(1, "0.1"), "fixed") is None


def test_I12_FR_34_of_the_prices_that_hold_the_first_counts_for_each_dimension():
    prices = (Price(D(3), Conditions(from_time="12:20")), Price(D(2), Conditions(from_time="12:10")), Price(D(1)))
    used = Schedule([TariffFrom(tariff(1, "0.1", charging_time=Component(prices)))], us(0))
    ledger = Ledger()
    priced(course(), used, ledger)
    minutes = {
        rate.amount: use.quantity / MINUTE for rate, use in ledger.uses.items() if rate.dimension == "charging_time"
    }
    assert minutes == {D(1): 10, D(2): 10, D(3): 10}


def test_a_place_without_a_known_kind_is_neither_ac_nor_dc():
    inputs = Inputs(evidence=Evidence(), place=Place(station_key=1, evse_id=1))
    found = reckoned(inputs, closed=True).course
    assert [
        all(test(Moment(found, 0, 0)) for test in compiled(Conditions(evse_kind=kind))) for kind in ("AC", "DC")
    ] == [
        False,
        False,
    ]
