"""A payment by card from a simulated terminal to the API, and priority charging from the API to a station."""

from collections.abc import AsyncIterator

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token("04A1B2C3", "ISO14443")
        yield made


async def test_c18_to_c21_a_payment_is_listed_beside_its_transaction(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model="Card payment 2x22") as (station, key):
        hardware = station.hardware
        terminal = hardware.terminal()  # type: ignore[attr-defined]
        serial = hardware.describe().info.serial_number  # type: ignore[attr-defined]
        await desk.bench.add_token(f"{serial}-0001", "DirectPayment")
        hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
        psp_ref = terminal.pay(1)
        page = await desk.until("/transactions", lambda found: any(tx["token"] for tx in found["items"]), station=key)
        (begun,) = page["items"]
        assert (begun["token"], begun["token_type"]) == (psp_ref, "DirectPayment")

        assert await terminal.enter_vat_number("DE136695976", 1)
        (check,) = (await desk.get("/vat-checks", station=key))["items"]
        assert (check["vat_number"], check["accepted"], check["transaction"]) == ("DE136695976", True, begun["key"])

        hardware.press_stop(1)  # type: ignore[attr-defined]
        (told,) = (await desk.until("/settlements", lambda found: found["items"], station=key))["items"]
        assert (told["psp_ref"], told["transaction"]) == (psp_ref, begun["key"])
        assert told["vat_number"] == "DE136695976"
        assert await desk.get(f"/settlements/{told['key']}") == told
        assert (await desk.get("/settlements", transaction=begun["key"]))["items"] == [told]
        assert (await desk.get("/settlements", psp_ref="another"))["items"] == []
        await desk.send("GET", "/settlements/999999", status=404)


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_k21_priority_charging_says_what_a_version_can(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        asked = await desk.command(key, "UsePriorityCharging", transaction_id="nobody", activate=True)
        if version is Version.V21:
            assert (asked["state"], asked["status"]) == ("rejected", "Rejected")
        else:
            assert asked["state"] == "unsupported"
            assert "2.1" in asked["detail"]
        assert (await desk.get(f"/stations/{key}/priority-charging"))["items"] == []


async def test_k21_a_transaction_is_named_by_its_key(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
        page = await desk.until("/transactions", lambda found: found["items"], station=key)
        transaction = page["items"][0]["key"]
        asked = await desk.command(key, "UsePriorityCharging", transaction=transaction, activate=True)
        assert (asked["state"], asked["status"]) == ("rejected", "NoProfile")
        body = {"type": "UsePriorityCharging", "transaction": 999_999, "activate": True}
        await desk.send("POST", f"/stations/{key}/commands", body, status=422)
