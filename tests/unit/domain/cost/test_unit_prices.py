"""What holds at a moment of a session, taxes included, and what comes next by the clock."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.evidence import Evidence, Point, StateAt
from stationmaster.domain.cost.local_time import Offset, micros
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.reckoning import reckoned
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.cost.unit_prices import NextPrices, UnitPrices, flat_prices, in_short, next_prices, prices_at

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
VAT = (TaxRate("VAT", D(19)), TaxRate("City", D(10), 1))


def tariff(**terms: Any) -> Tariff:
    return Tariff(key=1, tenant="t", name="n", version=1, valid_from=T0, currency="EUR", **terms)


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def prices(which: Tariff, minutes: int, *, idle_from: int | None = None, wh: int = 0, **fields: Any) -> UnitPrices:
    course, schedule = laid_out(which, minutes, idle_from=idle_from, wh=wh, **fields)
    return prices_at(course, schedule, course.end_us)


def laid_out(which: Tariff, minutes: int, *, idle_from: int | None = None, wh: int = 0, **fields: Any) -> Any:
    states = [StateAt(T0, "Charging", 0)] + ([StateAt(at(idle_from), "SuspendedEV", 1)] if idle_from else [])
    evidence = Evidence(
        started_at=T0,
        first_at=T0,
        last_at=at(minutes),
        points=(Point(T0, D(0), "begin"), Point(at(minutes), D(wh))),
        states=tuple(states),
    )
    inputs = Inputs(evidence=evidence, place=Place(station_key=1, evse_id=1), tariffs=(TariffFrom(which),), **fields)
    found = reckoned(inputs, closed=False)
    return found.course, found.schedule


def test_prices_carry_their_taxes_stack_on_stack() -> None:
    found = prices(tariff(energy=Component((Price(D("0.40")),), VAT), fixed=Component((Price(D(1)),))), 10)
    assert (found.kwh, found.flat, found.minute) == (D("0.5236"), D(1), None)


def test_a_price_that_includes_tax_stays_as_it_is() -> None:
    assert prices(tariff(includes_tax=True, energy=Component((Price(D("0.40")),), VAT)), 10).kwh == D("0.4")


def test_the_tier_that_has_been_reached_counts() -> None:
    tiers = Component((Price(D("0.30"), Conditions(max_energy_wh=D(4000))), Price(D("0.50"))))
    assert [prices(tariff(energy=tiers), 10, wh=wh).kwh for wh in (3999, 4000)] == [D("0.3"), D("0.5")]


def test_a_price_of_idling_that_waits_is_told_with_its_grace() -> None:
    waits = Component((Price(D("0.10"), Conditions(min_idle_time_s=900)),))
    for idle_from in (None, 5):
        found = prices(tariff(idle_time=waits), 10, idle_from=idle_from)
        assert (found.idle_minute, found.grace_s) == (D("0.1"), 900)


def test_a_later_price_of_idling_counts_once_it_is_reached() -> None:
    later = Price(D("0.20"), Conditions(min_idle_time_s=3600))
    both = Component((later, Price(D("0.10"), Conditions(min_idle_time_s=900))))
    course, schedule = laid_out(tariff(idle_time=both), 90, idle_from=10)
    inside = course.end_us - 1
    assert prices_at(course, schedule, inside) == UnitPrices(idle_minute=D("0.2"), grace_s=3600)


@pytest.mark.parametrize(("idle_from", "minutes"), [(None, 10), (10, 15), (10, 25), (10, 60)])
def test_a_price_of_idling_after_free_minutes_is_told_with_those_as_its_grace(
    idle_from: int | None, minutes: int
) -> None:
    free_at_first = Component((Price(D(0), Conditions(max_idle_time_s=900)), Price(D("0.10"))))
    found = prices(tariff(idle_time=free_at_first), minutes, idle_from=idle_from)
    assert (found.idle_minute, found.grace_s) == (D("0.1"), 900)


@pytest.mark.parametrize(
    ("idle_from", "minutes", "told"),
    [
        (None, 10, ("0.1", 900)),
        (10, 11, ("0.1", 900)),
        (10, 25, ("0.1", 900)),
        (10, 69, ("0.1", 900)),
        (10, 70, ("0.2", 3600)),
    ],
)
def test_of_prices_of_idling_that_wait_the_one_that_counts_next_is_told(
    idle_from: int | None, minutes: int, told: tuple[str, int]
) -> None:
    later = Price(D("0.20"), Conditions(min_idle_time_s=3600))
    both = Component((later, Price(D("0.10"), Conditions(min_idle_time_s=900))))
    found = prices(tariff(idle_time=both), minutes, idle_from=idle_from)
    assert (found.idle_minute, found.grace_s) == (D(told[0]), told[1])


def test_a_price_of_idling_that_is_over_and_that_nothing_follows_is_not_told() -> None:
    at_first = tariff(idle_time=Component((Price(D("0.10"), Conditions(max_idle_time_s=900)),)))
    found = [prices(at_first, minutes, idle_from=10) for minutes in (20, 25)]
    assert [(each.idle_minute, each.grace_s) for each in found] == [(D("0.1"), 0), (None, 0)]


def test_idling_that_is_free_is_told_as_free() -> None:
    assert prices(tariff(idle_time=Component((Price(D(0)),))), 10).idle_minute == 0


def test_the_next_price_is_that_of_the_clock_on_the_wall() -> None:
    by_night = Component((Price(D("0.20"), Conditions(from_time="12:00", to_time="14:00")), Price(D("0.40"))))
    course, schedule = laid_out(tariff(energy=by_night), 10, offsets=(Offset(T0 - timedelta(days=1), 3600),))
    assert next_prices(course, schedule, course.end_us) == NextPrices(
        at=T0 + timedelta(hours=2), prices=UnitPrices(kwh=D("0.2"))
    )
    then = micros(T0 + timedelta(hours=2))
    back = next_prices(course, schedule, then)
    assert back is not None
    assert (back.at, back.prices.kwh) == (T0 + timedelta(hours=4), D("0.4"))


def test_where_the_clock_changes_nothing_there_is_no_next_price() -> None:
    course, schedule = laid_out(tariff(energy=Component((Price(D("0.40")),))), 10)
    assert next_prices(course, schedule, course.end_us) is None


def test_flat_prices_are_those_without_any_condition() -> None:
    flat = tariff(energy=Component((Price(D("0.40")),), VAT), charging_time=Component((Price(D("0.02")),)))
    assert flat_prices(flat) == UnitPrices(kwh=D("0.5236"), minute=D("0.02"))
    assert flat_prices(tariff(energy=Component((Price(D(1), Conditions(from_time="10:00")), Price(D(2)))))) is None


def test_they_are_said_in_short() -> None:
    every = UnitPrices(kwh=D("0.3"), minute=D("0.025"), flat=D(1), idle_minute=D("0.1"), grace_s=900)
    assert in_short(every, "EUR") == "start 1.00 EUR, 0.30 EUR/kWh, 0.025 EUR/min, idle 0.10 EUR/min after 15 min"
    assert in_short(UnitPrices(), "EUR") == ""
