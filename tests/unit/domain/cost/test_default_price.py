"""The values of DefaultPrice and DefaultPriceText."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.cost.default_price import LONGEST, read, written
from stationmaster.domain.cost.unit_prices import UnitPrices


def test_it_holds_texts_and_what_a_station_may_reckon_with() -> None:
    prices = UnitPrices(kwh=Decimal("0.5"), minute=Decimal("0.025"), flat=Decimal(1))
    assert json.loads(written("50 cents", "offline", prices)) == {
        "priceText": "50 cents",
        "priceTextOffline": "offline",
        "chargingPrice": {"kWhPrice": 0.5, "hourPrice": 1.5, "flatFee": 1},
    }


@given(st.text(max_size=900), st.none() | st.text(max_size=40))
def test_it_fits_a_configuration_key_whatever_the_text(text: str, offline: str | None) -> None:
    value = written(text, offline)
    assert len(value) <= LONGEST
    found = read(value)
    assert text.startswith(found.price_text.removesuffix("…")) or found.price_text == text
    assert found.price_text_offline == offline


@pytest.mark.parametrize("value", ["50 cents", "[]", '{"priceText": 7}', "{"])
def test_what_is_no_such_value_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read(value)
