"""Commands about cost and tariffs: what they are looked up from, and how each version takes them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import ROOT, RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

CARD = IdToken("04A1B2C3", "ISO14443")
PER_HOUR = {"currency": "EUR", "fixed": {"prices": [{"amount": 2.5}]}, "energy": {"prices": [{"amount": 0.5}]}}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        await made.send("POST", "/tariffs", {"name": "street", **PER_HOUR})
        yield made


async def charging(desk: RestDesk, station: Station, key: int) -> int:
    """The key of a transaction under way."""
    station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
    station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
    page = await desk.until("/transactions", lambda page: page["items"] and page["items"][0]["token"], station=key)
    return int(page["items"][0]["key"])


async def refused(desk: RestDesk, key: int, body: dict[str, Any]) -> tuple[int, Any]:
    answer = await desk.http.post(f"{ROOT}/stations/{key}/commands", json=body)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_the_running_cost_is_told_where_a_version_can_carry_it(desk: RestDesk, version: Version) -> None:
    await desk.send("POST", "/tariff-assignments", {"tariff": "street"})
    async with running_station(desk, version) as (station, key):
        transaction = await charging(desk, station, key)
        await asyncio.sleep(0.2)
        told = await desk.command(key, "CostUpdated", transaction=transaction)
        if version is Version.V16:
            assert told["state"] == "unsupported"
        else:
            assert told["state"] in ("accepted", "effect_seen"), told
            assert "EUR" in station.hardware.display(1)  # type: ignore[attr-defined]


async def test_without_a_tariff_there_is_no_cost_to_tell(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (station, key):
        transaction = await charging(desk, station, key)
        status, problem = await refused(desk, key, {"type": "CostUpdated", "transaction": transaction})
        assert (status, problem["detail"]) == (409, "No tariff applies to the transaction.")


@pytest.mark.parametrize("kind", ["SetDefaultTariff", "ChangeTransactionTariff"])
async def test_a_tariff_that_is_not_there_is_named(desk: RestDesk, kind: str) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        fields = {} if kind == "SetDefaultTariff" else {"transaction": await charging(desk, station, key)}
        status, problem = await refused(desk, key, {"type": kind, "tariff": "nope", **fields})
        assert status == 422
        assert [(error["path"], error["detail"]) for error in problem["errors"]] == [
            ("body.tariff", "there is no such tariff")
        ]


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_station_without_local_cost_says_so(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version, tariff_enabled=False) as (_, key):
        told = await desk.command(key, "SetDefaultTariff", tariff="street")
        assert told["state"] == ("failed" if version is Version.V21 else "unsupported"), told
        assert told["detail"]
