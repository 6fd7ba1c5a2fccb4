"""A message goes the way of money only where its station's tenant has prices."""

from datetime import UTC, datetime
from typing import Any

from stationmaster.csms.blocks.priced import OnlyWithPrices, only_with_prices
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import Heartbeat, MeterValues
from stationmaster.domain.station import Station, StationState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN, PRICED = Decision(), Decision()


def plain(state: StationState, request: Any, at: datetime) -> Decision:
    return PLAIN


def priced(state: StationState, request: Any, at: datetime) -> Decision:
    return PRICED


def of_tenant(tenant: str) -> StationState:
    return StationState(station=Station(key=1, tenant=tenant, identity="A", created_at=NOW))


def test_it_is_asked_of_each_message_anew() -> None:
    with_tariffs = {"dear"}
    block = OnlyWithPrices(plain, priced, with_tariffs.__contains__)
    assert block(of_tenant("dear"), None, NOW) is PRICED
    assert block(of_tenant("free"), None, NOW) is PLAIN
    with_tariffs.add("free")
    assert block(of_tenant("free"), None, NOW) is PRICED


def test_a_block_without_anything_around_it_stays_itself_as_does_one_that_is_only_about_money() -> None:
    blocks = only_with_prices({Heartbeat: plain}, {Heartbeat: plain, MeterValues: priced}, lambda tenant: False)
    assert blocks == {Heartbeat: plain, MeterValues: priced}
