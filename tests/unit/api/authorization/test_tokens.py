"""Tokens over the API."""

import pytest

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import IdToken

PATH = "/api/v1/tokens"
WHOLE = {
    "value": "04A1B2C3",
    "type": "ISO14443",
    "status": "Blocked",
    "group": "FLEET",
    "expires_at": "2031-01-01T00:00:00Z",
    "max_concurrent": 3,
    "language": "de",
    "party_id": "ABC",
    "contract_issuer": "XYZ",
    "contract_id": "DE-ABC-C00000001-1",
    "note": "spare",
}


async def test_a_token_is_told_back_as_it_was_given(operator):
    answer = await operator.post(PATH, json=WHOLE)
    assert answer.status_code == 201
    told = (await operator.get(answer.headers["location"])).json()
    assert {name: told[name] for name in WHOLE} == WHOLE


async def test_every_change_is_told_to_whoever_listens(world, operator):
    key = (await operator.post(PATH, json={"value": "A"})).json()["key"]
    await operator.patch(f"{PATH}/{key}", json={"status": "Blocked"})
    await operator.delete(f"{PATH}/{key}")
    told = [(c.event.data["what"], c.event.tenant) for c in world.store.outbox if c.event.kind == "TokenChanged"]
    assert told == [("created", "default"), ("changed", "default"), ("removed", "default")]


async def test_a_change_leaves_alone_what_it_does_not_name_and_null_takes_away(operator):
    path = (await operator.post(PATH, json=WHOLE)).headers["location"]
    changed = (await operator.patch(path, json={"max_concurrent": None, "note": "lost"})).json()
    assert (changed["max_concurrent"], changed["note"], changed["group"]) == (None, "lost", "FLEET")


async def test_the_value_of_a_token_cannot_be_changed(operator):
    path = (await operator.post(PATH, json={"value": "A"})).headers["location"]
    assert (await operator.patch(path, json={"value": "B"})).status_code == 422


async def test_a_removed_token_is_gone(operator):
    path = (await operator.post(PATH, json={"value": "A"})).headers["location"]
    assert (await operator.delete(path)).status_code == 204
    assert (await operator.get(path)).status_code == 404
    assert (await operator.delete(path)).status_code == 404


async def test_a_token_is_known_once_in_whatever_case(operator, stranger):
    assert (await operator.post(PATH, json={"value": "abc"})).status_code == 201
    again = await operator.post(PATH, json={"value": "ABC"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:stationmaster:problem:duplicate-token")
    assert (await operator.post(PATH, json={"value": "ABC", "type": "Central"})).status_code == 201
    assert (await stranger.post(PATH, json={"value": "abc"})).status_code == 201


async def test_whoever_comes_second_in_the_same_moment_is_told_so_too(world, operator):
    store = world.store.store

    async def too_late(records, events=()):
        (token,) = records
        if not isinstance(token, Token):  # what is written down of who asked
            return await store(records, events)
        world.queries.all_tokens[1] = Token(key=1, tenant="default", id_token=IdToken(token.id_token.value))
        raise StorageFailed("UNIQUE constraint failed")

    world.store.store = too_late
    assert (await operator.post(PATH, json={"value": "A"})).status_code == 409


async def test_filters_are_handed_on(world, viewer):
    await viewer.get(PATH, params={"text": "04a", "status": "Blocked"})
    assert (world.queries.asked[0].text, world.queries.asked[0].status) == ("04a", "Blocked")


@pytest.mark.parametrize(
    "body",
    [
        {"value": "x" * 256},
        {"value": "A", "max_concurrent": 0},
        {"value": "A", "status": "Fine"},
        {"value": "A", "type": "two words"},
        {"value": "A", "note": "x" * 1001},
        {"value": "A", "expires_at": "tomorrow"},
    ],
)
async def test_values_have_bounds(world, operator, body):
    assert (await operator.post(PATH, json=body)).status_code == 422
    assert not world.queries.all_tokens
