"""The people who may sign in."""

import asyncio

import httpx
import pytest

PEOPLE = "/api/v1/people"
PASSWORD = "correct horse battery"


async def made(client: httpx.AsyncClient, name: str, role: str = "viewer", **more: str) -> dict:
    answer = await client.post(PEOPLE, json={"name": name, "role": role, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_person_is_made_with_a_password_that_is_shown_once(world, administrator):
    answer = await administrator.post(PEOPLE, json={"name": "Jo", "role": "operator", "display_name": "Jo Miller"})
    password, person = answer.json()["password"], answer.json()["person"]
    assert answer.headers["location"] == f"{PEOPLE}/{person['key']}"
    assert (person["name"], person["role"], person["display_name"]) == ("Jo", "operator", "Jo Miller")
    signed_in = await world.client().post("/api/v1/session", json={"name": "jo", "password": password})
    assert signed_in.status_code == 201
    listed = (await administrator.get(PEOPLE)).json()["items"]
    assert password not in repr(listed) and "hash" not in repr(listed)
    assert listed[0]["last_sign_in_at"] is not None and listed[0]["sessions"] == 1


async def test_a_password_that_is_given_is_not_shown(administrator):
    assert (await made(administrator, "jo", password=PASSWORD))["password"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"name": "jo", "role": "emperor"},
        {"name": "", "role": "viewer"},
        {"name": "jo miller", "role": "viewer"},
        {"name": "jo\n", "role": "viewer"},
        {"name": "jo", "role": "viewer", "password": "short"},
        {"name": "jo", "role": "viewer", "rights": "all"},
    ],
)
async def test_people_who_cannot_be_are_refused(administrator, body):
    assert (await administrator.post(PEOPLE, json=body)).status_code == 422


async def test_a_name_is_somebodys_alone_whatever_its_case(administrator, stranger):
    await made(administrator, "jo")
    again = await administrator.post(PEOPLE, json={"name": "JO", "role": "viewer"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:stationmaster:problem:already-there")
    await made(stranger, "jo")


async def test_what_a_person_may_do_is_changed_and_their_sessions_end(world, administrator):
    client = await world.signed_in("viewer", "jo")
    (person,) = (await administrator.get(PEOPLE)).json()["items"]
    path = f"{PEOPLE}/{person['key']}"
    renamed = (await administrator.patch(path, json={"display_name": "Jo"})).json()
    assert renamed["display_name"] == "Jo"
    assert (await client.get("/api/v1/session")).json()["display_name"] == "Jo"
    assert (await administrator.patch(path, json={"role": "operator"})).json()["role"] == "operator"
    assert (await client.get("/api/v1/session")).status_code == 401


async def test_a_disabled_person_is_out_at_once_and_may_come_back(world, administrator):
    client = await world.signed_in("viewer", "jo")
    (person,) = (await administrator.get(PEOPLE)).json()["items"]
    path = f"{PEOPLE}/{person['key']}"
    disabled = (await administrator.patch(path, json={"disabled": True})).json()
    assert disabled["disabled_at"] is not None and disabled["sessions"] == 0
    assert (await client.get("/api/v1/session")).status_code == 401
    tried = {"name": "jo", "password": PASSWORD}
    assert (await world.client().post("/api/v1/session", json=tried)).status_code == 401
    assert (await administrator.patch(path, json={"disabled": False})).json()["disabled_at"] is None
    assert (await world.client().post("/api/v1/session", json=tried)).status_code == 201


async def test_a_reset_password_is_shown_once_and_ends_all_sessions(world, administrator):
    client = await world.signed_in("viewer", "jo")
    (person,) = (await administrator.get(PEOPLE)).json()["items"]
    answer = await administrator.post(f"{PEOPLE}/{person['key']}/password")
    assert answer.status_code == 200
    assert (await client.get("/api/v1/session")).status_code == 401
    tried = {"name": "jo", "password": answer.json()["password"]}
    assert (await world.client().post("/api/v1/session", json=tried)).status_code == 201


async def test_a_person_is_signed_out_everywhere(world, administrator):
    client = await world.signed_in("viewer", "jo")
    (person,) = (await administrator.get(PEOPLE)).json()["items"]
    assert (await administrator.delete(f"{PEOPLE}/{person['key']}/sessions")).status_code == 204
    assert (await client.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize("change", [{"role": "operator"}, {"disabled": True}])
async def test_the_last_administrator_stays_one(world, administrator, change):
    first = await world.person("first", "administrator")
    await world.person("elsewhere", "administrator", "other")
    gone = await world.person("gone", "administrator")
    assert (await administrator.patch(f"{PEOPLE}/{gone.key}", json={"disabled": True})).status_code == 200
    answer = await administrator.patch(f"{PEOPLE}/{first.key}", json=change)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:stationmaster:problem:last-administrator")
    assert (await administrator.get(f"{PEOPLE}/{first.key}")).json()["role"] == "administrator"


async def test_two_administrators_cannot_disable_each_other_at_once(world, administrator):
    people = [await world.person(name, "administrator") for name in ("one", "two")]
    answers = await asyncio.gather(
        *(administrator.patch(f"{PEOPLE}/{person.key}", json={"disabled": True}) for person in people)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_people_of_another_tenant_are_not_there(world, administrator, stranger):
    person = await world.person("jo")
    assert (await stranger.get(PEOPLE)).json()["items"] == []
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/password"), ("DELETE", "/sessions")):
        answer = await stranger.request(method, f"{PEOPLE}/{person.key}{path}", json={} if method == "PATCH" else None)
        assert answer.status_code == 404
    assert (await administrator.get(f"{PEOPLE}/{person.key}")).status_code == 200


async def test_the_first_administrator_of_a_tenant_is_made_once(world):
    password = await world.people.ensure_first("default")
    assert password is not None and await world.people.ensure_first("default") is None
    assert await world.people.ensure_first("other") not in (None, password)
    tried = {"name": "admin", "password": password}
    answer = await world.client().post("/api/v1/session", json=tried)
    assert answer.json()["role"] == "administrator"
