"""Reservations from the API to a simulated station and its driver, and back, in every version that has them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import having, lacking, one_of_each

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.driver import LeaveRule, TokenKind, Visit
from stationmaster.simulator.driver_profile import StartBy, StopBy
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.simulator.people import People
from stationmaster.station import display
from stationmaster.station.app import Station

CARD, OTHER, COLLEAGUE, UNTYPED = "04A1B2C3", "04D4E5F6", "04B0B0B0", "04C0FFEE"
MINE: dict[str, Any] = {"id_token": {"value": CARD}, "minutes": 30}
reserves = pytest.mark.parametrize("version", having("ReserveNow"))
has_types = pytest.mark.parametrize("version", (Version.V16, Version.V20, Version.V201, Version.V21))
"""Tokens have types from 2.0 on; of those where they never have, one stands for all."""
leaves_it_open = pytest.mark.parametrize("version", having("ReserveNow", but=(Version.V20,)))


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD, "ISO14443", group="FLEET-7")
        await made.bench.add_token(COLLEAGUE, "ISO14443", group="FLEET-7")
        await made.bench.add_token(OTHER, "ISO14443")
        await made.bench.add_token(UNTYPED)
        await made.bench.add_token("04B10C", "ISO14443", status="Blocked")
        yield made


async def reserved(desk: RestDesk, key: int, **more: Any) -> Any:
    """An EVSE that is kept, seen at its connector."""
    made = await desk.send("POST", f"/stations/{key}/reservations", {**MINE, "evse_id": 1, **more}, wait=10)
    assert (made["state"], made["status"]) == ("active", "Accepted")
    await status(desk, key, "reserved")
    return made


async def status(desk: RestDesk, key: int, wanted: str, evse_id: int = 1) -> None:
    def holds(found: Any) -> bool:
        return any((each["evse_id"], each["occupancy"]) == (evse_id, wanted) for each in found)

    await desk.until(f"/stations/{key}/connectors", holds)


async def ended(desk: RestDesk, made: Any, state: str) -> Any:
    return await desk.until(f"/reservations/{made['key']}", lambda found: found["state"] == state)


def arrive(station: Station, card: str = CARD, evse_id: int = 1) -> SimulatedHardware:
    """A driver plugs in and shows a card."""
    hardware = station.hardware
    assert isinstance(hardware, SimulatedHardware)
    hardware.plug(evse_id, EV(ev_model("Compact 58"), 0.5))
    hardware.present(IdToken(card, "ISO14443"), evse_id)
    return hardware


async def shows(hardware: SimulatedHardware, text: str, evse_id: int = 1) -> None:
    async with asyncio.timeout(10):
        while hardware.display(evse_id) != text:
            await asyncio.sleep(0.01)


@reserves
async def test_it_is_met_by_its_driver(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        made = await reserved(desk, key)
        assert (made["token"], made["evse_id"], made["inferred"]) == (CARD, 1, False)
        hardware = arrive(station)
        used = await ended(desk, made, "used")
        await shows(hardware, "Charging")
        transaction = await desk.get(f"/transactions/{used['transaction']}")
        assert (transaction["token"], transaction["reservation_id"]) == (CARD, made["reservation_id"])


@has_types
async def test_a_card_that_is_known_without_its_type_meets_it(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        made = await reserved(desk, key, id_token={"value": UNTYPED})
        arrive(station, UNTYPED)
        await ended(desk, made, "used")


@has_types
async def test_a_token_that_is_known_without_its_type_is_started_from_afar_where_it_is_kept(
    desk: RestDesk, version: Version
) -> None:
    async with running_station(desk, version) as (station, key):
        made = await reserved(desk, key, id_token={"value": UNTYPED})
        await desk.command(key, "RequestStartTransaction", id_token={"value": UNTYPED}, evse_id=1)
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
        await ended(desk, made, "used")


@reserves
async def test_nobody_else_charges_there_and_the_display_says_why(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        made = await reserved(desk, key)
        hardware = arrive(station, OTHER)
        await shows(hardware, display.RESERVED_FOR_OTHERS)
        refused = await desk.command(key, "RequestStartTransaction", id_token={"value": OTHER}, evse_id=1)
        assert (refused["state"], refused["status"]) == ("rejected", "Rejected")
        assert (await desk.get(f"/reservations/{made['key']}"))["state"] == "active"
        assert not hardware.energized(1)


@reserves
async def test_a_colleague_of_the_group_may(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        made = await reserved(desk, key, group="FLEET-7")
        arrive(station, COLLEAGUE)
        await ended(desk, made, "used")


@reserves
async def test_it_is_cancelled(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        made = await reserved(desk, key)
        gone = await desk.send("POST", f"/reservations/{made['key']}/cancel", status=200, wait=10)
        assert gone["state"] == "cancelled"
        await status(desk, key, "available")
        await desk.send("POST", f"/reservations/{made['key']}/cancel", status=409)
        await desk.send("PATCH", f"/reservations/{made['key']}", {"minutes": 5}, status=409)


@reserves
async def test_it_lapses(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        soon = desk.bench.clock.now() + timedelta(seconds=1)
        body = {"id_token": {"value": CARD}, "evse_id": 1, "expires_at": soon.isoformat()}
        made = await desk.send("POST", f"/stations/{key}/reservations", body, wait=10)
        assert made["state"] == "active"
        over = await ended(desk, made, "expired")
        assert over["inferred"] == (version.family == 1)  # its status alone tells so there
        await status(desk, key, "available")


@reserves
async def test_a_fault_ends_it(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        made = await reserved(desk, key)
        station.hardware.fail(1, "GroundFailure")  # type: ignore[attr-defined]
        gone = await ended(desk, made, "removed")
        assert gone["inferred"] == (version.family == 1)


@reserves
async def test_a_place_in_use_is_refused_as_occupied(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        arrive(station, OTHER)
        await status(desk, key, "charging")
        made = await desk.send("POST", f"/stations/{key}/reservations", {**MINE, "evse_id": 1}, wait=10)
        assert (made["state"], made["status"]) == ("refused", "Occupied")
        assert "taken or reserved" in made["reason"]


@reserves
async def test_it_is_moved_to_another_evse(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        made = await reserved(desk, key)
        moved = await desk.send("PATCH", f"/reservations/{made['key']}", {"evse_id": 2}, status=200, wait=10)
        assert (moved["state"], moved["evse_id"], moved["replaced"]) == ("active", 2, 1)
        await status(desk, key, "available", 1)
        await status(desk, key, "reserved", 2)
        arrive(station, CARD, 2)
        await ended(desk, made, "used")


@leaves_it_open
async def test_any_evse_is_kept(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        made = await desk.send("POST", f"/stations/{key}/reservations", MINE, wait=10)
        assert (made["state"], made["evse_id"]) == ("active", None)
        arrive(station, OTHER, 1)
        await status(desk, key, "reserved", 2)
        arrive(station, CARD, 2)
        await ended(desk, made, "used")


@pytest.mark.parametrize(
    ("version", "asked", "words"),
    [
        (Version.V16, {"connector_type": "sType2"}, "name one"),
        (Version.V20, {}, "named EVSE only"),
        (Version.V201, {"connector_type": "cNACS"}, "cNACS"),
        (Version.V21, {"evse_id": 1, "connector_id": 1}, "not one of its connectors"),
    ],
)
async def test_what_a_version_cannot_carry_is_said(
    desk: RestDesk, version: Version, asked: dict[str, Any], words: str
) -> None:
    async with running_station(desk, version) as (_, key):
        made = await desk.send("POST", f"/stations/{key}/reservations", {**MINE, **asked}, wait=10)
        assert made["state"] == "failed"
        assert words in made["reason"]


@pytest.mark.parametrize("version", lacking("ReserveNow"))
async def test_where_nothing_can_be_reserved_an_operator_is_told_so(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        made = await desk.send("POST", f"/stations/{key}/reservations", {**MINE, "evse_id": 1}, wait=10)
        assert (made["state"], made["reason"]) == ("failed", f"OCPP {version} has no ReserveNow")


async def test_two_for_one_place_are_refused_before_anything_is_sent(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        first = await reserved(desk, key)
        body = {"id_token": {"value": OTHER}, "minutes": 5, "evse_id": 1}
        problem = await desk.send("POST", f"/stations/{key}/reservations", body, status=409)
        assert problem["type"].endswith("place-reserved")
        assert str(first["key"]) in problem["detail"]


async def test_of_many_at_once_one_gets_the_place(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        body = {**MINE, "evse_id": 1}
        path = f"/api/v1/stations/{key}/reservations"
        answers = await asyncio.gather(*[desk.http.post(path, json=body, params={"wait": 10}) for _ in range(10)])
        assert {each.status_code for each in answers} <= {201, 409}
        found = (await desk.get("/reservations", state="active"))["items"]
        assert (await desk.get("/reservations", state="active", count="true", limit=1))["total"] == len(found)
        assert len(found) == 1
        assert sum(each.json().get("state") == "active" for each in answers) == 1


class PhoneApp:
    """The operator's app on a driver's phone: it reserves at the API."""

    def __init__(self, desk: RestDesk, key: int) -> None:
        self.desk, self.key = desk, key

    async def reserve(self, evse_id: int, id_token: IdToken, minutes: int) -> bool:
        body = {"id_token": {"value": id_token.value}, "minutes": minutes, "evse_id": evse_id}
        made = await self.desk.send("POST", f"/stations/{self.key}/reservations", body, wait=10)
        return bool(made["state"] == "active")

    async def start(self, evse_id: int, id_token: IdToken) -> None: ...
    async def stop(self, evse_id: int) -> None: ...


@one_of_each
async def test_a_simulated_driver_reserves_comes_and_charges(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        hardware, now = station.hardware, desk.bench.clock.now()
        assert isinstance(hardware, SimulatedHardware)
        today_s = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        visit = Visit(
            number=1,
            arrival_s=today_s + 0.5,
            token=CARD,
            token_kind=TokenKind.KNOWN,
            vehicle_mac="02AA",
            ev=ev_model("Compact 58"),
            initial_soc=0.5,
            charge_limit_soc=0.9,
            plug_first=True,
            start_by=StartBy.CARD,
            auth_delay_s=0.1,
            forgets=None,
            leave=LeaveRule(after_s=3600.0, at_soc=None, patience_s=600.0),
            stop_by=StopBy.CARD,
            unplug_delay_s=5.0,
            reserves_s=0.4,
        )
        people = People(
            hardware, station_model("Street post 2x22"), iter([visit]), desk.bench.clock, PhoneApp(desk, key)
        )
        coming = asyncio.create_task(people.run())
        (used,) = (await desk.until("/reservations", lambda found: bool(found["items"]), state="used"))["items"]
        assert (used["token"], used["evse_id"], people.reserved) == (CARD, 1, 1)
        await shows(hardware, "Charging")
        coming.cancel()
        await asyncio.wait((coming,))


async def test_a_station_that_is_away_is_asked_when_it_is_there(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        pass
    made = await desk.send("POST", f"/stations/{key}/reservations", {**MINE, "evse_id": 1})
    assert made["state"] == "queued"
    async with running_station(desk, Version.V201):
        await ended(desk, made, "active")


async def test_who_may_not_charge_may_not_reserve(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        for value, word in (("04B10C", "Blocked"), ("04FF", "Unknown")):
            body = {"id_token": {"value": value}, "minutes": 5}
            problem = await desk.send("POST", f"/stations/{key}/reservations", body, status=409)
            assert problem["type"].endswith("token-not-accepted")
            assert word in problem["detail"]


WRONG: list[dict[str, Any]] = [
    {"minutes": None},
    {"expires_at": "2020-01-01T00:00:00Z", "minutes": None},
    {"expires_at": "2999-01-01T00:00:00Z"},
    {"minutes": 0},
    {"evse_id": 1, "connector_type": "cCCS2"},
    {"connector_id": 1},
    {"evse_id": 0},
]


async def test_what_makes_no_sense_is_not_asked(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        for wrong in WRONG:
            body = {name: value for name, value in {**MINE, **wrong}.items() if value is not None}
            answer = await desk.http.post(f"/api/v1/stations/{key}/reservations", json=body)
            assert answer.status_code == 422, wrong
        assert (await desk.get(f"/stations/{key}/commands"))["items"] == []


async def test_they_are_listed_by_station_state_and_token(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        made = await reserved(desk, key)
        for query in ({"station": key}, {"state": "active"}, {"token": CARD.lower()}, {}):
            assert [each["key"] for each in (await desk.get("/reservations", **query))["items"]] == [made["key"]]
        for query in ({"station": key + 1}, {"state": "used"}, {"token": OTHER}, {"to": "2020-01-01T00:00:00Z"}):
            assert (await desk.get("/reservations", **query))["items"] == []
        await desk.send("GET", "/reservations/999999", status=404)
