"""Prices made, tried out, published and read on displays: every command of docs/howto/set-prices.md, and its table."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rest_desk import ROOT, RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "set-prices.md"
CARD = IdToken("04A1B2C3", "ISO14443")


class Step(NamedTuple):
    method: str
    path: str
    body: Any


def steps_of_the_page() -> list[Step]:
    """Every command that it has."""
    blocks = re.findall(r"```\n\s*(POST|PUT) (\S+)\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL)
    return [Step(method, path, json.loads(body)) for method, path, body in blocks]


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        yield made


async def done(desk: RestDesk, station: int, keys: list[int]) -> list[str]:
    """The states of commands once they are answered."""
    path = f"/stations/{station}/commands"
    found = [await desk.until(f"{path}/{key}", lambda c: c["state"] not in ("queued", "sent")) for key in keys]
    return [each["state"] for each in found]


async def reads(station: Station, text: str) -> str:
    async with asyncio.timeout(10):
        while text not in station.hardware.display(1):  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
    return str(station.hardware.display(1))  # type: ignore[attr-defined]


async def test_the_page_from_the_first_command_to_the_last(desk: RestDesk) -> None:
    steps = steps_of_the_page()
    assert [(step.method, step.path) for step in steps] == [
        ("PUT", "/sites/Harbour"),
        ("PUT", "/stations/S/places/0"),
        ("POST", "/tariffs"),
        ("POST", "/tariffs/harbour/preview"),
        ("POST", "/tariff-assignments"),
        ("POST", "/stations/S/commands"),
        ("POST", "/tariffs/harbour/publish"),
        ("PUT", "/tariffs/harbour"),
        ("POST", "/tariffs/harbour/publish"),
    ]
    async with AsyncExitStack() as stack:
        running = {
            version: await stack.enter_async_context(running_station(desk, version, identity=f"CS-{version}"))
            for version in JSON_VERSIONS
        }
        keys = {version: key for version, (_, key) in running.items()}
        answers = []
        for step in steps:
            for key in keys.values() if "/S/" in step.path else (0,):
                answer = await desk.http.request(
                    step.method, ROOT + step.path.replace("/S/", f"/{key}/"), json=step.body
                )
                assert answer.status_code in (200, 201, 202), answer.text
                answers.append(answer.json() if answer.content else None)
            if step.path.endswith("/commands"):
                await asyncio.sleep(1)
        (preview,) = [each for each in answers if each and "price_text" in each and "content" in each]
        assert (preview["content"]["net"], preview["content"]["total"]) == ("10.50", "12.50")
        published, again = [each for each in answers if each and "stations" in each]
        assert (published["version"], again["version"]) == (1, 2)
        for told in (*published["stations"], *again["stations"]):
            assert told["unsupported"] is None
            states = await done(desk, told["station"], told["commands"])
            assert set(states) <= {"accepted", "effect_seen"}, (told, states)
        for identity, (station, _) in enumerate(running.values()):
            await desk.bench.add_token(f"0{identity}", "ISO14443")
            station.hardware.present(IdToken(f"0{identity}", "ISO14443"), 1)  # type: ignore[attr-defined]
            await reads(station, "0.39 EUR/kWh")


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_driver_who_is_offline_reads_what_was_published(desk: RestDesk, version: Version) -> None:
    await desk.send("POST", "/tariffs", {"name": "one", "currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}})
    async with running_station(desk, version, offline_tx_for_unknown_id_enabled=True) as (station, key):
        await desk.command(key, "GetBaseReport", report_base="FullInventory")
        await asyncio.sleep(1)
        told = await desk.send(
            "POST", "/tariffs/one/publish", {"stations": [key], "offline_text": "50 cents, offline too"}, status=200
        )
        await done(desk, key, told["stations"][0]["commands"])
        session = desk.bench.csms.directory.get(key).session  # type: ignore[union-attr]
        assert session is not None
        session.close(1001, "for the test")
        await asyncio.sleep(1)
        station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
        await reads(station, "50 cents, offline too" if version is Version.V16 else "0.50 EUR/kWh")


async def test_a_station_that_cannot_show_a_price_is_named_with_the_reason(desk: RestDesk) -> None:
    await desk.send("POST", "/tariffs", {"name": "one", "currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}})
    await desk.send("POST", "/stations", {"identity": "NEVER"})
    async with running_station(desk, Version.V16, display_cost_and_price=False) as (_, key):
        told = await desk.send("POST", "/tariffs/one/publish", {"all": True}, status=200)
        reasons = {each["station"]: each["unsupported"] for each in told["stations"]}
        assert reasons.pop(key).startswith("the station does not say that it shows prices")
        assert list(reasons.values()) == ["the station has never connected, so its version is not known"]
        assert all(each["commands"] == [] for each in told["stations"])


async def test_a_price_for_one_evse_alone_needs_2_1(desk: RestDesk) -> None:
    await desk.send("POST", "/tariffs", {"name": "one", "currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}})
    async with running_station(desk, Version.V201) as (_, key):
        told = await desk.send("POST", "/tariffs/one/publish", {"stations": [key], "evse_id": 1}, status=200)
        assert "OCPP 2.1" in told["stations"][0]["unsupported"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "body"),
        ({"all": True, "site": "x"}, "body"),
        ({"stations": [999_999]}, "body.stations"),
        ({"site": "nowhere"}, "body.site"),
    ],
)
async def test_where_to_publish_must_be_said_once(desk: RestDesk, body: Any, path: str) -> None:
    await desk.send("POST", "/tariffs", {"name": "one", "currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}})
    problem = await desk.send("POST", "/tariffs/one/publish", body, status=422)
    assert [each["path"] for each in problem["errors"]] == [path]
    await desk.send("POST", "/tariffs/other/publish", {"all": True}, status=404)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"end": "2027-07-01T10:00:00Z"}, "body.end"),
        ({"idle_from": "2027-07-01T09:00:00Z"}, "body.idle_from"),
        ({"zone": "Mars/Olympus"}, "body.zone"),
        ({"version": 7}, "body.version"),
        ({"steps": [{"at": "2027-07-01T10:30:00Z", "energy_wh": 5000}]}, "body.energy_wh"),
    ],
)
async def test_a_made_up_session_must_be_possible(desk: RestDesk, changes: Any, path: str) -> None:
    await desk.send("POST", "/tariffs", {"name": "one", "currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}})
    session = {"start": "2027-07-01T10:00:00Z", "end": "2027-07-01T11:00:00Z", "energy_wh": 1000, **changes}
    problem = await desk.send("POST", "/tariffs/one/preview", session, status=422)
    assert [each["path"] for each in problem["errors"]] == [path]


async def test_a_station_that_reckons_by_itself_goes_by_the_driver_s_tariff(desk: RestDesk) -> None:
    made = await desk.send(
        "POST",
        "/tariffs",
        {
            "name": "mine",
            "currency": "EUR",
            "fixed": {"prices": [{"amount": 3}]},
            "energy": {"prices": [{"amount": 0.5}]},
        },
    )
    await desk.send("POST", "/tariff-assignments", {"tariff": "mine"})
    async with running_station(desk, Version.V21, tx_updated_interval_s=10) as (station, key):
        await desk.command(key, "GetBaseReport", report_base="FullInventory")
        await asyncio.sleep(1)
        station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
        await reads(station, "0.50 EUR/kWh")
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
        (transaction,) = (await desk.until("/transactions", lambda page: page["items"], station=key))["items"]
        wire_id = f"mine.{made['key']}"
        await desk.until(f"/transactions/{transaction['key']}/events", lambda page: wire_id in json.dumps(page))
        await asyncio.sleep(60)  # the price has stood there for long enough
        await reads(station, "Charging: 3.")


@pytest.mark.parametrize("version", [Version.V20, Version.V201])
async def test_a_driver_reads_a_cost_that_grows_while_the_station_says_nothing(
    desk: RestDesk, version: Version
) -> None:
    per_minute = {"currency": "EUR", "charging_time": {"prices": [{"amount": 1}]}}
    await desk.send("POST", "/tariffs", {"name": "time", **per_minute})
    await desk.send("POST", "/tariff-assignments", {"tariff": "time"})
    async with running_station(desk, version, tx_updated_interval_s=0) as (station, key):
        await desk.command(key, "GetBaseReport", report_base="FullInventory")
        await asyncio.sleep(1)
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.2))  # type: ignore[attr-defined]
        station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
        await asyncio.sleep(10 * 60)
        shown = re.search(r"([0-9.]+) EUR", station.hardware.display(1))  # type: ignore[attr-defined]
        assert shown is not None
        assert 8 < float(shown[1]) <= 10
