"""The key ring."""

import asyncio

import httpx
import pytest
import structlog

from stationmaster.api.http.keys import KeyRing, LastAdministrator


def ring_of(world, pepper: bytes = b"pepper") -> KeyRing:
    return KeyRing(world.store, world.store, world.store, world.bus, world.clock, pepper)


async def test_the_first_administrators_key_is_made_once(world):
    secret = await world.ring.ensure_first()
    assert secret is not None and world.ring.find(secret).role == "administrator"
    assert await world.ring.ensure_first() is None


async def test_secrets_are_not_stored(world):
    key, secret = await world.ring.make("default", "billing", "viewer")
    stored = repr(world.store.api_keys) + repr(world.store.outbox)
    assert secret not in stored and secret.removeprefix("sm_") not in stored
    assert key.hash not in repr(world.store.outbox)


async def test_the_stored_hash_is_worth_nothing_without_the_pepper(world):
    _, secret = await world.ring.make("default", "billing", "viewer")
    other = ring_of(world, b"another")
    await other.load()
    assert other.find(secret) is None


async def test_another_node_hears_of_new_and_revoked_keys(world):
    other = ring_of(world)
    following = asyncio.create_task(other.follow_changes())
    await asyncio.sleep(0)
    key, secret = await world.ring.make("default", "billing", "viewer")
    await until(lambda: other.find(secret) is not None)
    await world.ring.revoke("default", key.key)
    await until(lambda: other.find(secret) is None)
    following.cancel()


async def test_a_read_that_fails_takes_no_key_away_and_is_tried_again(world):
    class Reads:
        failing = False
        tries = 0

        async def all_api_keys(self):
            self.tries += 1
            if self.failing:
                raise OSError("disk gone")
            return await world.store.all_api_keys()

    reads = Reads()
    other = KeyRing(reads, world.store, world.store, world.bus, world.clock, b"pepper")
    following = asyncio.create_task(other.follow_changes())
    _, first = await world.ring.make("default", "billing", "viewer")
    await until(lambda: other.find(first) is not None)
    reads.failing, before = True, reads.tries
    with structlog.testing.capture_logs() as logged:
        _, second = await world.ring.make("default", "one more", "viewer")
        await until(lambda: reads.tries > before)
    assert [entry["event"] for entry in logged] == ["API keys not loaded"]
    assert other.find(first) is not None and other.find(second) is None
    reads.failing = False
    _, third = await world.ring.make("default", "another", "viewer")
    await until(lambda: other.find(third) is not None)
    assert other.find(second) is not None
    following.cancel()


async def test_the_last_administrators_key_stays_also_when_two_are_revoked_at_once(world):
    first, _ = await world.ring.make("default", "one", "administrator")
    second, _ = await world.ring.make("default", "two", "administrator")
    await world.ring.make("other", "not of this tenant", "administrator")
    ended = await asyncio.gather(
        world.ring.revoke("default", first.key), world.ring.revoke("default", second.key), return_exceptions=True
    )
    assert ended[0] is True and isinstance(ended[1], LastAdministrator)


async def test_keys_are_made_listed_and_revoked_over_the_api(world, administrator: httpx.AsyncClient):
    made = (await administrator.post("/api/v1/api-keys", json={"name": "billing", "role": "viewer"})).json()
    assert (await world.client(made["secret"]).get("/api/v1/version")).status_code == 200
    listed = (await administrator.get("/api/v1/api-keys")).json()
    assert [key["name"] for key in listed] == ["administrator of default", "billing"]
    assert set(listed[0]) == {"key", "name", "role", "created_at"}
    path = f"/api/v1/api-keys/{made['api_key']['key']}"
    assert (await administrator.delete(path)).status_code == 204
    assert (await administrator.delete(path)).status_code == 404
    assert (await world.client(made["secret"]).get("/api/v1/version")).status_code == 401


async def test_keys_of_another_tenant_cannot_be_seen_or_revoked(world, administrator, stranger):
    key, secret = await world.ring.make("default", "billing", "viewer")
    assert [k["name"] for k in (await stranger.get("/api/v1/api-keys")).json()] == ["administrator of other"]
    assert (await stranger.delete(f"/api/v1/api-keys/{key.key}")).status_code == 404
    assert world.ring.find(secret) is not None


async def test_the_last_administrators_key_is_a_conflict(world, administrator):
    (only,) = (await administrator.get("/api/v1/api-keys")).json()
    answer = await administrator.delete(f"/api/v1/api-keys/{only['key']}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:stationmaster:problem:last-administrator")


@pytest.mark.parametrize("body", [{"name": "x", "role": "emperor"}, {"name": "", "role": "viewer"}, {"role": "viewer"}])
async def test_keys_without_a_name_or_with_an_unknown_role_are_refused(administrator, body):
    assert (await administrator.post("/api/v1/api-keys", json=body)).status_code == 422


async def until(holds) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0)
