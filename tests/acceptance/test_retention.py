"""How long things are kept is each tenant's own word, over REST and in the file; a bill's evidence is never thinned."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.cli.config import load
from stationmaster.cli.node_terms import csms_settings
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station
from stationmaster.testing.bench import OPEN

CARD = IdToken("04A1B2C3", "ISO14443")
TARIFF = {"name": "street", "currency": "EUR", "energy": {"prices": [{"amount": 0.4}]}}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        yield made


async def charged(desk: RestDesk, station: Station, key: int, minutes: int) -> str:
    """The path of a transaction that is over."""
    hardware: Any = station.hardware
    hardware.plug(1, EV(ev_model("Compact 58"), 0.2))
    hardware.present(CARD, 1)
    await desk.until("/transactions", lambda page: any(tx["token"] for tx in page["items"]), station=key)
    await asyncio.sleep(60 * minutes)
    hardware.present(CARD, 1)
    await asyncio.sleep(5)
    hardware.unplug(1)
    ended = await desk.until("/transactions", lambda page: not page["items"][0]["open"], station=key)
    return f"/transactions/{ended['items'][0]['key']}"


async def let_go(desk: RestDesk, days: float) -> dict[str, int]:
    """What is let go of when so much time has passed."""
    own = await desk.bench.csms.retention.of_tenants()
    now = desk.bench.clock.now() + timedelta(days=days)
    return await desk.bench.storage.retention.run(desk.bench.csms.retention.program, now, own)


async def values_of(desk: RestDesk, path: str) -> list[Any]:
    return list((await desk.get(f"{path}/meter-values", limit=1000))["items"])


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_transaction_is_thinned_out_and_its_bill_stays_to_the_cent(desk: RestDesk, version: Version) -> None:
    await desk.send("POST", "/tariffs", TARIFF)
    await desk.send("POST", "/tariff-assignments", {"tariff": "street"})
    every_minute = {"sampled_tx_updated_interval_s": 60}
    async with running_station(desk, version, **every_minute) as (station, key):
        path = await charged(desk, station, key, 60)
    bill, before = await desk.get(f"{path}/bill"), await values_of(desk, path)
    told = await desk.send("PUT", "/retention", {"downsample_after_days": 10, "downsample_minutes": 20}, status=200)
    assert (told["in_force"]["downsample_after_days"], told["in_force"]["readings_days"]) == (10, None)
    assert (await let_go(desk, 9)).get("readings_thinned", 0) == 0

    gone = await let_go(desk, 11)

    after = await values_of(desk, path)
    assert gone["readings_thinned"] == len(before) - len(after) > 40
    marked = [value for value in before if "Transaction." in str(value["samples"])]
    assert all(value in after for value in (before[0], before[-1], *marked))
    assert (await desk.send("POST", f"/bills/{bill['key']}/recompute", status=200))["same"] is True
    reason = {"kind": "adjustment", "amount": 0.01, "text": "a cent", "reason": "to make it anew"}
    await desk.send("POST", f"{path}/corrections", reason)
    assert (await desk.get(f"{path}/bill"))["content"]["energy_wh"] == bill["content"]["energy_wh"]


async def test_what_was_signed_outlives_the_rest(desk: RestDesk) -> None:
    signing = {"sampled_sign_readings": True, "sampled_tx_updated_interval_s": 60}
    async with running_station(desk, Version.V201, model="Calibrated 2x22", **signing) as (station, key):
        path = await charged(desk, station, key, 5)
    before = (await desk.get(f"{path}/signed-data"))["values"]
    await desk.send("PUT", "/retention", {"readings_days": 30, "signed_readings_days": 100}, status=200)
    await let_go(desk, 31)
    assert (await desk.get(f"{path}/signed-data"))["values"] == before
    await let_go(desk, 101)
    assert (await desk.get(f"{path}/signed-data"))["values"] == []


async def test_values_told_while_nobody_charges_are_thinned_out_but_where_energy_was_counted(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16, aligned_interval_s=60) as (station, key):
        hardware: Any = station.hardware
        await asyncio.sleep(3600 * 3)
        hardware.plug(1, EV(ev_model("Compact 58"), 0.2))
        hardware.set_contactor(1, True)
        await asyncio.sleep(60 * 10)
    terms = {"idle_downsample_after_days": 1, "idle_downsample_minutes": 60}
    await desk.send("PUT", "/retention", terms, status=200)
    before = await idle_values(desk, key)
    gone = await let_go(desk, 2)
    after = await idle_values(desk, key)
    assert gone["idle_readings_thinned"] == before - after > 300
    assert 10 <= after <= 2 * 5 + 12


async def idle_values(desk: RestDesk, key: int) -> int:
    def count(writing: Any) -> int:
        sql = "SELECT count(*) FROM readings WHERE station_key = ? AND transaction_key IS NULL"
        return int(writing.connection.execute(sql, (key,)).fetchone()[0])

    return await desk.bench.storage.journal.run(count)


async def test_terms_of_the_file_hold_for_a_tenant_and_those_over_rest_go_before(tmp_path: Path) -> None:
    file = tmp_path / "stationmaster.toml"
    file.write_text("[storage]\nreadings_days = 300\n[tenants.acme]\nreadings_days = 20\nframes_days = 3\n")
    told = csms_settings(load({}, {}, config=file).settings)
    settings = msgspec.structs.replace(OPEN, retention=told.retention, policies=told.policies)
    async with open_desk(settings) as desk:
        retention = desk.bench.csms.retention
        of_tenants = await retention.of_tenants()
        assert (of_tenants["acme"].readings_days, of_tenants["acme"].frames_days) == (20, 3)
        assert retention.program.readings_days == 300
        seen = await desk.send("PUT", "/retention", {"readings_days": 0, "oddities_days": 5}, status=200)
        assert (seen["in_force"]["readings_days"], seen["in_force"]["oddities_days"]) == (None, 5)
        assert seen["own"]["readings_days"] == 0
        assert await desk.get("/retention") == seen
        of_tenants = await retention.of_tenants()
        assert (of_tenants["default"].readings_days, of_tenants["acme"].oddities_days) == (None, 90)
        assert (await desk.send("PUT", "/retention", {}, status=200))["in_force"]["readings_days"] == 300


async def test_terms_that_cannot_be_are_refused(desk: RestDesk) -> None:
    await desk.send("PUT", "/retention", {"readings_days": -1}, status=422)
    await desk.send("PUT", "/retention", {"downsample_minutes": 0}, status=422)
    await desk.send("PUT", "/retention", {"bills_days": 1}, status=422)
