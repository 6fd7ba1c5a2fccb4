"""What became of a price that was told to stations, as it is told later on."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import ROOT, TODAY, RestDesk, open_desk, running_station

from stationmaster.csms.cost.price_publication import NEVER_CONNECTED
from stationmaster.domain.cost.publications import PricePublished, StationTold
from stationmaster.ocpp.version import Version

TARIFF = {"name": "one", "currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}}
PATH = "/tariffs/one/publications"


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.send("POST", "/tariffs", TARIFF)
        yield made


async def newest(desk: RestDesk) -> Any:
    return (await desk.get(PATH, limit=1))["items"][0]


async def test_a_publication_tells_later_on_what_each_station_made_of_it(desk: RestDesk) -> None:
    never = (await desk.send("POST", "/stations", {"identity": "NEVER"}))["station"]["key"]
    async with running_station(desk, Version.V201) as (_, key):
        told = await desk.send("POST", "/tariffs/one/publish", {"all": True}, status=200)
        (command,) = next(each["commands"] for each in told["stations"] if each["station"] == key)
        await desk.until(f"/stations/{key}/commands/{command}", lambda c: c["state"] not in ("queued", "sent"))
        found = await newest(desk)
        stations = {each["station_identity"]: each for each in found["stations"]}
        assert stations["CS-1"]["states"] == ["accepted"]
        assert (stations["CS-1"]["commands"], stations["CS-1"]["unsupported"]) == ([command], None)
        assert stations["NEVER"] == {
            "station": never,
            "station_identity": "NEVER",
            "commands": [],
            "states": [],
            "unsupported": NEVER_CONNECTED,
        }
        assert (found["progress"], found["partial"]) == ({"accepted": 1}, 0)
        same = ("key", "tariff", "version", "at", "published_by")
        assert [found[name] for name in same] == [told[name] for name in same]
        assert told["progress"] == {"queued": 1}


async def test_a_command_that_is_no_longer_kept_is_told_as_such(desk: RestDesk) -> None:
    told = (StationTold(station_key=7, commands=(8,)),)
    published = PricePublished(
        key=9, tenant="default", tariff="one", version=1, at=TODAY, published_by="me", stations=told
    )
    await desk.bench.storage.journal.store([published])
    found = await newest(desk)
    assert (found["stations"][0]["commands"], found["stations"][0]["states"]) == ([8], [None])
    assert found["progress"] == {"forgotten": 1}


async def test_publications_are_told_newest_first_and_by_pages(desk: RestDesk) -> None:
    await desk.send("POST", "/stations", {"identity": "NEVER"})
    made = [
        (await desk.send("POST", "/tariffs/one/publish", {"all": True}, status=200))["key"],
        (await desk.send("POST", "/tariffs/one/publish", {"all": True}, status=200))["key"],
    ]
    first = await desk.get(PATH, limit=1)
    rest = await desk.get(PATH, limit=1, cursor=first["next_cursor"])
    assert [each["key"] for each in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next_cursor"] is None


async def test_a_tariff_that_was_shown_nowhere_has_no_publications_and_no_other_has_any(desk: RestDesk) -> None:
    assert (await desk.get(PATH))["items"] == []
    answer = await desk.http.get(f"{ROOT}/tariffs/other/publications")
    assert answer.status_code == 404
