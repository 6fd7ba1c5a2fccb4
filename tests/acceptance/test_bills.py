"""Tariffs made over REST, sessions of simulated stations of every version, bills right to the cent and explained."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from rest_desk import ROOT, RestDesk, open_desk, running_station
from station_ways import every_version, one_of_each

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

CARD = IdToken("04A1B2C3", "ISO14443")
CENT = Decimal("0.01")
PRICES: dict[str, Any] = {
    "currency": "EUR",
    "energy": {"prices": [{"amount": 0.4321}], "taxes": [{"name": "VAT", "percent": 19}]},
    "fixed": {"prices": [{"amount": 0.35}], "taxes": [{"name": "VAT", "percent": 19}]},
}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        yield made


_MONEY = ("amount", "price", "net", "tax", "total", "difference")


def with_money(found: dict[str, Any]) -> dict[str, Any]:
    """Amounts are told as text, as JSON has no decimals."""
    for name in _MONEY:
        if found.get(name) is not None:
            assert isinstance(found[name], str), name
            found[name] = Decimal(found[name])
    return found


async def exact(desk: RestDesk, path: str, **query: Any) -> Any:
    """What is at a path, numbers with all of their digits."""
    answer = await desk.http.get(ROOT + path, params=query)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.content, parse_float=Decimal, object_hook=with_money)


async def publish(desk: RestDesk, **terms: Any) -> Any:
    """A tariff for all, everywhere."""
    tariff = await desk.send("POST", "/tariffs", {"name": "street", **PRICES, **terms})
    await desk.send("POST", "/tariff-assignments", {"tariff": "street"})
    return tariff


async def charged(desk: RestDesk, station: Station, key: int) -> Any:
    """A transaction from the card at the reader to the cable that is pulled."""
    station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
    station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
    await desk.until("/transactions", lambda page: page["items"] and page["items"][0]["token"], station=key)
    await asyncio.sleep(0.3)
    station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
    await asyncio.sleep(0.05)
    station.hardware.unplug(1)  # type: ignore[attr-defined]
    page = await desk.until("/transactions", lambda page: not page["items"][0]["open"], station=key)
    return page["items"][0]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def is_right(content: Any) -> None:
    """The tariff applied by hand, and the sum of the lines."""
    kwh = Decimal(content["energy_wh"]) / 1000
    net = cents(kwh * Decimal("0.4321")) + (Decimal("0.35") if kwh else 0)
    assert content["net"] == net
    assert content["total"] == net + cents(net * Decimal("0.19"))
    assert sum(line["amount"] for line in content["lines"]) == content["total"]


@every_version
async def test_a_session_of_every_version_has_a_bill_that_is_right_and_explained(
    desk: RestDesk, version: Version
) -> None:
    await publish(desk)
    async with running_station(desk, version) as (station, key):
        transaction = await charged(desk, station, key)

        bill = await exact(desk, f"/transactions/{transaction['key']}/bill")

        content = bill["content"]
        assert bill["state"] == "issued"
        if version.family == 2:  # in 1.x a status that is told late makes a version
            assert (bill["version"], bill["cause"]) == (1, "ended")
        assert content["energy_wh"] == Decimal(str(transaction["energy_wh"]))
        is_right(content)
        again = await desk.send("POST", f"/bills/{bill['key']}/recompute", status=200)
        assert again["same"] is True
        told = await exact(desk, f"/bills/{bill['key']}/explanation")
        assert told["tariff"] == "street, version 1"
        assert any(str(content["total"]) in sentence for sentence in told["sentences"])


@one_of_each
async def test_an_open_transaction_has_a_cost_so_far_and_no_bill(desk: RestDesk, version: Version) -> None:
    await publish(desk)
    async with running_station(desk, version) as (station, key):
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
        station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
        page = await desk.until("/transactions", lambda page: page["items"] and page["items"][0]["token"], station=key)
        path = f"/transactions/{page['items'][0]['key']}"
        assert (await desk.http.get(f"{ROOT}{path}/bill")).status_code == 409
        assert (await desk.get(f"{path}/running-cost"))["content"]["currency"] == "EUR"
        await desk.send("POST", f"{path}/corrections", {"kind": "waive", "reason": "too early"}, status=409)


async def test_a_tenant_without_tariffs_has_no_bills(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (station, key):
        transaction = await charged(desk, station, key)
        assert (await desk.get("/bills"))["items"] == []
        await desk.send("GET", f"/transactions/{transaction['key']}/bill", status=404)


async def test_corrections_make_versions_and_lose_nothing(desk: RestDesk) -> None:
    await publish(desk)
    async with running_station(desk, Version.V201) as (station, key):
        transaction = await charged(desk, station, key)
        path = f"/transactions/{transaction['key']}"
        first = await exact(desk, f"{path}/bill")

        less = {"kind": "adjustment", "reason": "the light was out", "amount": -0.10, "text": "goodwill"}
        await desk.send("POST", f"{path}/corrections", less)
        second = await exact(desk, f"{path}/bill")
        assert second["corrects"] == first["key"]
        assert second["content"]["net"] == first["content"]["net"] - Decimal("0.10")
        assert second["difference"] == second["content"]["total"] - first["content"]["total"]

        await desk.send("POST", f"{path}/corrections", {"kind": "waive", "reason": "we broke the cable"})
        third = await exact(desk, f"{path}/bill")
        assert third["content"]["total"] == 0

        versions = (await exact(desk, f"{path}/bill-versions"))["items"]
        assert [each["version"] for each in versions] == [3, 2, 1]
        assert [each["state"] for each in versions] == ["issued", "superseded", "superseded"]
        assert versions[2] == {**first, "state": "superseded"}
        (adjusted, _) = (await desk.get(f"{path}/corrections"))["items"]
        assert (adjusted["change"]["kind"], adjusted["change"]["amount"]) == ("adjustment", "-0.1")
        reasons = [each["reason"] for each in (await desk.get(f"{path}/corrections"))["items"]]
        assert reasons == ["the light was out", "we broke the cable"]
        for each in versions:
            assert (await desk.send("POST", f"/bills/{each['key']}/recompute", status=200))["same"] is True


async def test_a_correction_names_another_tariff_readings_times_or_payer(desk: RestDesk) -> None:
    await publish(desk)
    await desk.send("POST", "/tariffs", {"name": "staff", "currency": "EUR", "energy": {"prices": [{"amount": 0.1}]}})
    async with running_station(desk, Version.V16) as (station, key):
        transaction = await charged(desk, station, key)
        path, ended = f"/transactions/{transaction['key']}", datetime.fromisoformat(transaction["ended_at"])

        stated = [{"at": transaction["ended_at"], "wh": transaction["meter_stop_wh"] + 10_000, "mark": "end"}]
        gone = [{"at": transaction["ended_at"], "wh": transaction["meter_stop_wh"], "mark": "end"}]
        corrections: list[dict[str, Any]] = [
            {"kind": "tariff", "tariff": "staff"},
            {"kind": "register", "stated": stated, "without": gone},
            {"kind": "times", "ended_at": (ended + timedelta(minutes=5)).isoformat()},
            {"kind": "payer", "payer": "the fleet"},
        ]
        for correction in corrections:
            await desk.send("POST", f"{path}/corrections", {"reason": "told by phone", **correction})

        crossed = {"kind": "times", "ended_at": transaction["started_at"], "reason": "told by phone"}
        problem = await desk.send("POST", f"{path}/corrections", crossed, status=422)
        assert problem["errors"] == [{"path": "body.ended_at", "detail": "is not after the start"}]

        made = (await desk.get(f"{path}/corrections"))["items"]
        assert made[0]["change"] == {"kind": "tariff", "tariff": "staff", "version": 1}
        assert made[1]["change"]["stated"][0]["wh"] == stated[0]["wh"]

        bill = await exact(desk, f"{path}/bill")
        versions = (await desk.get(f"{path}/bill-versions"))["items"]
        assert [each["cause"] for each in versions].count("correction") == 4
        assert (await desk.get("/bills", count="true"))["total"] == 1
        assert (await desk.get("/bills", state="superseded", count="true", limit=1))["total"] == len(versions) - 1
        assert bill["version"] == len(versions)  # a status that 1.6 tells late makes one of its own
        assert bill["payer"] == "the fleet"
        assert bill["content"]["energy_wh"] == Decimal(str(transaction["energy_wh"])) + 10_000
        assert bill["content"]["net"] == cents(Decimal(bill["content"]["energy_wh"]) / 1000 * Decimal("0.1"))
        assert (await desk.get(f"/bills/{bill['key']}/explanation"))["tariff"] == "staff, version 1"


async def test_a_held_bill_is_let_go_by_somebody_and_only_then_exported(desk: RestDesk) -> None:
    await desk.send("POST", "/tariffs", {"name": "street", **PRICES})  # assigned to nobody
    async with running_station(desk, Version.V201) as (station, key):
        transaction = await charged(desk, station, key)
        held = await desk.get(f"/transactions/{transaction['key']}/bill")
        assert (held["state"], held["content"]["total"]) == ("held", "0.00")
        assert "no_tariff" in held["content"]["flags"]
        assert [each["key"] for each in (await desk.get("/bills", flag="no_tariff", state="held"))["items"]] == [
            held["key"]
        ]
        assert (await desk.get("/cdrs"))["items"] == []
        assert [each["bill"] for each in (await desk.get("/cdrs", include="held"))["items"]] == [held["key"]]

        let_go = await desk.send("POST", f"/bills/{held['key']}/release")

        assert (let_go["state"], let_go["cause"], let_go["version"]) == ("issued", "released", 2)
        assert [each["bill"] for each in (await desk.get("/cdrs"))["items"]] == [let_go["key"]]
        refused = await desk.send("POST", f"/bills/{let_go['key']}/release", status=409)
        assert "not held" in refused["detail"]


async def test_cdrs_as_json_and_csv_say_the_same_and_an_export_goes_on(desk: RestDesk) -> None:
    await publish(desk)
    await desk.send("PUT", "/sites/Harbour", {"zone": "Europe/Berlin"}, status=200)
    async with running_station(desk, Version.V201) as (station, key):
        await desk.send("PUT", f"/stations/{key}/places/0", {"site": "Harbour", "evse_kind": "AC"}, status=200)
        transaction = await charged(desk, station, key)
        (record,) = (await exact(desk, "/cdrs"))["items"]

        assert (record["cdr_id"], record["station"], record["site"]) == (str(transaction["key"]), "CS-1", "Harbour")
        assert (record["token"], record["zone"]) == (CARD.value, "Europe/Berlin")
        begun = datetime.fromisoformat(record["started_at"]).astimezone(UTC)
        local = datetime.fromisoformat(record["started_local"]).replace(tzinfo=UTC)
        assert local - begun in (timedelta(hours=1), timedelta(hours=2))

        text = (await desk.http.get(f"{ROOT}/cdrs", params={"format": "csv"})).text
        (row,) = csv.DictReader(io.StringIO(text))
        assert (row["cdr_id"], row["total"], row["energy_kwh"]) == (
            record["cdr_id"],
            str(record["total"]),
            str(record["energy_kwh"]),
        )
        assert (await desk.get("/cdrs", after=record["bill"]))["items"] == []
        await desk.send("POST", f"/transactions/{transaction['key']}/corrections", {"kind": "waive", "reason": "test"})
        (news,) = (await exact(desk, "/cdrs", after=record["bill"]))["items"]
        assert (news["corrects"], news["difference"]) == (record["bill"], -record["total"])


async def test_the_tariff_of_a_session_is_chosen_by_person_and_place_and_says_why(desk: RestDesk) -> None:
    await publish(desk)
    await desk.send("POST", "/tariffs", {"name": "fleet", "currency": "EUR", "energy": {"prices": [{"amount": 0.2}]}})
    token = await desk.bench.add_token("F1", group="fleet-a")
    await desk.send("POST", "/tariff-assignments", {"tariff": "fleet", "group": "fleet-a"})
    async with running_station(desk, Version.V201) as (_, key):
        mine = await desk.get("/tariff-choice", station=key, token="F1")
        assert (mine["tariff"], mine["candidates"][0]["why_not"]) == ("fleet", "")
        assert "group fleet-a" in mine["why"]
        others = await desk.get("/tariff-choice", station=key)
        assert others["tariff"] == "street"
        assert [each["why_not"] for each in others["candidates"]] == ["", "is for another group"]
        withdrawn = others["candidates"][0]["assignment"]["key"]
        await desk.send("DELETE", f"/tariff-assignments/{withdrawn}", status=200)
        assert (await desk.get("/tariff-choice", station=key))["tariff"] is None
        await desk.send("DELETE", f"/tariff-assignments/{withdrawn}", status=409)
    assert token.group == "fleet-a"


async def test_a_tariff_is_changed_by_versions_that_never_reach_back(desk: RestDesk) -> None:
    first = await publish(desk)
    past = (desk.bench.clock.now() - timedelta(hours=1)).isoformat()
    refused = await desk.send("PUT", "/tariffs/street", {**PRICES, "valid_from": past}, status=409)
    assert "not later" in refused["detail"]
    later = (desk.bench.clock.now() + timedelta(days=1)).isoformat()
    second = await desk.send("PUT", "/tariffs/street", {**PRICES, "valid_from": later, "currency": "CHF"}, status=200)
    assert (second["version"], second["wire_id"] != first["wire_id"]) == (2, True)
    versions = (await desk.get("/tariffs/street/versions"))["items"]
    assert [(each["version"], each["currency"]) for each in versions] == [(2, "CHF"), (1, "EUR")]
    await desk.send("POST", "/tariffs", {"name": "street", **PRICES}, status=409)
    await desk.send("GET", "/tariffs/none", status=404)


WRONG: list[tuple[Any, str]] = [
    (
        {"energy": {"prices": [{"amount": 0.1, "when": {"from_hour": "10:00"}}]}},
        "body.energy.prices[0].when.from_hour",
    ),
    ({"idle_time": {"prices": [{"amount": -1}]}}, "body.idle_time.prices[0].amount"),
    ({"energy": {"prices": [{"amount": "NaN"}]}}, "body.energy.prices[0].amount"),
    ({"currency": "euro"}, "body.currency"),
    ({"valid_from": "2020-01-01T00:00:00Z"}, "body.valid_from"),
]


async def test_a_tariff_that_cannot_be_is_refused_with_the_place(desk: RestDesk) -> None:
    for terms, path in WRONG:
        problem = await desk.send("POST", "/tariffs", {"name": "wrong", **PRICES, **terms}, status=422)
        assert [each["path"] for each in problem["errors"]] == [path], terms
    assert (await desk.get("/tariffs"))["items"] == []


async def test_places_need_sites_and_zones_that_exist(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        await desk.send("PUT", "/sites/Moon", {"zone": "Moon/Crater"}, status=422)
        await desk.send("PUT", f"/stations/{key}/places/1", {"site": "Moon"}, status=422)
        await desk.send("PUT", "/sites/Harbour", {"zone": "Europe/Berlin"}, status=200)
        placed = await desk.send("PUT", f"/stations/{key}/places/1", {"site": "Harbour"}, status=200)
        assert placed["zone_in_force"] == "Europe/Berlin"
        own = await desk.send("PUT", f"/stations/{key}/places/0", {"zone": "Asia/Kolkata"}, status=200)
        assert own["zone_in_force"] == "Asia/Kolkata"
        await desk.send("DELETE", f"/stations/{key}/places/1", status=204)
        assert [each["evse_id"] for each in (await desk.get(f"/stations/{key}/places"))["items"]] == [0]
        await desk.send("DELETE", f"/stations/{key}/places/1", status=404)
