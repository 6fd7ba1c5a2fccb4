"""Who may do what."""

import re

import httpx
import pytest
from litestar.routes import HTTPRoute

from stationmaster.api.http.access import NEEDED, OPEN, SAFE_METHODS
from stationmaster.domain.people.roles import ROLES, may

ACTS = [
    ("POST", "/api/v1/stations", "operator"),
    ("PATCH", "/api/v1/stations/1", "operator"),
    ("PATCH", "/api/v1/stations/1/connectors/1/1", "operator"),
    ("POST", "/api/v1/tokens", "operator"),
    ("POST", "/api/v1/tokens/import", "operator"),
    ("DELETE", "/api/v1/tokens/1", "operator"),
    ("POST", "/api/v1/stations/1/commands", "operator"),
    ("GET", "/api/v1/messages", "operator"),
    ("POST", "/api/v1/stations/1/calls", "administrator"),
    ("GET", "/api/v1/api-keys", "administrator"),
    ("POST", "/api/v1/api-keys", "administrator"),
    ("DELETE", "/api/v1/api-keys/1", "administrator"),
]


def test_every_operation_stands_in_the_table_and_nothing_else(world):
    routes = [route for route in world.app.routes if isinstance(route, HTTPRoute)]
    served = {handler.handler_name for route in routes for handler in route.route_handlers}
    assert served == set(NEEDED) | OPEN


def test_a_role_may_do_what_lesser_ones_may():
    assert may("administrator", "viewer") and may("operator", "operator")
    assert not may("viewer", "operator") and not may("operator", "administrator")
    assert not may("emperor", "viewer")


@pytest.mark.parametrize("path", ["/api/v1/stations", "/api/v1/events", "/metrics", "/api/v1/version"])
async def test_without_a_key_nothing_is_told(world, path):
    for client in (world.client(), world.client("sm_wrong"), world.client("x" * 5000)):
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/openapi.json"])
async def test_health_and_description_need_no_key(world, path):
    assert (await world.client().get(path)).status_code == 200


async def test_the_key_may_stand_in_a_header_of_its_own(world):
    _, secret = await world.ring.make("default", "script", "viewer")
    answer = await world.client().get("/api/v1/stations", headers={"X-API-Key": secret})
    assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path", "needed"), ACTS)
async def test_a_lesser_role_is_refused_before_anything_is_read(world, method, path, needed):
    lesser = await world.client_of({"operator": "viewer", "administrator": "operator"}[needed])
    answer = await lesser.request(method, path, content=b"{not json")
    assert answer.status_code == 403
    assert needed in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "needed"), ACTS)
async def test_the_needed_role_is_let_through(world, method, path, needed):
    client = await world.client_of(needed)
    assert (await client.request(method, path)).status_code not in (401, 403)


async def test_a_revoked_key_is_refused_at_once(world):
    key, secret = await world.ring.make("default", "short", "viewer")
    client = world.client(secret)
    assert (await client.get("/api/v1/version")).status_code == 200
    await world.ring.revoke("default", key.key)
    assert (await client.get("/api/v1/version")).status_code == 401


async def test_another_tenants_things_are_not_there(world, stranger: httpx.AsyncClient):
    world.add_station(1)
    world.add_transaction(10)
    await world.commands.submit("default", 1, None)
    for path in (
        "/api/v1/stations/1",
        "/api/v1/stations/1/connectors",
        "/api/v1/stations/1/oddities",
        "/api/v1/stations/1/oddities/counts",
        "/api/v1/stations/1/commands",
        "/api/v1/stations/1/commands/501",
        "/api/v1/transactions/10",
        "/api/v1/transactions/10/events",
        "/api/v1/transactions/10/meter-values",
    ):
        assert (await stranger.get(path)).status_code == 404, path
    for path, body in (
        ("/api/v1/stations/1/commands", {"type": "Reset", "reset_type": "OnIdle"}),
        ("/api/v1/stations/1/calls", {"action": "Reset", "payload": {}}),
    ):
        assert (await stranger.post(path, json=body)).status_code == 404, path
    assert (await stranger.patch("/api/v1/stations/1", json={})).status_code == 404
    assert (await stranger.patch("/api/v1/stations/1/connectors/1/1", json={"eid": "A"})).status_code == 404
    assert len(world.commands.submitted) == 1


@pytest.mark.parametrize("path", ["stations", "tokens", "transactions", "messages"])
async def test_lists_are_asked_for_the_keys_tenant_only(world, stranger, path):
    assert (await stranger.get(f"/api/v1/{path}")).status_code == 200
    assert [query.tenant for query in world.queries.asked] == ["other"]


async def test_no_browser_of_another_origin_is_let_in(world, viewer):
    answer = await viewer.get("/api/v1/stations", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def operations(world) -> list[tuple[str, str, str]]:
    """(name, method, a path) of every operation that needs a role."""
    found = []
    for route in world.app.routes:
        if isinstance(route, HTTPRoute):
            path = re.sub(r"\{\w+:int\}", "1", re.sub(r"\{\w+:str\}", "x", route.path))
            found += [
                (handler.handler_name, method, path)
                for handler in route.route_handlers
                for method in handler.http_methods
                if handler.handler_name not in OPEN
            ]
    return found


async def test_of_every_operation_a_session_of_a_lesser_role_is_refused_and_each_such_refusal_is_written_down(world):
    clients = {role: await world.signed_in(role) for role in ROLES}
    every = operations(world)
    assert {name for name, _, _ in every} == set(NEEDED)
    changing = 0
    for name, method, path in every:
        lesser = ROLES[: ROLES.index(NEEDED[name])]
        for role in lesser:
            answer = await clients[role].request(method, path, content=b"{not json")
            assert answer.status_code == 403, (name, role)
            changing += method not in SAFE_METHODS
    written = [entry for entry in world.queries.log.values() if entry.status == 403]
    assert len(written) == changing > 100


async def test_of_every_operation_a_session_of_enough_role_is_let_in(world):
    """As far as what it asks for: a query that no operation has is refused behind the door."""
    clients = {role: await world.signed_in(role) for role in ROLES}
    for name, method, path in operations(world):
        for role in ROLES[ROLES.index(NEEDED[name]) :]:
            answer = await clients[role].request(method, path, params={"no-such-parameter": "1"})
            assert answer.status_code == 400, (name, role, answer.text)
