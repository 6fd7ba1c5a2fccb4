"""Stations over the API."""

from datetime import timedelta

import pytest

from stationmaster.domain.identity import Evse
from stationmaster.domain.queries import CallerSeen, LoggedOddity
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import Connector

PATH = "/api/v1/stations"


@pytest.mark.parametrize(
    ("connected", "disconnected", "is_there"),
    [(None, None, False), (1, None, True), (1, 2, False), (3, 2, True)],
)
async def test_connected_means_that_the_last_thing_known_is_a_connection(
    world, viewer, connected, disconnected, is_there
):
    def moment(seconds):
        return None if seconds is None else world.clock.now().replace(microsecond=0) + timedelta(seconds=seconds)

    world.add_station(1, connected_at=moment(connected), disconnected_at=moment(disconnected))
    assert (await viewer.get(f"{PATH}/1")).json()["connected"] is is_there


async def test_stations_come_in_pages_to_their_end(world, viewer):
    for key in range(1, 6):
        world.add_station(key)
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await viewer.get(PATH, params=query)).json()
        seen += [station["key"] for station in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [1, 2, 3, 4, 5]


async def test_filters_are_handed_on(world, viewer):
    told = {"version": "1.6", "vendor": "Acme", "model": "X", "firmware_version": "2"}
    given = {"text": "garage", "registration": "Pending", "state": "faulted", "site": "Mall", **told}
    await viewer.get(PATH, params={**given, "connected": "true"})
    (query,) = world.queries.asked
    assert query.connected is True and query.tenant == "default"
    assert {name: getattr(query, name) for name in given} == given
    assert (await viewer.get(PATH, params={"registration": "Maybe"})).status_code == 422


async def test_the_list_is_sorted_counted_and_says_how_stations_stand(world, viewer):
    world.add_station(1)
    world.add_station(2, tenant="other")
    answer = (await viewer.get(PATH, params={"sort": "-last_seen", "count": "true"})).json()
    (station,) = answer["items"]
    assert (answer["total"], station["state"], station["site"], station["power_w"]) == (1, "available", None, None)
    assert (await viewer.get(PATH)).json()["total"] is None
    refused = await viewer.get(PATH, params={"sort": "body"})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "query.sort")


async def test_facets_are_told_with_their_counts(world, viewer):
    world.add_station(1)
    told = (await viewer.get(f"{PATH}/facets")).json()
    assert set(told) == {"state", "site", "version", "vendor", "model", "firmware_version"}
    assert told["site"] == [{"value": None, "count": 1}]


async def test_what_a_station_is_told_without_its_password(world, viewer):
    world.add_station(1, password_hash="b2k$salt$digest", name="Garage")
    answer = await viewer.get(f"{PATH}/1")
    assert answer.json()["has_password"] is True and answer.json()["name"] == "Garage"
    assert "b2k" not in answer.text


async def test_a_generated_password_is_told_once(world, operator):
    answer = await operator.post(PATH, json={"identity": "CS-9", "generate": True, "registration": "Pending"})
    assert answer.status_code == 201
    password, key = answer.json()["password"], answer.json()["station"]["key"]
    assert world.stations.passwords == [password] and len(password) == 40
    assert answer.headers["location"] == f"{PATH}/{key}"
    again = await operator.get(answer.headers["location"])
    assert password not in again.text
    assert (again.json()["registration"], again.json()["has_password"]) == ("Pending", True)


async def test_a_password_that_was_given_is_not_told_back(world, operator):
    answer = await operator.post(PATH, json={"identity": "CS-9", "password": "0123456789abcdef"})
    assert world.stations.passwords == ["0123456789abcdef"]
    assert answer.json()["password"] is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"identity": "two words"}, "body.identity"),
        ({"identity": "x" * 49}, "body.identity"),
        ({"identity": "CS-1\n"}, "body.identity"),
        ({"identity": "CS-1", "password": "short"}, "body.password"),
        ({"identity": "CS-1", "password": "0123456789abcdef", "generate": True}, "body.generate"),
        ({"identity": "CS-1", "default_version": "3.0"}, "body.default_version"),
        ({"identity": "CS-1", "registration": "Maybe"}, "body.registration"),
        ({"identity": "CS-1", "colour": "red"}, "body.colour"),
    ],
)
async def test_what_is_no_station_is_not_admitted(world, operator, body, path):
    answer = await operator.post(PATH, json=body)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert not world.queries.all_stations


async def test_an_identity_is_admitted_once_in_a_tenant(operator, stranger):
    assert (await operator.post(PATH, json={"identity": "CS-9"})).status_code == 201
    again = await operator.post(PATH, json={"identity": "CS-9"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:stationmaster:problem:already-there")
    assert (await stranger.post(PATH, json={"identity": "CS-9"})).status_code == 201


async def test_a_change_leaves_alone_what_it_does_not_name_and_null_takes_away(world, operator):
    world.add_station(1, name="Garage", party_id="ABC", default_version="1.6", password_hash="old")
    body = {"name": None, "registration": "Rejected", "strictness": "strict"}
    changed = (await operator.patch(f"{PATH}/1", json=body)).json()["station"]
    assert (changed["name"], changed["registration"], changed["strictness"]) == (None, "Rejected", "strict")
    assert (changed["party_id"], changed["default_version"]) == ("ABC", "1.6")
    assert world.stations.passwords == [None]


async def test_a_password_can_be_generated_anew_but_not_taken_away(world, operator):
    world.add_station(1)
    answer = (await operator.patch(f"{PATH}/1", json={"generate": True})).json()
    assert world.stations.passwords == [answer["password"]]
    assert (await operator.patch(f"{PATH}/1", json={"password": None})).status_code == 422


async def test_callers_that_are_no_stations_are_listed(world, viewer):
    at = world.clock.now()
    world.queries.callers = [
        CallerSeen(
            tenant=tenant, identity="CS-X", first_at=at, last_at=at, calls=4, address="10.0.0.9", subprotocols="ocpp1.6"
        )
        for tenant in ("default", "other")
    ]
    (only,) = (await viewer.get(f"{PATH}/unknown")).json()["items"]
    assert (only["tenant"], only["identity"], only["calls"]) == ("default", "CS-X", 4)


async def test_connectors_are_told_with_their_occupancy_and_transaction(world, viewer):
    world.add_station(1)
    at = world.clock.now()
    world.queries.all_connectors = [
        Connector(station_key=1, evse_id=evse, connector_id=conn, status=status, since=at, received_at=at)
        for evse, conn, status in ((2, 1, "Occupied"), (0, 0, "Available"), (1, 1, "Occupied"), (3, 1, "Faulted"))
    ]
    world.add_transaction(10, evse=Evse(1, 1), authorization="Accepted", charging_state="Charging")
    world.add_transaction(11, evse=Evse(2, 1), authorization="Invalid")
    found = (await viewer.get(f"{PATH}/1/connectors")).json()
    assert [(c["evse_id"], c["occupancy"], c["transaction"]) for c in found] == [
        (1, "charging", 10),
        (2, "plugged_without_authorization", 11),
        (3, "faulted", None),
    ]


async def test_oddities_are_told_and_counted(world, viewer):
    world.add_station(1)
    odd = Oddity(station_key=1, at=world.clock.now(), kind="too_early", action="Authorize", detail="before it booted")
    world.queries.all_oddities = [LoggedOddity(7, odd)]
    (only,) = (await viewer.get(f"{PATH}/1/oddities?kind=too_early")).json()["items"]
    assert (only["key"], only["kind"], only["detail"]) == (7, "too_early", "before it booted")
    assert world.queries.asked[-1].kind == "too_early"
    assert (await viewer.get(f"{PATH}/1/oddities/counts")).json()[0]["count"] == 3


async def test_connectors_are_named_for_roaming_partners_and_evses_for_all_of_theirs(world, operator):
    world.add_station(1)
    at = world.clock.now()
    world.queries.all_connectors = [
        Connector(station_key=1, evse_id=1, connector_id=number, status="Available", since=at, received_at=at)
        for number in (1, 2)
    ]
    for connector, eid in ((0, "DE*ABC*E1"), (2, "DE*ABC*E1*2")):
        answer = await operator.patch(f"{PATH}/1/connectors/1/{connector}", json={"eid": eid})
        assert answer.json() == {"evse_id": 1, "connector_id": connector, "eid": eid}
    told = (await operator.get(f"{PATH}/1/connectors")).json()
    assert [connector["eid"] for connector in told] == ["DE*ABC*E1", "DE*ABC*E1*2"]
    await operator.patch(f"{PATH}/1/connectors/1/2", json={"eid": None})
    told = (await operator.get(f"{PATH}/1/connectors")).json()
    assert [connector["eid"] for connector in told] == ["DE*ABC*E1", "DE*ABC*E1"]


@pytest.mark.parametrize(
    ("place", "body", "path"),
    [
        ("1/1", {"eid": ""}, "body.eid"),
        ("1/1", {"eid": "DE ABC"}, "body.eid"),
        ("1/1", {"eid": "DE*ABC\n"}, "body.eid"),
        ("1/1", {"eid": "x" * 49}, "body.eid"),
        ("1/1", {}, "body.eid"),
        ("0/1", {"eid": "A"}, "path.evse_id"),
        ("1/2147483648", {"eid": "A"}, "path.connector_id"),
    ],
)
async def test_what_is_no_evse_id_or_no_place_is_refused(world, operator, place, body, path):
    world.add_station(1)
    answer = await operator.patch(f"{PATH}/1/connectors/{place}", json=body)
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (422, [path])
    assert not world.queries.eids
