"""Who did what is written down, before it is done."""

import asyncio

import msgspec
import pytest

from stationmaster.domain.people.audit import AuditEntry

STATION = {"identity": "CS-1", "password": "a secret password 1"}


def only(world) -> AuditEntry:
    (entry,) = world.queries.log.values()
    return entry


async def test_a_deed_has_one_row_with_who_what_and_its_outcome(world, operator):
    answer = await operator.post("/api/v1/stations", json=STATION)
    assert answer.status_code == 201
    entry = only(world)
    assert (entry.actor_kind, entry.actor, entry.tenant) == ("api_key", "operator of default", "default")
    assert (entry.operation, entry.method, entry.path) == ("admit_station", "POST", "/api/v1/stations")
    assert (entry.status, entry.address, entry.station_key) == (201, "127.0.0.1", None)
    assert msgspec.json.decode(entry.detail) == {"identity": "CS-1", "password": "***"}


async def test_the_row_stands_before_the_deed_is_done(world, operator, monkeypatch):
    seen = []
    create = world.stations.create

    async def watched(*args, **fields):
        seen.append(only(world).status)
        return await create(*args, **fields)

    monkeypatch.setattr(world.stations, "create", watched)
    await operator.post("/api/v1/stations", json=STATION)
    assert seen == [None] and only(world).status == 201


async def test_a_session_is_named_by_its_person_and_a_station_by_its_key(world):
    world.add_station(7)
    client = await world.signed_in("operator", "jo")
    await client.post("/api/v1/stations/7/commands", json={"type": "Reset", "reset_type": "OnIdle"})
    entry = only(world)
    assert (entry.actor_kind, entry.actor, entry.station_key) == ("person", "jo", 7)
    assert world.commands.submitted[0][1] == "jo"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "detail"),
    [
        ("POST", "/api/v1/api-keys", {"name": "x", "role": "viewer"}, 403, ""),
        ("POST", "/api/v1/stations?pasword=hunter2", STATION, 400, ""),
        ("POST", "/api/v1/stations", {"identity": "CS 1", "pasword": "hunter2"}, 422, "(not valid)"),
        ("PATCH", "/api/v1/stations/99", {"name": "x"}, 404, '{"name":"x"}'),
        ("DELETE", "/api/v1/session", None, 409, ""),
    ],
)
async def test_a_refusal_has_its_row_too(world, operator, method, path, body, status, detail):
    assert (await operator.request(method, path, json=body)).status_code == status
    entry = only(world)
    assert (entry.status, entry.detail) == (status, detail)
    assert "hunter2" not in repr(entry)


async def test_a_body_that_is_too_long_is_refused_and_written_down_without_it(world, operator):
    answer = await operator.post("/api/v1/stations", content=b" " * 300_000)
    assert (answer.status_code, only(world).status, only(world).detail) == (413, 413, "")


async def test_what_goes_wrong_inside_has_its_row(world, operator, monkeypatch):
    async def broken(*args, **fields):
        raise ZeroDivisionError

    monkeypatch.setattr(world.stations, "create", broken)
    assert (await operator.post("/api/v1/stations", json=STATION)).status_code == 500
    assert only(world).status == 500


async def test_what_cannot_be_written_down_is_not_done(world, operator):
    world.store.fail = True
    answer = await operator.post("/api/v1/stations", json=STATION)
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert not world.queries.all_stations


async def test_an_outcome_that_cannot_be_written_down_is_not_told(world, operator, monkeypatch):
    create = world.stations.create

    async def and_then_the_disk_is_full(*args, **fields):
        made = await create(*args, **fields)
        world.store.fail = True
        return made

    monkeypatch.setattr(world.stations, "create", and_then_the_disk_is_full)
    answer = await operator.post("/api/v1/stations", json=STATION)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert only(world).status is None


async def test_a_request_whose_client_left_or_whose_node_died_leaves_its_row(world, operator, monkeypatch):
    """Cancelling is the nearest to dying that one process can do to itself."""
    begun = asyncio.Event()

    async def never(*args, **fields):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(world.stations, "create", never)
    asking = asyncio.create_task(operator.post("/api/v1/stations", json=STATION))
    await begun.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert only(world).status is None


async def test_reading_and_strangers_leave_no_row(world, viewer):
    await viewer.get("/api/v1/stations")
    await viewer.options("/api/v1/stations")
    await world.client("sm_wrong").post("/api/v1/stations", json=STATION)
    await viewer.post("/api/v1/nothing-here")
    assert not world.queries.log


async def test_a_body_that_is_a_file_is_left_to_its_operation(world, administrator):
    await administrator.put("/api/v1/firmware-images/1/content", content=b"x" * 100)
    entry = only(world)
    assert entry.detail == "" and entry.operation == "put_image_content"


async def test_a_change_of_ones_own_password_is_written_without_either(world):
    client = await world.signed_in("viewer", "jo")
    body = {"old": "an old password", "new": "a new password"}
    await client.put("/api/v1/session/password", json=body)
    assert only(world).detail == "(secret)"


async def test_signing_in_is_written_down_whichever_way_it_ends(world):
    await world.person("jo")
    for name, password in (("jo", "correct horse battery"), ("jo", "wrong"), ("hunter2", "jo")):
        await world.client().post("/api/v1/session", json={"name": name, "password": password})
    rows = [(e.operation, e.actor_kind, e.actor, e.status) for e in world.queries.log.values()]
    assert rows == [
        ("sign_in", "person", "jo", 201),
        ("sign_in", "person", "jo", 401),
        ("sign_in", "nobody", "", 401),
    ]
    assert "hunter2" not in repr(world.queries.log) and "wrong" not in repr(world.queries.log)


async def test_signing_out_is_written_down(world):
    client = await world.signed_in("viewer", "jo")
    await client.delete("/api/v1/session")
    assert (only(world).operation, only(world).actor, only(world).status) == ("end_session", "jo", 204)


async def test_nobody_is_let_in_whose_row_cannot_be_written(world):
    await world.person("jo")
    world.store.fail = True
    answer = await world.client().post("/api/v1/session", json={"name": "jo", "password": "correct horse battery"})
    assert answer.status_code == 503 and "set-cookie" not in answer.headers
    assert not world.queries.open_sessions


async def test_the_log_is_read_by_administrators_of_its_tenant_as_json_or_csv(world, administrator, operator, stranger):
    await administrator.post("/api/v1/stations", json=STATION)
    assert (await operator.get("/api/v1/audit")).status_code == 403
    (entry,) = (await administrator.get("/api/v1/audit")).json()["items"]
    assert entry["operation"] == "admit_station" and entry["status"] == 201
    assert (await stranger.get("/api/v1/audit")).json()["items"] == []
    table = (await administrator.get("/api/v1/audit", headers={"Accept": "text/csv"})).text.splitlines()
    assert table[0].startswith("key,at,actor_kind") and "admit_station" in table[1] and len(table) == 2


async def test_the_filters_of_the_log_reach_the_store(world, administrator):
    await administrator.get(
        "/api/v1/audit?actor=jo&operation=reset_password&station=7&text=x&from=2030-01-01T00:00:00Z&to=2031-01-01T00:00:00Z"
    )
    query = world.queries.asked[-1]
    asked = (query.tenant, query.actor, query.operation, query.station_key, query.text)
    assert asked == ("default", "jo", "reset_password", 7, "x")
    assert (query.from_at.year, query.to_at.year) == (2030, 2031)
