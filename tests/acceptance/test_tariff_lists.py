"""What tariffs, assignments and sites say of themselves in lists: how they stand, for whom, and where."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk

PRICE = {
    "currency": "EUR",
    "energy": {"prices": [{"amount": "0.4", "when": {"from_time": "22:00"}}, {"amount": "0.5"}]},
}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def stations(desk: RestDesk, *identities: str) -> list[int]:
    return [(await desk.send("POST", "/stations", {"identity": each}))["station"]["key"] for each in identities]


async def test_versions_say_which_one_holds_and_until_when(desk: RestDesk) -> None:
    await desk.send("POST", "/tariffs", {"name": "t", **PRICE})
    await desk.send("PUT", "/tariffs/t", {**PRICE, "valid_from": "2027-01-01T00:00:00Z"}, status=200)
    await desk.send("PUT", "/tariffs/t", {**PRICE, "valid_from": "2028-01-01T00:00:00Z"}, status=200)
    told = [
        (each["version"], each["state"], each["valid_to"]) for each in (await desk.get("/tariffs/t/versions"))["items"]
    ]
    assert told == [
        (3, "later", None),
        (2, "later", "2028-01-01T00:00:00Z"),
        (1, "in_force", "2027-01-01T00:00:00Z"),
    ]


async def test_prices_have_their_conditions_in_words(desk: RestDesk) -> None:
    made = await desk.send("POST", "/tariffs", {"name": "t", **PRICE})
    assert [price["when_text"] for price in made["energy"]["prices"]] == ["22:00-24:00", "always"]


async def test_a_tariff_says_for_whom_and_where_it_is(desk: RestDesk) -> None:
    (station,) = await stations(desk, "CS-1")
    token = (await desk.send("POST", "/tokens", {"value": "CARD"}))["key"]
    await desk.send("PUT", "/sites/Quay", {"zone": "UTC"}, status=200)
    await desk.send("POST", "/tariffs", {"name": "t", **PRICE})
    assert (await desk.get("/tariffs/t"))["assignments"] == 0
    await desk.send("POST", "/tariff-assignments", {"tariff": "t"})
    await desk.send("POST", "/tariff-assignments", {"tariff": "t", "site": "Quay", "group": "fleet"})
    await desk.send("POST", "/tariff-assignments", {"tariff": "t", "station": station, "token": token})
    ended = (await desk.send("POST", "/tariff-assignments", {"tariff": "t", "party_id": "X"}))["key"]
    await desk.send("DELETE", f"/tariff-assignments/{ended}", status=200)
    tariff = await desk.get("/tariffs/t")
    assert tariff["assignments"] == 3
    assert tariff["assigned"] == ["all, everywhere", "group fleet, site Quay", "one token, one station"]
    named = (await desk.get("/tariff-assignments", ended="false"))["items"][0]
    assert (named["station_identity"], named["token_value"], named["state"]) == ("CS-1", "CARD", "in_force")
    over = (await desk.get("/tariff-assignments", ended="true"))["items"]
    assert [(each["key"], each["state"], each["text"]) for each in over] == [(ended, "ended", "party X")]
    choice = await desk.get("/tariff-choice", station=station)
    assert {each["assignment"]["station_identity"] for each in choice["candidates"]} == {None, "CS-1"}


@pytest.mark.parametrize(
    ("path", "name"), [("/tariffs", "name"), ("/sites", "name"), ("/tariff-assignments", "priority")]
)
async def test_lists_come_in_pages_without_losing_any(desk: RestDesk, path: str, name: str) -> None:
    for number in range(7):
        await desk.send("PUT", f"/sites/s{number}", {"zone": "UTC"}, status=200)
        await desk.send("POST", "/tariffs", {"name": f"t{number}", **PRICE})
        await desk.send("POST", "/tariff-assignments", {"tariff": f"t{number}", "priority": number})
    found: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        page = await desk.get(path, limit=3, **cursor)
        found += [each[name] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(found) == len(set(found)) == 7
    await desk.send("GET", path, status=422, cursor="made up")


async def test_lists_are_searched(desk: RestDesk) -> None:
    for name in ("Night", "day"):
        await desk.send("POST", "/tariffs", {"name": name, **PRICE})
    await desk.send("PUT", "/sites/Quay", {"zone": "UTC", "address": "Harbour road 1"}, status=200)
    await desk.send("PUT", "/sites/Town", {"zone": "UTC"}, status=200)
    assert [each["name"] for each in (await desk.get("/tariffs", text="NIGH"))["items"]] == ["Night"]
    assert [each["name"] for each in (await desk.get("/sites", text="harbour"))["items"]] == ["Quay"]
    assert [each["name"] for each in (await desk.get("/sites", text="tow"))["items"]] == ["Town"]


async def test_stations_are_put_at_a_site_all_or_none_and_keep_what_else_is_said_of_them(desk: RestDesk) -> None:
    one, two, three = await stations(desk, "CS-1", "CS-2", "CS-3")
    for site in ("Quay", "Town"):
        await desk.send("PUT", f"/sites/{site}", {"zone": "Europe/Berlin"}, status=200)
    await desk.send("PUT", f"/stations/{one}/places/0", {"site": "Town", "evse_kind": "DC"}, status=200)
    await desk.send("PUT", f"/stations/{three}/places/2", {"site": "Quay", "max_power_w": 22000}, status=200)

    refused = await desk.send("PATCH", "/sites/Quay/stations", {"add": [one, 999]}, status=422)
    assert refused["errors"] == [{"path": "body.add[1]", "detail": "there is no such station"}]
    await desk.send("PATCH", "/sites/Nowhere/stations", {"add": [one]}, status=404)
    await desk.send("PATCH", "/sites/Quay/stations", {"add": [one], "remove": [one]}, status=422)
    assert (await desk.get("/stations", site="Quay"))["items"] == []

    moved = await desk.send("PATCH", "/sites/Quay/stations", {"add": [two, one, one]}, status=200)
    assert moved == {"site": "Quay", "added": [one, two], "removed": []}
    again = await desk.send("PATCH", "/sites/Quay/stations", {"add": [two], "remove": [three]}, status=200)
    assert again == {"site": "Quay", "added": [], "removed": []}
    told = (await desk.get("/sites/Quay/places"))["items"]
    assert [(each["station_identity"], each["evse_id"], each["evse_kind"]) for each in told] == [
        ("CS-1", 0, "DC"),
        ("CS-2", 0, None),
        ("CS-3", 2, None),
    ]
    assert [each["identity"] for each in (await desk.get("/stations", site="Quay"))["items"]] == ["CS-1", "CS-2"]

    page = await desk.get("/sites/Quay/places", limit=2)
    rest = await desk.get("/sites/Quay/places", limit=2, cursor=page["next_cursor"])
    assert [each["station"] for each in page["items"] + rest["items"]] == [one, two, three]
    assert rest["next_cursor"] is None

    await desk.send("PATCH", "/sites/Quay/stations", {"remove": [one]}, status=200)
    assert (await desk.get(f"/stations/{one}/places"))["items"][0]["evse_kind"] == "DC"
    assert [each["identity"] for each in (await desk.get("/stations", site="Quay"))["items"]] == ["CS-2"]


async def test_reservations_name_their_station_and_are_found_while_they_are_not_over(desk: RestDesk) -> None:
    (station,) = await stations(desk, "CS-1")
    await desk.send("POST", "/tokens", {"value": "CARD"})
    body = {"id_token": {"value": "CARD"}, "minutes": 5, "lifetime_s": 60}
    made = await desk.send("POST", f"/stations/{station}/reservations", body)
    assert (made["station_identity"], made["is_open"], made["state"]) == ("CS-1", True, "queued")
    assert [each["key"] for each in (await desk.get("/reservations", open="true"))["items"]] == [made["key"]]
    assert (await desk.get("/reservations", open="false"))["items"] == []
    assert (await desk.get(f"/reservations/{made['key']}"))["station_identity"] == "CS-1"
    after = await desk.send("POST", f"/reservations/{made['key']}/cancel", status=200)
    told = await desk.get(f"/stations/{station}/commands/{after['command']}")
    assert told["type"] == "CancelReservation"
