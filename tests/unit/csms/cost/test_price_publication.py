"""By which commands a station is told a price for everybody."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.csms.cost.price_publication import Price, Unpublished, told_to
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.tariff import Component, Conditions, Tariff, Text
from stationmaster.domain.cost.tariff import Price as PerUnit
from stationmaster.domain.cost.tariff_commands import SetDefaultTariff
from stationmaster.domain.device_model.addresses import SetVariables
from stationmaster.domain.messages import Request
from stationmaster.domain.station import Station, StationState

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
SUMMER = datetime(2026, 3, 29, 1, tzinfo=UTC)
FLAT = Component((PerUnit(Decimal("0.40")),))
NIGHT = Component((PerUnit(Decimal("0.20"), Conditions(from_time="22:00", to_time="06:00")), *FLAT.prices))
BERLIN = (Offset(T0, 3600), Offset(SUMMER, 7200))


def tariff(**terms: Any) -> Tariff:
    fields = {"energy": FLAT, **terms}
    return Tariff(key=1, tenant="t", name="n", version=1, valid_from=T0, currency="EUR", **fields)


def state(version: str | None, **learned: str) -> StationState:
    station = Station(key=1, tenant="t", identity="CS", created_at=T0, version=version)
    return StationState(station=station, learned={name.replace("__", ":"): value for name, value in learned.items()})


def values(request: Request) -> dict[str, str]:
    assert isinstance(request, SetVariables)
    return {
        f"{each.ref.variable.name}{f'[{each.ref.variable.instance}]' if each.ref.variable.instance else ''}": each.value
        for each in request.settings
    }


def test_2_x_is_given_texts_to_fall_back_upon() -> None:
    (request,) = told_to(state("2.0.1"), Price(tariff=tariff(), total_text="See your bill", offsets=BERLIN))
    assert values(request) == {
        "TariffFallbackMessage": "0.40 EUR/kWh",
        "Currency": "EUR",
        "TotalCostFallbackMessage": "See your bill",
    }


def test_a_fallback_text_is_cut_to_what_2_x_takes() -> None:
    (request,) = told_to(state("2.0"), Price(tariff=tariff(texts=(Text("en", "x" * 400),))))
    assert len(values(request)["TariffFallbackMessage"]) == 255


def test_2_1_that_reckons_is_given_the_tariff_too() -> None:
    price = Price(tariff=tariff(), offsets=BERLIN)
    texts, given = told_to(state("2.1", can__Tariff="yes"), price)
    assert given == SetDefaultTariff(evse_id=0, tariff=price.tariff)
    assert "TimeOffset" not in values(texts)  # its prices do not go by the clock


def test_where_prices_go_by_the_clock_2_1_is_told_what_it_shows() -> None:
    texts, _ = told_to(state("2.1", can__Tariff="yes"), Price(tariff=tariff(energy=NIGHT), offsets=BERLIN))
    told = values(texts)
    assert (told["TimeOffset"], told["TimeOffset[NextTransition]"]) == ("+01:00", "+02:00")
    assert told["NextTimeOffsetTransitionDateTime"] == "2026-03-29T01:00:00Z"


def test_one_evse_of_2_1_is_given_the_tariff_alone() -> None:
    (given,) = told_to(state("2.1", can__Tariff="yes"), Price(tariff=tariff(), evse_id=2))
    assert given == SetDefaultTariff(evse_id=2, tariff=tariff())


def test_1_6_has_keys_for_the_price_in_each_language_that_it_has() -> None:
    told = state("1.6", can__CostMessages="yes", told__SupportedLanguages="en, de")
    texts = (Text("en", "40 cents"), Text("de", "40 Cent"), Text("fr", "40 centimes"))
    (request,) = told_to(told, Price(tariff=tariff(texts=texts), offline_text="offline", offsets=BERLIN[:1]))
    found = values(request)
    assert set(found) == {"DefaultPrice", "DefaultPriceText,en", "DefaultPriceText,de", "TimeOffset"}
    assert json.loads(found["DefaultPrice"]) == {
        "priceText": "40 cents",
        "priceTextOffline": "offline",
        "chargingPrice": {"kWhPrice": 0.4},
    }
    assert json.loads(found["DefaultPriceText,de"]) == {"priceText": "40 Cent", "priceTextOffline": "offline"}


def test_a_price_that_varies_is_not_for_reckoning_offline() -> None:
    (request,) = told_to(state("1.6", can__CostMessages="yes"), Price(tariff=tariff(energy=NIGHT)))
    assert "chargingPrice" not in json.loads(values(request)["DefaultPrice"])


@pytest.mark.parametrize(
    ("station", "evse_id", "why"),
    [
        (state(None), 0, "never connected"),
        (state("1.5"), 0, "1.2 and 1.5"),
        (state("1.6"), 0, "CustomDisplayCostAndPrice"),
        (state("1.6", can__CostMessages="yes"), 1, "one EVSE alone"),
        (state("2.0.1"), 1, "one EVSE alone"),
        (state("2.1"), 1, "one EVSE alone"),
        (state("2.1", can__Tariff="no", can__Cost="no"), 0, "neither tariffs nor costs"),
    ],
)
def test_why_a_station_cannot_be_told(station: StationState, evse_id: int, why: str) -> None:
    with pytest.raises(Unpublished, match=why):
        told_to(station, Price(tariff=tariff(), evse_id=evse_id))
