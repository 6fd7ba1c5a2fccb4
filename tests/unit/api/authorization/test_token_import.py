"""Many tokens at once over the API."""

import pytest

from stationmaster.api.authorization.token_import import MAX_IMPORT_BYTES, MAX_TOKENS

PATH = "/api/v1/tokens/import"


async def told(client) -> dict[str, dict]:
    return {token["value"]: token for token in (await client.get("/api/v1/tokens?limit=1000")).json()["items"]}


async def test_tokens_are_made_changed_or_left_as_they_are(operator):
    first = await operator.post(PATH, json=[{"value": "A"}, {"value": "B", "note": "old"}, {"value": "C"}])
    assert (first.status_code, first.json()) == (200, {"created": 3, "changed": 0, "unchanged": 0})
    before = await told(operator)
    again = await operator.post(PATH, json=[{"value": "a"}, {"value": "B", "status": "Blocked"}, {"value": "D"}])
    assert again.json() == {"created": 1, "changed": 1, "unchanged": 1}
    after = await told(operator)
    assert (after["A"], after["C"]) == (before["A"], before["C"])
    assert after["B"] == before["B"] | {"status": "Blocked", "note": None}
    assert set(after) == {"A", "B", "C", "D"}


async def test_the_same_value_of_another_type_or_tenant_is_another_token(operator, stranger):
    body = [{"value": "A"}, {"value": "A", "type": "ISO14443"}]
    assert (await operator.post(PATH, json=body)).json()["created"] == 2
    assert (await stranger.post(PATH, json=body)).json()["created"] == 2


async def test_whoever_listens_is_told_once(world, operator):
    await operator.post(PATH, json=[{"value": "A"}, {"value": "B"}])
    await operator.post(PATH, json=[{"value": "A"}, {"value": "B"}])
    (event,) = [c.event for c in world.store.outbox if c.event.kind == "TokenChanged"]
    assert event.data == {"what": "imported", "created": 2, "changed": 0, "unchanged": 0}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([{"value": "A"}, {"value": "B"}, {"value": "a"}], "body[2]"),
        ([{"value": "A"}, {"value": ""}], "body[1].value"),
        ([{"value": str(number)} for number in range(MAX_TOKENS + 1)], "body"),
        ({"value": "A"}, "body"),
    ],
    ids=["twice", "no value", "too many", "no list"],
)
async def test_all_of_a_list_is_taken_or_nothing(world, operator, body, path):
    answer = await operator.post(PATH, json=body)
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (422, [path])
    assert not world.queries.all_tokens


async def test_as_many_tokens_as_are_allowed_fit(operator):
    body = [{"value": f"{number:020}", "type": "ISO14443", "note": "x" * 200} for number in range(MAX_TOKENS)]
    assert (await operator.post(PATH, json=body)).json()["created"] == MAX_TOKENS


async def test_a_list_that_is_too_long_is_refused(operator):
    assert (await operator.post(PATH, content=b" " * (MAX_IMPORT_BYTES + 1))).status_code == 413
