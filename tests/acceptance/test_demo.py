"""The demo's pages are alive: half an hour of it in virtual time, by its own scene and story, over the real API."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from rest_desk import RestDesk, open_desk
from station_ways import way_to

from stationmaster.cli.demo_operator import DemoOperator
from stationmaster.cli.demo_run import HURRIED
from stationmaster.cli.demo_scene import SITES, TARIFFS, set_scene
from stationmaster.cli.demo_story import FAULT, NOTICE, Story
from stationmaster.simulator.fleet import ALL_VERSIONS, Fleet, FleetPlan

HALF_AN_HOUR_S = 1800.0


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def test_after_half_an_hour_every_page_of_the_demo_has_something_to_show(desk: RestDesk) -> None:
    """One test for all of it: the fleet is what takes its time."""
    bench = desk.bench

    plan = FleetPlan(count=11, seed=1, versions=ALL_VERSIONS, profile=HURRIED, stagger_s=60.0, prefix="DEMO")
    fleet = Fleet(plan, partial(way_to, bench), bench.clock, bench.files)
    await desk.send("POST", "/tokens/import", [{"value": value} for value in fleet.tokens.known], 200)
    operator = DemoOperator(desk.http)
    keys = await set_scene(operator, [station.identity for station in fleet.stations])
    story = Story(operator, fleet.stations, keys, fleet.tokens.known, bench.clock)
    tasks = [asyncio.create_task(fleet.run()), asyncio.create_task(story.run())]
    await bench.clock.sleep(HALF_AN_HOUR_S)

    sites = (await desk.get("/sites"))["items"]
    assert [site["name"] for site in sites] == sorted(site.name for site in SITES)
    assert all(site["latitude"] and site["longitude"] for site in sites)
    assert len((await desk.get("/tariffs"))["items"]) == len(TARIFFS)
    stations = (await desk.get("/stations"))["items"]
    assert len(stations) == 11
    assert all(station["booted_at"] and station["name"] for station in stations)
    alarms = (await desk.get("/alarms", open="true"))["items"]
    assert [alarm["station"] for alarm in alarms if alarm["code"] == FAULT] == [keys["DEMO-00011"]]
    (campaign,) = (await desk.get("/firmware-campaigns"))["items"]
    progress = campaign["progress"]
    assert campaign["state"] == "running"
    assert (progress["stations"], progress["failed"]) == (10, 1)
    assert progress["waiting"] > 0 < progress["done"]
    reservations = (await desk.get("/reservations"))["items"]
    assert reservations[0]["state"] in ("active", "used")
    shown = await desk.get(f"/stations/{keys['DEMO-00002']}/display-messages")
    assert [message["message"]["content"] for message in shown] == [NOTICE]
    bills = (await desk.get("/bills"))["items"]
    assert any(float(bill["content"]["total"]) > 0 for bill in bills)

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await fleet.stop()
