"""Files of tokens, told line by line."""

import json

import pytest

from stationmaster.api.authorization.token_import import MAX_TOKENS

PATH = "/api/v1/tokens/import/file"


async def sent(client, content: str, **more) -> dict:
    answer = await client.post(PATH, json={"content": content, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def results(found: dict) -> list[tuple[int, str, str]]:
    return [(line["line"], line["value"], line["result"]) for line in found["lines"]]


async def test_a_wrong_line_keeps_all_from_being_taken_unless_it_is_to_be_skipped(world, operator):
    content = "value,status\nA,Accepted\nB,Lost\n\nC,Blocked\n"
    found = await sent(operator, content)
    assert results(found) == [(2, "A", "created"), (3, "B", "wrong"), (5, "C", "created")]
    assert found["lines"][1]["detail"].startswith("status: ")
    assert (found["stored"], world.queries.all_tokens) == (False, {})
    assert (await sent(operator, content, skip_wrong=True))["stored"]
    assert {token.id_token.value: token.status for token in world.queries.all_tokens.values()} == {
        "A": "Accepted",
        "C": "Blocked",
    }


async def test_a_dry_run_says_the_same_and_stores_nothing(world, operator):
    assert (await operator.post("/api/v1/tokens", json={"value": "A", "note": "old"})).status_code == 201
    found = await sent(operator, "value;note\nA;new\nB;\n", dry_run=True)
    assert [line["result"] for line in found["lines"]] == ["changed", "created"]
    assert (found["stored"], found["created"], found["changed"], len(world.queries.all_tokens)) == (False, 1, 1, 1)


async def test_cells_are_read_as_what_they_are(world, operator):
    names = "value,type,expires_at,max_concurrent,charging_priority,on_lists"
    content = f"\ufeff{names}\n  A ,ISO14443,2031-05-01T00:00:00+02:00,null,-3,false\nB,,,,,\n"
    assert (await sent(operator, content))["stored"]
    first, second = world.queries.all_tokens.values()
    assert (first.id_token.value, first.max_concurrent, first.charging_priority, first.on_lists) == (
        "A",
        None,
        -3,
        False,
    )
    assert (second.id_token.type, second.max_concurrent, second.on_lists) == (None, 1, True)


async def test_json_is_taken_with_rules(world, operator):
    tokens = [{"value": "A", "rules": {"quota": {"starts": 3, "period": "week"}}}, {"value": 5}, "C"]
    found = await sent(operator, json.dumps(tokens), skip_wrong=True)
    assert results(found) == [(1, "A", "created"), (2, "5", "wrong"), (3, "", "wrong")]
    (token,) = world.queries.all_tokens.values()
    assert token.rules.quota.starts == 3


async def test_the_same_token_twice_an_unknown_account_and_bad_rules_are_wrong(operator):
    tokens = [{"value": "A"}, {"value": "a"}, {"value": "B", "account": 77}]
    tokens.append({"value": "C", "rules": {"time_zone": "Nowhere/City"}})
    details = [line["detail"] for line in (await sent(operator, json.dumps(tokens), dry_run=True))["lines"]]
    assert details[0] is None
    assert details[1] == "the same token is in line 1 already"
    assert details[2] == "account: there is no such account"
    assert details[3].startswith("rules.time_zone: ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("value,colour\nA,red\n", "there is no column 'colour'"),
        ("type,note\nISO14443,x\n", "a column value is needed"),
        ("value,value\nA,B\n", "each only once"),
        ("value\n", "there is no token in it"),
        ("[{", "not JSON"),
        ('{"value": "A"}', "a list of tokens"),
        ("value\n" + "".join(f"T{n}\n" for n in range(MAX_TOKENS + 1)), "at most 5000"),
    ],
)
async def test_what_is_no_such_file_is_refused_as_a_whole(content, told, operator):
    answer = await operator.post(PATH, json={"content": content})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["path"] == "body.content"
    assert told in error["detail"]


async def test_a_line_with_too_many_cells_is_wrong(operator):
    (line,) = (await sent(operator, "value,note\nA,x,y\n"))["lines"]
    assert (line["result"], line["detail"]) == ("wrong", "it has more cells than line 1")


async def test_a_viewer_imports_nothing(viewer):
    assert (await viewer.post(PATH, json={"content": "value\nA"})).status_code == 403
