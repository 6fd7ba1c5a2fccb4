"""From a QR code on a display to a settled bill, step by step as docs/howto/take-web-payments.md tells it."""

import asyncio
import json
import re
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.cli.node_terms import csms_settings
from stationmaster.cli.settings import ServeSettings
from stationmaster.csms.ports import OtherSystems
from stationmaster.csms.settings import CsmsSettings, TenantPolicy, VatPolicy
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.security.web_payment_secrets import shared_secret
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Station
from stationmaster.testing import csms_bench

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "take-web-payments.md"
PAGE = HOWTO.read_text(encoding="utf-8")


def body_of(request: str) -> Any:
    """What the page sends with a request."""
    found = re.search(rf"{re.escape(request)}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None, request
    return json.loads(found[1])


def inline(before: str) -> Any:
    """A JSON object within a line of the page."""
    found = re.search(rf"{re.escape(before)}(\{{.*?\}}+)`", PAGE)
    assert found is not None, before
    return json.loads(found[1])


def settings_of_the_page() -> ServeSettings:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return ServeSettings(registration="open", **tomllib.loads(found[1])["payments"])


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk(csms_settings(settings_of_the_page())) as made:
        yield made


async def shown(station: Station, evse_id: int = 1) -> str:
    """The address in the code on the display; it takes turns with what else is to be read there."""
    hardware = station.hardware
    assert isinstance(hardware, SimulatedHardware)
    async with asyncio.timeout(30):
        while not hardware.display(evse_id).startswith("[QR] "):
            await asyncio.sleep(0.5)
    return hardware.display(evse_id).removeprefix("[QR] ")


def hardware_of(station: Station) -> SimulatedHardware:
    assert isinstance(station.hardware, SimulatedHardware)
    return station.hardware


async def refused(desk: RestDesk, url: str) -> str:
    problem = await desk.send("POST", "/web-payments", {"url": url}, status=409)
    return str(problem["type"]).rpartition(":")[2]


async def test_the_page_from_the_first_step_to_the_last(desk: RestDesk) -> None:
    await desk.send("POST", "/tariffs", {"name": "t", "currency": "EUR", "energy": {"prices": [{"amount": 0.4}]}})
    await desk.send("POST", "/tariff-assignments", {"tariff": "t"})
    async with running_station(desk, Version.V21) as (station, key):
        asked = await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        assert (asked["state"], asked["status"]) == ("accepted", "Accepted"), asked["answer"]

        url = await shown(station)
        assert re.fullmatch(r"https://pay\.example/CS-1/1/[0-9A-Za-z]{8}/v1", url)
        query = body_of("POST /web-payments")["url"].partition("?")[2]
        payment = await desk.send("POST", "/web-payments", {"url": f"{url}?{query}"})
        assert (payment["state"], payment["evse_id"], payment["by_code"]) == ("open", 1, True)
        assert payment["limit_max_energy_wh"] == 20000

        await asyncio.sleep(0.1)
        hardware = hardware_of(station)
        assert hardware.display(1) == "Somebody is paying for this place on the web"
        hardware.plug(1, EV(ev_model("Compact 58"), 0.2))
        await desk.bench.add_token("04A1B2C3", "ISO14443")
        hardware.present(IdToken("04A1B2C3", "ISO14443"), 1)
        await asyncio.sleep(5)
        assert not hardware.drawing(1)
        assert await refused(desk, url) == "place-taken"

        path = f"/web-payments/{payment['key']}"
        paid = body_of("POST /web-payments/P/paid?wait=10")
        await desk.send("POST", f"{path}/paid", paid, status=200, wait=10)
        begun = await desk.until(path, lambda found: found["state"] == "started")
        assert (begun["psp_ref"], begun["amount"]) == ("psp-0001", "30.00")
        again = await desk.send("POST", f"{path}/paid", paid, status=200)
        assert again["command"] == begun["command"]

        transaction = f"/transactions/{begun['transaction']}"
        told = await desk.until(transaction, lambda found: found["limit_state"] == "confirmed")
        assert (told["token"], told["token_type"], told["authorization"]) == ("psp-0001", "DirectPayment", "Accepted")
        assert (told["limit_max_energy_wh"], told["limit_max_cost"]) == (20000, 30)
        await asyncio.sleep(600)
        hardware.press_stop(1)
        hardware.unplug(1)
        billed = await desk.until(path, lambda found: found["bill_total"] is not None)
        total = billed["bill_total"]
        assert float(total) > 0

        settlement = body_of("POST /settlements") | {"transaction": begun["transaction"], "amount": str(total)}
        made = await desk.send("POST", "/settlements", settlement)
        assert (await desk.send("POST", "/settlements", settlement | {"at": made["at"]}))["key"] == made["key"]
        done = await desk.get(path)
        assert (done["settlement"], done["settled_as"]) == (made["key"], "Settled")
        seen = await desk.get(f"/settlements/{made['key']}")
        assert (seen["psp_ref"], seen["status"], float(seen["difference"])) == ("psp-0001", "Settled", 0)


async def begun_by(desk: RestDesk, station: Station, key: int, psp_ref: str) -> int:
    """The transaction that a payment began."""
    payment = await desk.send("POST", "/web-payments", {"station": key, "evse_id": 1})
    hardware_of(station).plug(1, EV(ev_model("Compact 58"), 0.2))
    path = f"/web-payments/{payment['key']}"
    await desk.send("POST", f"{path}/paid", {"psp_ref": psp_ref, "amount": "30.00"}, status=200, wait=10)
    return int((await desk.until(path, lambda found: found["state"] == "started"))["transaction"])


async def test_one_of_many_settlements_is_found_when_it_is_recorded_again_and_told_of_once(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        body = {"transaction": await begun_by(desk, station, key, "psp-1"), "status": "Failed", "amount": "1.00"}
        made = [
            await desk.send("POST", "/settlements", body | {"at": f"2026-12-01T10:{minute:02}:00Z"})
            for minute in range(60)
        ]
        again = await desk.send("POST", "/settlements", body | {"at": "2026-12-01T11:00:00+01:00"})
        assert again == made[0]
        rows = desk.bench.storage._connection.execute("SELECT count(*) FROM outbox WHERE kind = 'PaymentSettled'")
        assert rows.fetchone()[0] == len({each["key"] for each in made}) == 60


async def test_a_settlement_at_a_time_without_a_zone_is_refused(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        body = {"transaction": await begun_by(desk, station, key, "psp-1"), "status": "Settled", "amount": "1.00"}
        problem = await desk.send("POST", "/settlements", body | {"at": "2026-12-01T10:00:00"}, status=422)
        assert problem["errors"][0]["path"] == "body.at"


async def test_only_what_was_paid_for_directly_is_settled(desk: RestDesk) -> None:
    await desk.bench.add_token("04A1B2C3", "ISO14443")
    async with running_station(desk, Version.V21) as (station, key):
        hardware_of(station).plug(1, EV(ev_model("Compact 58"), 0.2))
        hardware_of(station).present(IdToken("04A1B2C3", "ISO14443"), 1)
        page = await desk.until("/transactions", lambda found: any(tx["token"] for tx in found["items"]), station=key)
        for transaction in (page["items"][0]["key"], 999_999):
            body = {"transaction": transaction, "status": "Settled", "amount": "1.00"}
            problem = await desk.send("POST", "/settlements", body, status=422)
            assert problem["errors"][0]["path"] == "body.transaction"


async def test_a_code_counts_no_more_when_its_time_or_its_secret_is_over(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        old = await shown(station)
        await asyncio.sleep(61)
        assert await refused(desk, old) == "code-not-valid"
        newer = await shown(station)
        assert newer != old
        await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        assert await refused(desk, newer) == "code-not-valid"
        assert (await desk.send("POST", "/web-payments", {"url": await shown(station)}))["state"] == "open"


async def test_the_secret_is_in_no_answer_no_frame_and_no_row(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        asked = await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        await shown(station)
        secret = shared_secret(key, asked["key"], b"a pepper for tests")
        kept = station._memory.get("web_payments.secret")
        assert kept == secret.encode()
        await desk.bench.csms.message_log.flush()  # type: ignore[union-attr]
        command = await desk.get(f"/stations/{key}/commands/{asked['key']}")
        messages = await desk.get("/messages", station=key, limit=1000)
        variables = await desk.get(f"/stations/{key}/variables")
        assert "SharedSecret" in json.dumps(messages)
        rows = "".join(desk.bench.storage._connection.iterdump())
        assert "web_payment_codes" in rows
        for told in (asked, command, messages, variables, rows):
            assert secret not in json.dumps(told)


async def test_wrong_codes_are_looked_at_so_often_and_not_more(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        answers = [await refused(desk, f"https://pay.example/CS-1/1/wrong{number:03}/v1") for number in range(61)]
        assert set(answers[:60]) == {"code-not-valid"}
        assert answers[60] == "too-many-wrong-codes"
        assert await refused(desk, await shown(station)) == "too-many-wrong-codes"
        await asyncio.sleep(601)
        assert (await desk.send("POST", "/web-payments", {"url": await shown(station)}))["state"] == "open"


async def test_what_is_no_address_of_ours_names_what_is_wrong(desk: RestDesk) -> None:
    for url in ("https://elsewhere.example/CS-1/1/aHicux89/v1", "https://pay.example/CS-1", "nothing"):
        problem = await desk.send("POST", "/web-payments", {"url": url}, status=422)
        assert problem["errors"][0]["path"] == "body.url"
    assert await refused(desk, "https://pay.example/nobody/1/aHicux89/v1") == "code-not-valid"
    await desk.send("POST", "/web-payments", {}, status=422)
    await desk.send("GET", "/web-payments/999", status=404)


async def test_a_payment_that_is_cancelled_frees_its_place_at_once(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        payment = await desk.send("POST", "/web-payments", {"url": await shown(station)})
        path = f"/web-payments/{payment['key']}"
        gone = await desk.send("POST", f"{path}/cancel", status=200)
        assert gone["state"] == "cancelled"
        paid = {"psp_ref": "psp-1", "amount": "5.00"}
        problem = await desk.send("POST", f"{path}/paid", paid, status=409)
        assert problem["type"].endswith("payment-over") and "`payment-over`" in PAGE
        assert (await desk.send("POST", "/web-payments", {"url": await shown(station)}))["state"] == "open"


async def test_a_payment_expires_and_its_place_is_free_again(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        payment = await desk.send("POST", "/web-payments", {"url": await shown(station)})
        await asyncio.sleep(301)
        path = f"/web-payments/{payment['key']}"
        assert (await desk.get(path))["state"] == "expired"
        await desk.send("POST", f"{path}/paid", {"psp_ref": "psp-1", "amount": "5.00"}, status=409)
        assert (await desk.send("POST", "/web-payments", {"url": await shown(station)}))["state"] == "open"
        assert len((await desk.get("/web-payments", station=key))["items"]) == 2


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_kiosk_needs_no_code_and_any_station_can_start(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        body = inline("POST /web-payments ") | {"station": key}
        payment = await desk.send("POST", "/web-payments", body)
        assert (payment["state"], payment["by_code"]) == ("open", False)
        hardware_of(station).plug(1, EV(ev_model("Compact 58"), 0.2))
        path = f"/web-payments/{payment['key']}"
        await desk.send("POST", f"{path}/paid", {"psp_ref": "psp-7", "amount": "30.00"}, status=200, wait=10)
        begun = await desk.until(path, lambda found: found["state"] == "started")
        transaction = await desk.get(f"/transactions/{begun['transaction']}")
        assert (transaction["authorization"], transaction["limit_max_cost"]) == ("Accepted", 30)
        await asyncio.sleep(5)
        assert hardware_of(station).drawing(1)


async def test_a_start_that_is_refused_says_so_and_nothing_is_to_be_taken(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        payment = await desk.send("POST", "/web-payments", {"station": key, "evse_id": 1})
        hardware_of(station).fail(1, "GroundFailure")
        path = f"/web-payments/{payment['key']}/paid"
        found = await desk.send("POST", path, {"psp_ref": "psp-9", "amount": "30.00"}, status=200, wait=10)
        assert (found["state"], found["reason"]) == ("refused", "the station says Rejected")


async def test_the_page_names_every_refusal(desk: RestDesk) -> None:
    kinds = set(re.findall(r"\| `([a-z]+-[a-z-]+)` \|", PAGE))
    seen = {"code-not-valid", "too-many-wrong-codes", "place-taken"}  # by the tests above
    async with running_station(desk, Version.V21) as (_, key):
        pass
    problem = await desk.send("POST", "/web-payments", {"station": key, "evse_id": 1}, status=409)
    seen.add(problem["type"].rpartition(":")[2])
    async with open_desk() as without:
        seen.add(await refused(without, "https://pay.example/CS-1/1/aHicux89/v1"))
    assert kinds == seen


async def test_a_vat_number_is_asked_about_and_answered_as_the_page_says() -> None:
    registry = Registry(msgspec.json.encode(inline("answers 200 with\n`")))
    settings = CsmsSettings(default_policy=TenantPolicy(registration="open", vat=VatPolicy()))
    async with csms_bench(settings, others=OtherSystems(vat=registry)) as bench:
        client = await bench.boot("CS-1", Version.V21)
        said = await client.call("VatNumberValidation", {"vatNumber": "DE136695976"})
    assert registry.asked == [inline("It is asked with\n`")]
    assert (said["status"], said["company"]["name"]) == ("Accepted", "Ada")


class Registry:
    """Another system, that says one thing only."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    async def ask(self, tenant: str, question: bytes) -> bytes:
        self.asked.append(msgspec.json.decode(question))
        return self.answer


async def test_of_two_who_pay_at_once_one_is_let_in(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        body = {"station": key, "evse_id": 1}
        answers = await asyncio.gather(*(desk.http.post("/api/v1/web-payments", json=body) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_a_reference_begins_one_session_only_at_whichever_station(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key), running_station(desk, Version.V21, "CS-2") as (_, other):
        places = [(key, 1), (key, 2), (other, 1)]
        opened = [
            await desk.send("POST", "/web-payments", {"station": station, "evse_id": evse}) for station, evse in places
        ]
        paid = {"psp_ref": "psp-1", "amount": "5.00"}
        answers = await asyncio.gather(
            *(desk.http.post(f"/api/v1/web-payments/{each['key']}/paid", json=paid) for each in opened)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        refusals = [answer.json()["type"] for answer in answers if answer.status_code == 409]
        assert all(refusal.endswith("payment-used") for refusal in refusals)


async def test_the_same_word_of_a_payment_four_times_at_once_starts_once(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        payment = await desk.send("POST", "/web-payments", {"station": key, "evse_id": 1})
        paid = {"psp_ref": "psp-1", "amount": "5.00", "details": {"CardLast4Digits": "1234"}}
        path = f"/api/v1/web-payments/{payment['key']}/paid"
        answers = await asyncio.gather(*(desk.http.post(path, json=paid) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert len({answer.json()["command"] for answer in answers}) == 1
        rows = desk.bench.storage._connection.execute(
            "SELECT count(*) FROM outbox WHERE kind = 'CommandChanged' AND json_extract(data, '$.state') = 'queued'"
            " AND json_extract(data, '$.kind') = 'RequestStartTransaction'"
        )
        assert rows.fetchone()[0] == 1


async def test_who_has_paid_keeps_the_place_until_the_car_begins(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        body = {"station": key, "evse_id": 1}
        payment = await desk.send("POST", "/web-payments", body)
        path = f"/web-payments/{payment['key']}/paid"
        await desk.send("POST", path, {"psp_ref": "psp-1", "amount": "5.00"}, status=200)
        problem = await desk.send("POST", "/web-payments", body, status=409)
        assert problem["type"].endswith("place-taken")


@pytest.mark.parametrize("version", [version for version in JSON_VERSIONS if version is not Version.V21])
async def test_a_station_that_has_no_codes_says_so(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        asked = await desk.send("POST", f"/stations/{key}/web-payments/set-up", wait=10)
        assert asked["state"] == "rejected"


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "100000.01", "0.00001", "much"])
async def test_what_is_no_amount_pays_nothing(desk: RestDesk, amount: str) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        payment = await desk.send("POST", "/web-payments", {"station": key, "evse_id": 1})
        body = {"psp_ref": "psp-1", "amount": amount}
        problem = await desk.send("POST", f"/web-payments/{payment['key']}/paid", body, status=422)
        assert problem["errors"][0]["path"] == "body.amount"


async def test_a_payment_ends_once_and_in_one_way(desk: RestDesk) -> None:
    await desk.send("POST", "/web-payments", {"station": 999_999}, status=422)
    async with running_station(desk, Version.V21) as (_, key):
        payment = await desk.send("POST", "/web-payments", {"station": key, "evse_id": 1})
        path = f"/web-payments/{payment['key']}"
        asked = [
            desk.http.post(f"/api/v1{path}/paid", json={"psp_ref": f"psp-{number}", "amount": "5.00"})
            for number in range(3)
        ]
        answers = await asyncio.gather(*asked, desk.http.post(f"/api/v1{path}/cancel"))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert (await desk.send("POST", f"{path}/cancel", status=409))["type"].endswith("payment-over")

        other = await desk.send("POST", "/web-payments", {"station": key, "evse_id": 2})
        path = f"/web-payments/{other['key']}/cancel"
        answers = await asyncio.gather(*(desk.http.post(f"/api/v1{path}") for _ in range(3)))
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert (await desk.send("POST", path, status=200))["state"] == "cancelled"
