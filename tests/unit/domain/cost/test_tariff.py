"""Tariffs: ids, problems, words."""

from datetime import UTC, date, datetime
from decimal import Decimal as D
from typing import Any

import msgspec
import pytest

from stationmaster.domain.cost.condition_words import in_words
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import (
    Bound,
    Component,
    Conditions,
    Price,
    Tariff,
    TaxRate,
    Text,
    components,
    main_taxes,
)
from stationmaster.domain.cost.tariff_checks import problems

VAT = TaxRate("VAT", D(19))


def tariff(**fields: Any) -> Tariff:
    values: dict[str, Any] = {"key": 7, "tenant": "t", "name": "day", "version": 1, "currency": "EUR"}
    values["valid_from"] = datetime(2026, 1, 1, tzinfo=UTC)
    values["energy"] = Component((Price(D("0.40")),))
    return Tariff(**(values | fields))


def energy(*prices: Price, **fields: Any) -> Tariff:
    return tariff(energy=Component(prices, **fields))


def test_each_version_has_a_wire_id_of_its_own_that_fits():
    assert tariff().wire_id == "day.7"
    assert len(tariff(name="n" * 100, key=2**63 - 1).wire_id) <= 60


def test_a_tariff_survives_being_stored():
    whole = tariff(
        energy=Component((Price(D("0.25"), Conditions(from_time="22:00", from_date=date(2026, 1, 1))),), (VAT,), 100),
        minimum=Bound(excl=D(1)),
        texts=(Text("de", "Strom"),),
    )
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Tariff) == whole


def test_components_come_in_the_order_of_a_bill():
    both = tariff(idle_time=Component((Price(D(1)),)), fixed=Component((Price(D(1)),)))
    assert [dimension for dimension, _ in components(both)] == ["fixed", "energy", "idle_time"]


def test_the_main_taxes_are_those_of_energy_else_of_time():
    assert main_taxes(energy(Price(D(1)), taxes=(VAT,))) == (VAT,)
    assert main_taxes(tariff(energy=None, charging_time=Component((Price(D(1)),), (VAT,)))) == (VAT,)
    assert main_taxes(tariff(energy=None)) == ()


def test_a_good_tariff_has_no_problems():
    good = energy(Price(D("0.25"), Conditions(from_time="22:00", to_time="06:00")), Price(D("-0.01")), taxes=(VAT,))
    assert problems(good) == ()


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (tariff(currency="Euro"), "currency"),
        (tariff(name=" "), "name"),
        (tariff(energy=Component(())), "energy.prices"),
        (energy(Price(D(1)), step=0), "energy.step"),
        (tariff(fixed=Component((Price(D(1)),), step=5)), "fixed.step"),
        (energy(Price(D("NaN"))), "energy.prices[0].amount"),
        (energy(Price(D(10**7))), "energy.prices[0].amount"),
        (energy(Price(D("0.1234567"))), "energy.prices[0].amount"),
        (tariff(idle_time=Component((Price(D("-1")),))), "idle_time.prices[0].amount"),
        (energy(Price(D(1)), taxes=(VAT,) * 6), "energy.taxes"),
        (energy(Price(D(1)), taxes=(TaxRate("VAT", D(101)),)), "energy.taxes[0].percent"),
        (energy(Price(D(1)), taxes=(TaxRate("VAT", D("1E-60")),)), "energy.taxes[0].percent"),
        (energy(Price(D(1)), taxes=(TaxRate("VAT", D("NaN")),)), "energy.taxes[0].percent"),
        (energy(Price(D(1)), taxes=(TaxRate("VAT", D(1), -1),)), "energy.taxes[0].stack"),
        (energy(Price(D(1)), taxes=(TaxRate("", D(1)),)), "energy.taxes[0].name"),
        (energy(Price(D(1), Conditions(from_time="25:00"))), "energy.prices[0].when.from_time"),
        (energy(Price(D(1), Conditions(from_time="07:00", to_time="07:00"))), "energy.prices[0].when.to_time"),
        (
            energy(Price(D(1), Conditions(from_date=date(2026, 1, 2), to_date=date(2026, 1, 2)))),
            "energy.prices[0].when.to_date",
        ),
        (
            energy(Price(D(1), Conditions(min_energy_wh=D(5), max_energy_wh=D(5)))),
            "energy.prices[0].when.max_energy_wh",
        ),
        (energy(Price(D(1), Conditions(min_time_s=-1))), "energy.prices[0].when.min_time_s"),
        (energy(Price(D(1), Conditions(max_time_s=10**12 + 1))), "energy.prices[0].when.max_time_s"),
        (energy(Price(D(1), Conditions(max_energy_wh=D("1E+250")))), "energy.prices[0].when.max_energy_wh"),
        (energy(Price(D(1), Conditions(min_current_a=D("1E-7")))), "energy.prices[0].when.min_current_a"),
        (energy(Price(D(1), Conditions(min_power_w=D("0E+250")))), "energy.prices[0].when.min_power_w"),
        (energy(Price(D(1), Conditions(min_power_w=D("sNaN")))), "energy.prices[0].when.min_power_w"),
        (energy(Price(D(1), Conditions(payment_brand="VISA"))), "energy.prices[0].when.payment_brand"),
        (tariff(fixed=Component((Price(D(1), Conditions(min_power_w=D(1))),))), "fixed.prices[0].when.power_w"),
        (tariff(minimum=Bound()), "minimum"),
        (tariff(minimum=Bound(excl=D(-1))), "minimum.excl"),
        (tariff(maximum=Bound(excl=D(1), taxes=(VAT,))), "maximum.taxes"),
        (tariff(minimum=Bound(incl=D(2)), maximum=Bound(incl=D(1))), "maximum.incl"),
        (tariff(texts=(Text("en", "x"),) * 11), "texts"),
    ],
)
def test_each_problem_names_its_place(bad: Tariff, path: str):
    assert [problem.path for problem in problems(bad) if not problem.is_warning] == [path]


def test_the_largest_condition_of_all_can_be_read():
    most = energy(Price(D(1), Conditions(max_energy_wh=D("1E+12"))), Price(D(2)))
    assert problems(most) == ()
    assert price_text(most) == "up to 1000000000 kWh 1.00 EUR/kWh, else 2.00 EUR/kWh"


def test_a_price_that_is_never_reached_is_a_warning():
    found = problems(energy(Price(D(1)), Price(D(2), Conditions(from_time="07:00"))))
    assert [(problem.path, problem.is_warning) for problem in found] == [("energy.prices[1]", True)]


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (None, "always"),
        (Conditions(from_time="22:00", to_time="00:00"), "22:00-24:00"),
        (Conditions(to_time="06:00", days=("Friday", "Monday")), "00:00-06:00, Mon Fri"),
        (Conditions(days=("Monday", "Tuesday", "Wednesday")), "Mon-Wed"),
        (Conditions(min_energy_wh=D(10000), max_power_w=D(22500)), "from 10 kWh, up to 22.5 kW"),
        (Conditions(min_idle_time_s=900, max_time_s=90), "up to 90 s after the start, from 15 min idle"),
        (Conditions(from_date=date(2026, 1, 1), to_date=date(2026, 2, 1)), "from 2026-01-01 before 2026-02-01"),
        (Conditions(evse_kind="DC", payment_brand="VISA"), "DC, VISA"),
    ],
)
def test_conditions_can_be_read(when: Conditions | None, words: str):
    assert in_words(when) == words


def test_a_price_text_is_made_from_the_prices():
    night = Price(D("0.250"), Conditions(from_time="22:00", to_time="06:00"))
    made = tariff(
        energy=Component((night, Price(D("0.45"))), (VAT,)),
        idle_time=Component((Price(D("0.1"), Conditions(min_idle_time_s=900)),)),
        minimum=Bound(excl=D("3.00")),
    )
    assert price_text(made) == (
        "22:00-06:00 0.25 EUR/kWh, else 0.45 EUR/kWh; idle from 15 min idle 0.10 EUR/min; at least 3.00 EUR;"
        " plus VAT 19 %"
    )


def test_the_operators_own_words_go_first_in_the_drivers_language():
    own = tariff(texts=(Text("en", "power"), Text("de", "Strom"), Text("de-CH", "Saft")))
    assert [price_text(own, language) for language in ("de-CH", "de-AT", "fr", None)] == [
        "Saft",
        "Strom",
        "power",
        "power",
    ]


def test_a_text_is_never_longer_than_the_display_takes():
    long = price_text(tariff(texts=(Text("en", "x" * 600),)))
    assert (len(long), long[-1]) == (512, "…")
