"""Raw calls over the API."""

import pytest

from stationmaster.csms.commands.kinds import RawCall

PATH = "/api/v1/stations/1/calls"


@pytest.fixture(autouse=True)
def station(world):
    world.add_station(1, version="2.0.1", connected_at=world.clock.now())
    world.add_station(2, version="1.6", connected_at=world.clock.now())
    world.add_station(3, version="2.0.1")
    world.add_station(4, version="1.5", connected_at=world.clock.now())


async def test_a_call_answers_with_the_stations_answer(world, administrator):
    world.commands.ending = {"state": "accepted", "answer": {"status": "Accepted"}}
    answer = await administrator.post(PATH, json={"action": "Reset", "payload": {"type": "OnIdle"}, "wait": 5})
    assert answer.status_code == 201
    assert answer.json() == {"command": 501, "state": "accepted", "answer": {"status": "Accepted"}, "error": None}
    assert answer.headers["location"] == "/api/v1/stations/1/commands/501"
    assert world.commands.submitted[0][0] == RawCall(action="Reset", payload={"type": "OnIdle"}, version="2.0.1")
    assert world.commands.waits == [5]


async def test_a_call_that_failed_says_why(world, administrator):
    world.commands.ending = {"state": "failed", "detail": "NotSupported: no"}
    told = (await administrator.post(PATH, json={"action": "Reset", "payload": {"type": "OnIdle"}})).json()
    assert (told["answer"], told["error"]) == (None, "NotSupported: no")


async def test_a_call_under_way_is_neither_answered_nor_failed(world, administrator):
    told = (await administrator.post(PATH, json={"action": "Reset", "payload": {"type": "OnIdle"}, "wait": 0})).json()
    assert told == {"command": 501, "state": "queued", "answer": None, "error": None}


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"type": "Hard"}, "body.payload.type"),
        ({}, "body.payload.type"),
        ({"type": "OnIdle", "evseId": "one"}, "body.payload.evseId"),
        ({"type": "OnIdle", "extra": 1}, "body.payload.extra"),
    ],
)
async def test_a_payload_is_checked_against_the_stations_own_version(world, administrator, payload, path):
    answer = await administrator.post(PATH, json={"action": "Reset", "payload": payload})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:stationmaster:problem:schema-violation")
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert world.commands.submitted == []


async def test_each_station_has_its_own_version(world, administrator):
    call = {"action": "Reset", "payload": {"type": "Hard"}}
    assert (await administrator.post("/api/v1/stations/2/calls", json=call)).status_code == 201


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("GetVariable", "GetVariables"),
        ("reset", "did you mean Reset?"),
        ("Xyzzy", "OCPP 2.0.1 has no action Xyzzy"),
        ("ChangeConfiguration", "has no action ChangeConfiguration"),
        ("BootNotification", "sent by stations"),
    ],
)
async def test_an_action_that_cannot_be_sent_is_refused_with_advice(world, administrator, action, words):
    answer = await administrator.post(PATH, json={"action": action, "payload": {}})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["path"] == "body.action" and words in error["detail"]
    assert world.commands.submitted == []


async def test_a_station_that_is_away_is_a_conflict(world, administrator):
    answer = await administrator.post(
        "/api/v1/stations/3/calls", json={"action": "Reset", "payload": {"type": "OnIdle"}}
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:stationmaster:problem:not-connected")


@pytest.mark.parametrize("version", [None, "3.0"])
async def test_a_station_of_no_version_that_is_known_is_a_conflict(world, administrator, version):
    world.add_station(5, version=version)
    answer = await administrator.post("/api/v1/stations/5/calls", json={"action": "Reset", "payload": {}})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:stationmaster:problem:version-unknown")


async def test_an_action_that_goes_without_an_answer_is_no_call(world, administrator):
    world.add_station(5, version="2.1", connected_at=world.clock.now())
    answer = await administrator.post(
        "/api/v1/stations/5/calls", json={"action": "NotifyPeriodicEventStream", "payload": {}}
    )
    assert answer.status_code == 422
