"""Stations of MobilityHouse's `ocpp` with drivers and money: cards, local lists, reservations, prices, displays."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from mobilityhouse_station import NOON, STATIONS, text
from node_rest import NodeRest, booted, operator

from stationmaster.cli.node import Node
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("version", STATIONS, ids=str)
NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)
NEWEST = pytest.mark.parametrize("version", [Version.V21], ids=str)
ACCEPTED = {"status": "Accepted"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@EVERY
async def test_each_refusal_is_told_in_the_words_of_the_version_and_kept(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        elsewhere = {"rules": {"places": [{"station": key + 1_000_000}]}}
        cards: dict[str, tuple[dict[str, Any], str]] = {
            "BLOCKED": ({"status": "Blocked"}, "Blocked"),
            "EXPIRED": ({"expires_at": "2020-01-01T00:00:00Z"}, "Expired"),
            "POOR": ({"status": "NoCredit"}, "NoCredit"),
            "ELSEWHERE": (elsewhere, "NotAtThisLocation"),
        }
        for card, (terms, word) in cards.items():
            value = f"{card}-{key}"
            await rest.send("POST", "/tokens", {"value": value, **terms})
            told = await station.authorize(value)
            assert told == (word if version is not Version.V16 or word in ("Blocked", "Expired") else "Invalid")
            (kept,) = (await rest.get("/refusals", station=key, token=value))["items"]
            assert kept["status"] == word


@EVERY
async def test_a_local_list_is_sent_and_its_version_asked_for(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("SendLocalList", ACCEPTED)
        entries = [{"value": "A1", "type": "ISO14443", "group": "G"}, {"value": "B2", "type": "ISO14443"}]
        sent = await rest.command(key, "SendLocalList", update="Full", version=7, entries=entries)
        assert (sent["state"], sent["answer"]["version"]) == ("accepted", 7)
        (heard,) = station.heard.all("SendLocalList")
        if version is Version.V16:
            station.says("GetLocalListVersion", {"list_version": 7})
            assert (heard["list_version"], heard["update_type"]) == (7, "Full")
            assert [each["id_tag"] for each in heard["local_authorization_list"]] == ["A1", "B2"]
            assert heard["local_authorization_list"][0]["id_tag_info"]["parent_id_tag"] == "G"
        else:
            station.says("GetLocalListVersion", {"version_number": 7})
            assert (heard["version_number"], heard["update_type"]) == (7, "Full")
            assert [each["id_token"]["id_token"] for each in heard["local_authorization_list"]] == ["A1", "B2"]
        told = await rest.command(key, "GetLocalListVersion")
        assert told["answer"]["version"] == 7

        station.says("SendLocalList", {"status": "VersionMismatch"})
        removal = [{"value": "B2", "type": "ISO14443", "remove": True}]
        refused = await rest.command(key, "SendLocalList", update="Differential", version=8, entries=removal)
        assert (refused["state"], refused["status"]) == ("rejected", "VersionMismatch")


@EVERY
async def test_a_reservation_is_made_met_and_another_cancelled(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("ReserveNow", ACCEPTED)
        station.says("CancelReservation", ACCEPTED)
        wanted = {"id_token": {"value": "CARD"}, "evse_id": 1, "minutes": 30}
        made = await rest.send("POST", f"/stations/{key}/reservations", wanted, wait=10)
        (heard,) = station.heard.all("ReserveNow")
        assert made["state"] == "active"
        assert heard["reservation_id" if version is Version.V16 else "id"] == made["reservation_id"]
        minute = int((datetime.now(UTC) - NOON).total_seconds() // 60) + 1
        wire_id = await station.begin(minute, 1000)
        await station.end(wire_id, minute + 1, 1100)
        used = await rest.get(f"/reservations/{made['key']}")
        assert (used["state"], used["transaction"] is not None) == ("used", True)

        other = await rest.send("POST", f"/stations/{key}/reservations", wanted, wait=10)
        gone = await rest.send("POST", f"/reservations/{other['key']}/cancel", status=200, wait=10)
        assert gone["state"] == "cancelled"
        assert station.heard.all("CancelReservation") == [{"reservation_id": other["reservation_id"]}]


@EVERY
@pytest.mark.parametrize("word", ["Faulted", "Occupied", "Rejected", "Unavailable"])
async def test_a_place_that_cannot_be_kept_is_told(rest: NodeRest, version: Version, word: str) -> None:
    async with booted(rest, version) as (station, key):
        station.says("ReserveNow", {"status": word})
        wanted = {"id_token": {"value": "CARD"}, "evse_id": 1, "minutes": 30}
        made = await rest.send("POST", f"/stations/{key}/reservations", wanted, wait=10)
    assert (made["state"], made["status"]) == ("refused", word)


async def publish(node: Node) -> None:
    """40 cents a kWh, and a fee of one euro."""
    keys = node.storage.keys
    tariff = Tariff(
        key=keys.take(),
        tenant=DEFAULT_TENANT,
        name="street",
        version=1,
        valid_from=LONG_AGO,
        currency="EUR",
        energy=Component((Price(Decimal("0.40")),)),
        fixed=Component((Price(Decimal(1)),)),
    )
    assignment = Assignment(key=keys.take(), tenant=DEFAULT_TENANT, tariff=tariff.name, from_at=LONG_AGO)
    await node.storage.journal.store([tariff, assignment])
    await node.csms.book.load(DEFAULT_TENANT)


async def charge(station: Any, rest: NodeRest, key: int) -> Any:
    """Five kWh in an hour; the transaction."""
    wire_id = await station.begin(0, 1000)
    await station.measure(wire_id, 30, 3500)
    await station.end(wire_id, 60, 6000)
    (transaction,) = (await rest.get("/transactions", station=key))["items"]
    return transaction


@EVERY
@pytest.mark.asyncio(loop_scope="function")
async def test_a_whole_transaction_has_a_bill_and_2_x_is_told_what_it_comes_to(node: Node, version: Version) -> None:
    await publish(node)
    async with operator(node) as rest, booted(rest, version) as (station, key):
        answers, call = [], station.call

        async def noting(request: Any, **more: Any) -> Any:
            answers.append(await call(request, **more))
            return answers[-1]

        station.call = noting
        transaction = await charge(station, rest, key)
        bill = await rest.get(f"/transactions/{transaction['key']}/bill")
        assert (bill["state"], Decimal(bill["content"]["total"])) == ("issued", Decimal("3.00"))
        assert Decimal(str(bill["content"]["energy_wh"])) == 5000
        if version is not Version.V16:
            told = [answer.total_cost for answer in answers]
            assert [Decimal(str(each)) for each in told[-2:]] == [Decimal("2.00"), Decimal("3.00")]


@NEWER
@pytest.mark.asyncio(loop_scope="function")
async def test_the_cost_so_far_is_told_when_somebody_wants_it(node: Node, version: Version) -> None:
    await publish(node)
    async with operator(node) as rest, booted(rest, version) as (station, key):
        station.says("CostUpdated", {})
        wire_id = await station.begin(0, 1000)
        await station.measure(wire_id, 30, 3500)
        (transaction,) = (await rest.get("/transactions", station=key))["items"]
        command = await rest.command(key, "CostUpdated", transaction=transaction["key"])
        assert command["state"] in ("accepted", "effect_seen")
        (heard,) = station.heard.all("CostUpdated")
        assert (heard["transaction_id"], Decimal(str(heard["total_cost"]))) == (wire_id, Decimal(2))


@NEWER
async def test_messages_are_put_on_its_display_listed_and_taken_off(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("SetDisplayMessage", ACCEPTED)
        body = {"message": {"content": "Closed from noon"}, "priority": "InFront"}
        made = await rest.send("POST", f"/stations/{key}/display-messages", body, wait=10)
        assert made["command"]["state"] == "accepted"
        (heard,) = station.heard.all("SetDisplayMessage")
        shown = heard["message"]
        assert (shown["id"], shown["priority"], shown["message"]["content"]) == (
            made["id"],
            "InFront",
            "Closed from noon",
        )

        station.says("GetDisplayMessages", ACCEPTED)
        asked = await rest.send("POST", f"/stations/{key}/display-messages/refresh", {}, wait=10)
        (heard,) = station.heard.all("GetDisplayMessages")
        other = {"id": 99, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Hello"}}
        await station.tell("NotifyDisplayMessages", request_id=heard["request_id"], message_info=[shown, other])
        await rest.in_state(f"/stations/{key}/commands/{asked['key']}", "effect_seen")
        known = await rest.get(f"/stations/{key}/display-messages")
        assert {each["id"] for each in known} == {made["id"], 99}

        station.says("ClearDisplayMessage", ACCEPTED)
        await rest.send("DELETE", f"/stations/{key}/display-messages/99", wait=10, status=201)
        assert station.heard.all("ClearDisplayMessage") == [{"id": 99}]
        assert [each["id"] for each in await rest.get(f"/stations/{key}/display-messages")] == [made["id"]]


@NEWER
@pytest.mark.parametrize("word", ["NotSupportedPriority", "NotSupportedState", "NotSupportedMessageFormat", "Rejected"])
async def test_a_message_that_it_cannot_show_is_told(rest: NodeRest, version: Version, word: str) -> None:
    async with booted(rest, version) as (station, key):
        station.says("SetDisplayMessage", {"status": word})
        body = {"message": {"content": "Hello"}, "priority": "InFront"}
        made = await rest.send("POST", f"/stations/{key}/display-messages", body, wait=10)
    assert (made["command"]["state"], made["command"]["status"]) == ("rejected", word)


@NEWEST
async def test_it_is_given_a_tariff_asked_for_its_tariffs_and_loses_them(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        name = f"foreign-{key}"
        await rest.send("POST", "/tariffs", {"name": name, "currency": "EUR", "energy": {"prices": [{"amount": 0.4}]}})
        station.says("SetDefaultTariff", ACCEPTED)
        assert (await rest.command(key, "SetDefaultTariff", tariff=name, evse_id=1))["state"] == "accepted"
        (heard,) = station.heard.all("SetDefaultTariff")
        assert (heard["evse_id"], heard["tariff"]["currency"]) == (1, "EUR")
        assert [each["price_kwh"] for each in heard["tariff"]["energy"]["prices"]] == [0.4]

        tariff_id = heard["tariff"]["tariff_id"]
        assigned = [{"tariff_id": tariff_id, "tariff_kind": "DefaultTariff", "evse_ids": [1]}]
        station.says("GetTariffs", {**ACCEPTED, "tariff_assignments": assigned})
        told = await rest.command(key, "GetTariffs", evse_id=1)
        assert tariff_id in str(told["answer"])
        station.says("ClearTariffs", {"clear_tariffs_result": [{"tariff_id": tariff_id, "status": "NoTariff"}]})
        cleared = await rest.command(key, "ClearTariffs", tariff_ids=[tariff_id])
        assert "NoTariff" in str(cleared)
        assert station.heard.all("ClearTariffs")[0]["tariff_ids"] == [tariff_id]

        wire_id = await station.begin(0, 1000)
        (transaction,) = (await rest.get("/transactions", station=key))["items"]
        station.says("ChangeTransactionTariff", {"status": "TxNotFound"})
        changed = await rest.command(key, "ChangeTransactionTariff", transaction=transaction["key"], tariff=name)
        assert (changed["state"], changed["status"]) == ("rejected", "TxNotFound")
        assert station.heard.all("ChangeTransactionTariff")[0]["transaction_id"] == wire_id
        await station.end(wire_id, 1, 1100)


@EVERY
@pytest.mark.parametrize(("word", "state"), [("Accepted", "accepted"), ("Rejected", "rejected")])
async def test_its_cache_is_cleared_or_not(rest: NodeRest, version: Version, word: str, state: str) -> None:
    async with booted(rest, version) as (station, key):
        station.says("ClearCache", {"status": word})
        command = await rest.command(key, "ClearCache")
    assert (command["state"], command["status"]) == (state, word)


@NEWER
async def test_it_says_how_a_transaction_stands(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        wire_id = await station.begin(0, 1000)
        (transaction,) = (await rest.get("/transactions", station=key))["items"]
        station.says("GetTransactionStatus", {"messages_in_queue": True, "ongoing_indicator": False})
        asked = await rest.command(key, "GetTransactionStatus", transaction=transaction["key"])
        assert (asked["state"], asked["answer"]) == ("accepted", {"ongoing": False, "messages_in_queue": True})
        assert station.heard.all("GetTransactionStatus") == [{"transaction_id": wire_id}]
        await station.end(wire_id, 1, 1100)


@NEWER
async def test_a_lapsed_reservation_is_told_by_the_station(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("ReserveNow", ACCEPTED)
        until = text(datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1))
        wanted = {"id_token": {"value": "CARD"}, "evse_id": 1, "expires_at": until}
        made = await rest.send("POST", f"/stations/{key}/reservations", wanted, wait=10)
        number = made["reservation_id"]
        await station.tell("ReservationStatusUpdate", reservation_id=number, reservation_update_status="Expired")
        assert (await rest.get(f"/reservations/{made['key']}"))["state"] == "expired"
