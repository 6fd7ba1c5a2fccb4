"""A station of 1.6 lets everybody charge without a token: its transactions and their energy are in the CSMS."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV

NOBODY = "NOAUTH"


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def charged(desk: RestDesk, key: int, hardware: Any) -> Any:
    """The transaction of a car that is there for an hour, and takes what it gets."""
    hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
    await desk.until("/transactions", lambda page: page["items"], station=key)
    await desk.bench.clock.sleep(3600)
    hardware.unplug(1)
    page = await desk.until("/transactions", lambda page: not page["items"][0]["open"], station=key)
    (transaction,) = page["items"]
    return transaction


async def test_with_the_id_tag_stored_as_a_token_it_charges_and_its_energy_is_kept(desk: RestDesk) -> None:
    await desk.send("POST", "/tokens", {"value": NOBODY})
    async with running_station(desk, Version.V16, auth_enabled=False) as (station, key):
        transaction = await charged(desk, key, station.hardware)

    assert (transaction["token"], transaction["authorization"]) == (NOBODY, "Accepted")
    assert float(transaction["energy_wh"]) > 10_000
    assert transaction["energy_source"] == "registers"
    assert (await desk.get("/refusals", station=key))["items"] == []


async def test_a_stored_id_tag_without_a_limit_lets_all_EVSEs_charge_at_once(desk: RestDesk) -> None:
    await desk.send("POST", "/tokens", {"value": NOBODY, "max_concurrent": None})
    async with running_station(desk, Version.V16, auth_enabled=False) as (station, key):
        hardware: Any = station.hardware
        for evse in (1, 2):
            hardware.plug(evse, EV(ev_model("Compact 58"), 0.5))
        page = await desk.until("/transactions", lambda page: len(page["items"]) == 2, station=key)
        assert {(each["evse_id"], each["authorization"]) for each in page["items"]} == {
            (1, "Accepted"),
            (2, "Accepted"),
        }
        await desk.bench.clock.sleep(60)
        assert hardware.energized(1) and hardware.energized(2)


@pytest.mark.parametrize(("stops", "reason"), [(True, "DeAuthorized"), (False, "EVDisconnected")])
async def test_with_the_id_tag_unknown_its_transaction_is_kept_and_the_refusal_is_shown(
    desk: RestDesk, stops: bool, reason: str
) -> None:
    settings = {"stop_tx_on_invalid_id": stops, "max_energy_on_invalid_id_wh": 500}
    async with running_station(desk, Version.V16, auth_enabled=False, **settings) as (station, key):
        transaction = await charged(desk, key, station.hardware)

    assert (transaction["token"], transaction["authorization"]) == (NOBODY, "Unknown")
    assert transaction["stopped_reason"] == reason
    assert transaction["energy_source"] == "registers"
    assert (float(transaction["energy_wh"]) > 0) is not stops
    (refusal,) = (await desk.get("/refusals", station=key))["items"]
    assert (refusal["token"], refusal["status"]) == (NOBODY, "Unknown")
    assert refusal["transaction"] == transaction["key"]
