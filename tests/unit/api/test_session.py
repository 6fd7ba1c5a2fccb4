"""Signing in and out over the API."""

import re
from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import msgspec
import pytest

from stationmaster.csms.people.sign_in import OF_PERSON

PASSWORD = "correct horse battery"
SESSION = "/api/v1/session"
SAME = {"Sec-Fetch-Site": "same-origin"}


def tried(name: str = "jo", password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"name": name, "password": password, **more}


def cookie_of(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


async def token_of(world, **body: str) -> str:
    answer = await world.client().post(SESSION, json=tried(**body))
    return cookie_of(answer)["stationmaster_session"].value


async def test_a_person_signs_in_and_the_session_is_in_the_cookie_alone(world):
    await world.person("jo", "operator")
    answer = await world.client().post(SESSION, json=tried("JO"))
    assert answer.status_code == 201
    assert answer.json() | {"expires_at": ""} == {
        "name": "jo",
        "role": "operator",
        "tenant": "default",
        "expires_at": "",
    }
    cookie = cookie_of(answer)["stationmaster_session"]
    assert cookie.value.startswith("ses_") and cookie.value not in answer.text
    assert (cookie["httponly"], cookie["samesite"].lower(), cookie["path"]) == (True, "strict", "/")
    assert not cookie["secure"]


@pytest.mark.parametrize("headers", [{"X-Forwarded-Proto": "https"}, {}])
async def test_the_cookie_is_for_tls_alone_where_the_browser_came_by_tls(world, headers):
    await world.person()
    transport = httpx.ASGITransport(world.app)
    url = "http://csms.test" if headers else "https://csms.test"
    async with httpx.AsyncClient(transport=transport, base_url=url) as client:
        answer = await client.post(SESSION, json=tried(), headers=headers)
    assert cookie_of(answer)["stationmaster_session"]["secure"]


async def test_unknown_wrong_and_disabled_are_refused_in_the_same_words(world):
    await world.person()
    off = await world.person("off")
    await world.people.change("default", off.key, disabled_at=world.clock.now())
    answers = [
        await world.client().post(SESSION, json=body)
        for body in (
            tried("nobody"),
            tried(password="wrong"),
            tried("off"),
            tried(tenant="other"),
            tried(tenant="no-such-tenant"),
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize("way", ["bearer", "key", "cookie"])
async def test_a_session_is_taken_by_each_of_three_ways(world, way):
    await world.person("jo", "viewer")
    token = await token_of(world)
    headers = {
        "bearer": {"Authorization": f"Bearer {token}"},
        "key": {"X-API-Key": token},
        "cookie": {"Cookie": f"stationmaster_session={token}"},
    }[way]
    who = (await world.client().get(SESSION, headers=headers)).json()
    assert (who["kind"], who["name"], who["role"], who["tenant"]) == ("person", "jo", "viewer", "default")
    assert who["idle_s"] == 8 * 3600 and who["expires_at"] < who["ends_at"]


async def test_an_api_key_is_told_who_it_is_and_has_no_session_to_end(world, viewer):
    who = (await viewer.get(SESSION)).json()
    assert (who["kind"], who["name"], who["expires_at"]) == ("api_key", "viewer of default", None)
    assert (await viewer.delete(SESSION)).json()["type"].endswith("no-session")
    assert (await viewer.get(f"{SESSION}/all")).json() == []
    changed = await viewer.put(f"{SESSION}/password", json={"old": "x", "new": "a longer password"})
    assert changed.status_code == 409


async def test_signing_out_ends_the_session_and_clears_the_cookie(world):
    client = await world.signed_in("viewer")
    answer = await client.delete(SESSION)
    assert answer.status_code == 204
    assert cookie_of(answer)["stationmaster_session"]["max-age"] == "0"
    assert (await client.get(SESSION)).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[broken"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://csms.test"}, 403),
        (SAME, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({"Origin": "http://csms.test"}, 204),
    ],
)
async def test_by_cookie_a_change_must_come_from_this_site(world, headers, status):
    await world.person()
    cookie = {"Cookie": f"stationmaster_session={await token_of(world)}"}
    assert (await world.client().get(SESSION, headers=cookie)).status_code == 200
    assert (await world.client().delete(SESSION, headers=cookie | headers)).status_code == status


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
async def test_another_site_cannot_sign_a_browser_in(world, headers):
    await world.person()
    answer = await world.client().post(SESSION, json=tried(), headers=headers)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


async def test_a_header_goes_before_the_cookie(world):
    await world.person()
    headers = {"Cookie": f"stationmaster_session={await token_of(world)}", "Authorization": "Bearer wrong"}
    assert (await world.client().get(SESSION, headers=headers)).status_code == 401


async def test_wrong_tries_for_one_name_have_to_wait(world):
    await world.person()
    await world.person("other")
    for _ in range(OF_PERSON):
        assert (await world.client().post(SESSION, json=tried(password="wrong"))).status_code == 401
    slowed = await world.client().post(SESSION, json=tried())
    assert slowed.status_code == 429
    assert 1 <= int(slowed.headers["retry-after"]) <= 20
    assert (await world.client().post(SESSION, json=tried("other"))).status_code == 201


async def test_wrong_tries_from_one_address_have_to_wait(world):
    statuses = [(await world.client().post(SESSION, json=tried(f"guess{number}"))).status_code for number in range(25)]
    assert statuses[:20] == [401] * 20 and statuses[-1] == 429


async def test_who_signs_in_rightly_is_never_slowed(world):
    await world.person()
    statuses = {(await world.client().post(SESSION, json=tried())).status_code for _ in range(30)}
    assert statuses == {201}


async def test_ones_own_password_is_changed_with_the_old_one_and_all_sessions_end(world):
    await world.person()
    client, other = world.client(await token_of(world)), world.client(await token_of(world))
    path = f"{SESSION}/password"
    wrong = await client.put(path, json={"old": "wrong", "new": "a better password"})
    assert wrong.json()["errors"] == [{"path": "body.old", "detail": "it is not the password"}]
    assert (await client.put(path, json={"old": PASSWORD, "new": "short"})).json()["errors"][0]["path"] == "body.new"
    assert (await client.put(path, json={"old": PASSWORD, "new": "a better password"})).status_code == 204
    for each in (client, other):
        assert (await each.get(SESSION)).status_code == 401
    assert (await world.client().post(SESSION, json=tried())).status_code == 401
    assert (await world.client().post(SESSION, json=tried(password="a better password"))).status_code == 201


async def test_a_reset_while_the_old_password_is_looked_at_is_not_overwritten(world):
    jo = await world.person()
    client = world.client(await token_of(world))
    check = world.people.passwords.check

    async def slowly(stored, password):
        is_right = await check(stored, password)
        await world.people.set_password("default", jo.key, "the reset password")
        return is_right

    world.people.passwords.check = slowly
    answer = await client.put(f"{SESSION}/password", json={"old": PASSWORD, "new": "a better password"})
    world.people.passwords.check = check
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "changed-meanwhile")
    assert (await world.client().post(SESSION, json=tried(password="a better password"))).status_code == 401
    assert (await world.client().post(SESSION, json=tried(password="the reset password"))).status_code == 201


async def test_ones_own_sessions_are_listed_and_ended_and_nobody_elses(world):
    await world.person()
    here, there = await token_of(world), await token_of(world)
    stranger = await world.signed_in("administrator")
    listed = (await world.client(here).get(f"{SESSION}/all")).json()
    assert [session["is_this"] for session in listed] == [False, True]
    assert listed[0]["agent"].startswith("python-httpx")
    path = f"{SESSION}/all/{listed[0]['key']}"
    assert (await stranger.delete(path)).status_code == 404
    assert (await world.client(here).delete(path)).status_code == 204
    assert (await world.client(there).get(SESSION)).status_code == 401
    assert (await world.client(here).get(SESSION)).status_code == 200


async def test_without_any_proof_both_ways_in_are_named(world):
    detail = (await world.client().get("/api/v1/stations")).json()["detail"]
    assert "API key" in detail and "session" in detail


async def test_no_token_and_no_password_is_stored_or_told(world):
    await world.person()
    token = await token_of(world)
    world_text = repr(
        [*map(msgspec.json.encode, world.queries.log.values()), world.store.outbox, world.queries.open_sessions]
    )
    assert token not in world_text and PASSWORD not in world_text
    assert not re.search(r"argon2id", world_text)


@pytest.mark.parametrize("way", ["Authorization", "Cookie"])
async def test_use_is_written_by_the_way_and_holds_up_no_request(world, monkeypatch, way):
    monkeypatch.setattr("stationmaster.csms.people.sessions.WRITTEN_EVERY", timedelta(0))
    await world.person()
    token = await token_of(world)
    before = next(iter(world.queries.open_sessions.values())).used_at
    shown = {"Authorization": f"Bearer {token}", "Cookie": f"stationmaster_session={token}"}[way]
    assert (await world.client().get(SESSION, headers={way: shown})).status_code == 200
    await world.sessions.close()
    assert next(iter(world.queries.open_sessions.values())).used_at > before
