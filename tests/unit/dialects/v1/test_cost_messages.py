"""Prices and costs as JSON text in DataTransfer: what is written is read as the same."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.dialects.table import Unsupported
from stationmaster.dialects.v1.cost import tell_cost
from stationmaster.dialects.v1.cost_messages import (
    VENDOR,
    final_message,
    price_message,
    read_message,
    read_report,
    running_message,
    unplugged_message,
)
from stationmaster.domain.cost.telling import (
    CAPABILITY,
    ConnectorUnplugged,
    CostBasis,
    CostUpdated,
    TellFinalCost,
    TellPrice,
)
from stationmaster.domain.cost.unit_prices import NextPrices, UnitPrices
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.texts import Text

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
amounts = st.decimals(min_value=0, max_value=999, places=3)
prices = st.builds(
    UnitPrices,
    kwh=st.none() | amounts,
    minute=st.none() | amounts,
    flat=st.none() | amounts,
)
idle = st.builds(
    UnitPrices, kwh=amounts, idle_minute=amounts, grace_s=st.integers(0, 600).map(lambda minutes: minutes * 60)
)
texts = st.lists(st.builds(Text, content=st.text(min_size=1), language=st.just("de")), max_size=3).map(tuple)
moments = st.integers(0, 10**6).map(lambda seconds: T0 + timedelta(seconds=seconds))
bases = st.builds(
    CostBasis,
    at=moments,
    register_wh=st.integers(0, 10**9),
    state=st.sampled_from(["Charging", "Idle"]),
    prices=prices | idle,
    next=st.none() | st.builds(NextPrices, at=moments, prices=prices | idle),
    sample_below_w=st.none() | st.integers(0, 10**5).map(Decimal),
)


@given(amounts, bases)
def test_a_running_cost(total: Decimal, basis: CostBasis) -> None:
    request = CostUpdated(transaction_id="7", total=total, basis=basis)
    assert read_message(running_message(request, basis)) == request


@given(st.text(max_size=200), texts)
def test_a_price_and_a_total(text: str, extra: tuple[Text, ...]) -> None:
    price = TellPrice(id_token=IdToken("04A1"), text=text, extra=extra)
    assert read_message(price_message(price)) == price
    total = TellFinalCost(transaction_id="7", total=Decimal("1.5"), text=text, extra=extra, receipt_url="https://x")
    assert read_message(final_message(total)) == total


def test_a_car_that_has_left() -> None:
    assert read_report(unplugged_message(7, T0)) == ConnectorUnplugged(transaction_id="7", at=T0)


def test_the_state_is_always_said() -> None:
    basis = CostBasis(at=T0, register_wh=5)
    said = running_message(CostUpdated(transaction_id="7", total=Decimal("0.00")), basis)
    assert json.loads(said.data)["state"] == "Charging"


def test_each_side_reads_only_what_is_for_it() -> None:
    assert read_report(price_message(TellPrice(id_token=IdToken("1"), text="x"))) is None
    assert read_message(unplugged_message(7, T0)) is None


@pytest.mark.parametrize(
    "data",
    [None, 7, "", "{", "[]", "null", '{"transactionId": 1}', '{"transactionId": 1, "cost": "NaN"}'],
)
def test_what_cannot_be_made_out_is_nothing(data: object) -> None:
    for message_id in ("RunningCost", "FinalCost", "SetUserPrice", "Sing", None):
        assert read_message(DataTransfer(vendor_id=VENDOR, message_id=message_id, data=data)) is None


@pytest.mark.parametrize("cost", ["1e400", '"Infinity"', '"sNaN"', "1e999999"])
def test_amounts_out_of_all_proportion_are_not_read(cost: str) -> None:
    text = f'{{"transactionId": 1, "cost": {cost}, "priceText": ""}}'
    assert read_message(DataTransfer(vendor_id=VENDOR, message_id="FinalCost", data=text)) is None


@pytest.mark.parametrize(
    "more",
    [
        '"chargingPrice": {"kWhPrice": "NaN"}',
        '"chargingPrice": {"flatFee": "Infinity"}',
        '"chargingPrice": {"hourPrice": 1e300}',
        '"idlePrice": {"graceMinutes": 9999999999}',
        '"idlePrice": {"graceMinutes": -1}',
        '"nextPeriod": {"atTime": "2030-01-01T00:00:00Z", "chargingPrice": {"kWhPrice": "NaN"}}',
        '"triggerMeterValue": {"atPowerkW": "NaN"}',
    ],
)
def test_nor_are_prices_that_nobody_means(more: str) -> None:
    text = f'{{"transactionId": 1, "timestamp": "2030-01-01T00:00:00Z", "meterValue": 1, "cost": 1, {more}}}'
    assert read_message(DataTransfer(vendor_id=VENDOR, message_id="RunningCost", data=text)) is None


def test_without_a_meter_value_there_is_no_running_cost_in_1_6() -> None:
    facts = StationFacts(version="1.6", capabilities=frozenset({CAPABILITY}))
    with pytest.raises(Unsupported, match="meter value"):
        next(tell_cost(facts, CostUpdated(transaction_id="7", total=Decimal(1))))
    with pytest.raises(Unsupported, match="CustomDisplayCostAndPrice"):
        next(tell_cost(StationFacts(version="1.6"), CostUpdated(transaction_id="7", total=Decimal(1))))
