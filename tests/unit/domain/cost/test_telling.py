"""A running cost carried on by a station until it is told the next one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from stationmaster.domain.cost.telling import CostBasis, CostUpdated, carried_on
from stationmaster.domain.cost.unit_prices import NextPrices, UnitPrices

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
PRICES = UnitPrices(kwh=D("0.5"), minute=D("0.1"), idle_minute=D("0.2"), grace_s=600)


def told(**basis: Any) -> CostUpdated:
    fields = {"at": T0, "register_wh": 1000, "prices": PRICES, **basis}
    return CostUpdated(transaction_id="1", total=D("2.00"), basis=CostBasis(**fields))


def after(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_energy_and_minutes_are_added_while_it_charges() -> None:
    assert carried_on(told(), D(3000), after(10)) == D("4.00")


def test_idling_is_free_until_its_grace_is_over() -> None:
    idle = told(state="Idle")
    assert [carried_on(idle, D(9000), after(minutes)) for minutes in (10, 15)] == [D("2.00"), D("3.00")]


def test_the_grace_counts_from_where_idling_began() -> None:
    assert carried_on(told(state="Idle"), D(1000), after(5), T0 - timedelta(minutes=10)) == D("3.00")


def test_from_its_time_on_the_next_price_counts() -> None:
    cheap = NextPrices(at=after(5), prices=UnitPrices(kwh=D("0.1")))
    assert carried_on(told(next=cheap), D(2000), after(4)) == D("2.90")
    assert carried_on(told(next=cheap), D(2000), after(5)) == D("2.10")


def test_a_register_or_a_clock_that_goes_back_takes_nothing_away() -> None:
    assert carried_on(told(), D(500), after(-5)) == D("2.00")


def test_without_a_basis_it_stands_still() -> None:
    assert carried_on(CostUpdated(transaction_id="1", total=D(7)), D(9999), after(60)) == D(7)
