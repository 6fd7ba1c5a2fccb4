"""The overview over the API."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from stationmaster.api.app import state_of
from stationmaster.domain.cost.sites import Site
from stationmaster.domain.overview import MapArea

PATH = "/api/v1/overview"


@pytest.fixture(autouse=True)
def sites(world):
    """The tenant's sites, for their zones."""
    found = []
    book = SimpleNamespace(content=lambda tenant: SimpleNamespace(sites=found))
    world.app.state = state_of(replace(world.services, tariffs=SimpleNamespace(book=book)))
    return found


async def test_the_fleet_is_told_at_a_glance(world, viewer):
    told = (await viewer.get(PATH)).json()
    assert (told["total"], told["online"]) == (3, 2)
    assert told["stations"] == {"charging": 2} and told["connectors"] == {"Occupied": 3}
    assert (told["power_w"], told["energy_today_wh"], told["zone"]) == (7000, 900, "UTC")
    assert told["money_today"] == [{"currency": "EUR", "issued": "12.30", "held": "0.00"}]
    assert told["transactions"] == {"begun": 4, "over": 3, "running": 1}
    assert told["alarms"] == [{"severity": 0, "count": 1}, {"severity": 5, "count": 2}]
    assert (told["open_alarms"], told["unacknowledged"]) == (3, 2)
    mall, nowhere = told["sites"]
    assert (mall["name"], mall["utilisation"], mall["uptime"], mall["stations"]) == (
        "Mall",
        0.25,
        0.75,
        {"charging": 2},
    )
    assert (nowhere["name"], nowhere["utilisation"], nowhere["uptime"]) == (None, None, None)


async def test_the_day_begins_where_most_of_the_sites_are_or_where_it_is_asked_for(world, viewer, sites):
    def begun_in(zone_hours):
        (_, day_from) = world.queries.asked.pop()
        return (day_from.astimezone(UTC).hour + zone_hours) % 24 == 0 and day_from.minute == 0

    for name, zone in (("A", "Asia/Tokyo"), ("B", "Asia/Tokyo"), ("C", "UTC")):
        sites.append(Site(tenant="default", name=name, zone=zone))
    assert (await viewer.get(PATH)).json()["zone"] == "Asia/Tokyo"
    assert begun_in(9)
    asked = await viewer.get(PATH, params={"zone": "Asia/Dubai"})
    assert asked.json()["zone"] == "Asia/Dubai"
    assert begun_in(4)
    assert datetime.fromisoformat(asked.json()["day_from"]) <= datetime.fromisoformat(asked.json()["at"])
    refused = await viewer.get(PATH, params={"zone": "Moon/Base"})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "query.zone")


async def test_many_who_look_at_the_same_ask_the_store_once_each_tenant_for_itself(world, viewer, operator, stranger):
    for client in (viewer, operator, viewer):
        await client.get(PATH)
    assert [tenant for tenant, _ in world.queries.asked] == ["default"]
    await stranger.get(PATH)
    assert [tenant for tenant, _ in world.queries.asked] == ["default", "other"]


async def test_the_power_is_told_slot_by_slot(world, viewer):
    told = (await viewer.get(f"{PATH}/power", params={"hours": 12, "sites": 3})).json()
    assert told["sites"] == [{"name": "Mall", "power_w": [None, 7000], "others": False}]
    assert (told["slot_s"], world.queries.asked) == (300, [("default", 12, 3)])
    assert (await viewer.get(f"{PATH}/power", params={"hours": 0})).status_code == 422


async def test_station_use_comes_worst_first(world, viewer):
    told = (await viewer.get(f"{PATH}/stations")).json()
    (use,) = told["items"]
    assert (use["utilisation"], use["uptime"], told["next_cursor"], use["state"]) == (0.5, None, "next", "offline")
    await viewer.get(f"{PATH}/stations", params={"sort": "-utilisation", "days": 1, "limit": 5, "site": "Mall"})
    assert world.queries.asked == [("default", 7, "uptime", 50, None), ("default", 1, "-utilisation", 5, "Mall")]
    assert (await viewer.get(f"{PATH}/stations", params={"days": 32})).status_code == 422


async def test_the_map_is_of_all_or_of_an_area(world, viewer):
    told = (await viewer.get(f"{PATH}/map")).json()
    assert told == {"points": [], "area": None, "stations": 0, "without": 3}
    area = {"south": 1, "west": 2, "north": 3, "east": 4.5}
    assert (await viewer.get(f"{PATH}/map", params={**area, "cells": 9})).json()["area"] == area
    assert world.queries.asked == [("default", 40, None), ("default", 9, MapArea(1, 2, 3, 4.5))]
    for wrong in ({"south": 1}, {**area, "north": 0}, {**area, "east": 0}, {**area, "north": 91}, {"cells": 101}):
        assert (await viewer.get(f"{PATH}/map", params=wrong)).status_code == 422, wrong
