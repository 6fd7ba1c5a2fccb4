"""Made-up sessions are priced as bills are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff
from stationmaster.domain.cost.tariff_preview import MadeUp, Step, faults, previewed

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
TIERS = Component((Price(D("0.30"), Conditions(max_energy_wh=D(4000))), Price(D("0.50"))))


def tariff(**terms: Any) -> Tariff:
    return Tariff(key=1, tenant="t", name="n", version=1, valid_from=T0, currency="EUR", **terms)


def made_up(**fields: Any) -> MadeUp:
    return MadeUp(**{"start": T0, "end": T0 + timedelta(hours=1), **fields})


def test_energy_is_priced_by_tiers() -> None:
    found = previewed(tariff(energy=TIERS), made_up(energy_wh=D(10_000)), ())
    assert [line.amount for line in found.lines] == [D("1.20"), D("3.00")]
    assert found.flags == ()


def test_idling_is_what_comes_after_idle_from() -> None:
    idle = Component((Price(D("0.10"), Conditions(min_idle_time_s=600)),))
    session = made_up(energy_wh=D(1000), idle_from=T0 + timedelta(minutes=30))
    assert previewed(tariff(idle_time=idle), session, ()).total == D("2.00")


def test_steps_say_more_exactly_what_happens_when() -> None:
    quick = Component((Price(D("0.20"), Conditions(min_power_w=D(20_000))), Price(D("0.10"))))
    half = T0 + timedelta(minutes=30)
    steps = (Step(at=T0, power_w=D(22_000)), Step(at=half, power_w=D(5_000), energy_wh=D(9_000)))
    assert previewed(tariff(charging_time=quick), made_up(energy_wh=D(10_000), steps=steps), ()).total == D("9.00")


def test_a_reservation_and_the_time_after_the_stop_count() -> None:
    priced = tariff(
        reservation_time=Component((Price(D("0.10")),)), idle_time=Component((Price(D("0.05")),)), after_stop="idle"
    )
    session = made_up(energy_wh=D(1), reserved_from=T0 - timedelta(minutes=20), unplugged_at=T0 + timedelta(minutes=80))
    assert previewed(priced, session, ()).total == D("3.00")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"end": T0}, "end"),
        ({"idle_from": T0 - timedelta(minutes=1)}, "idle_from"),
        ({"reserved_from": T0 + timedelta(minutes=1)}, "reserved_from"),
        ({"unplugged_at": T0}, "unplugged_at"),
        ({"energy_wh": D(-1)}, "energy_wh"),
        ({"steps": (Step(at=T0 + timedelta(hours=2)),)}, "steps.0.at"),
        ({"steps": (Step(at=T0, power_w=D(-1)),)}, "steps.0.power_w"),
        ({"energy_wh": D(9), "steps": (Step(at=T0, energy_wh=D(5)), Step(at=T0, energy_wh=D(4)))}, "steps.1.energy_wh"),
    ],
)
def test_what_cannot_be_is_named_by_its_place(fields: Any, path: str) -> None:
    assert path in {place for place, _ in faults(made_up(**fields))}
    assert faults(made_up()) == ()
