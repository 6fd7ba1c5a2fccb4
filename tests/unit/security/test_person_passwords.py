"""Passwords of people."""

import asyncio
import threading

import pytest

from stationmaster.security.person_passwords import (
    MAX_WAITING,
    Busy,
    HashCost,
    PersonPasswords,
    new_password,
    objection,
)

CHEAP = HashCost(memory_kib=8, passes=1)


@pytest.fixture
def passwords():
    made = PersonPasswords(CHEAP)
    yield made
    made.close()


async def test_the_right_password_fits_and_no_other_one(passwords):
    stored = await passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$") and "horse" not in stored
    assert await passwords.check(stored, "correct horse battery")
    assert not await passwords.check(stored, "correct horse batterie")


async def test_the_same_password_is_stored_otherwise_for_another(passwords):
    assert await passwords.hash("correct horse battery") != await passwords.hash("correct horse battery")


@pytest.mark.parametrize("stored", [None, "", "$argon2id$nonsense", "b2k$00$00"])
async def test_nobodys_password_and_one_that_cannot_be_read_fit_nothing(passwords, stored):
    assert not await passwords.check(stored, "correct horse battery")


async def test_a_name_that_nobody_has_is_looked_at_as_long_as_any(passwords, monkeypatch):
    looked = []
    hasher = type(passwords._hasher)
    verify = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda self, *what: looked.append(what[0]) or verify(self, *what))
    await passwords.check(None, "x")
    await passwords.check(await passwords.hash("y"), "x")
    assert [stored.split("$")[3] for stored in looked] == ["m=8,t=1,p=1"] * 2


async def test_hashes_are_made_beside_the_loop(passwords):
    seen = []
    await passwords._run(lambda: seen.append(threading.current_thread().name))
    assert seen[0].startswith("passwords")


async def test_more_than_can_be_looked_at_are_refused(passwords):
    go_on = threading.Event()
    waiting = [asyncio.create_task(passwords._run(go_on.wait)) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await passwords.hash("x")
    go_on.set()
    await asyncio.gather(*waiting)
    assert await passwords.hash("x")


async def test_a_hash_of_another_cost_is_outdated(passwords):
    stored = await passwords.hash("x")
    dearer = PersonPasswords(HashCost(memory_kib=16, passes=1))
    assert dearer.is_outdated(stored) and not passwords.is_outdated(stored)
    dearer.close()


def test_a_password_that_is_made_here_is_long_and_new_each_time():
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 23 and objection(password, "jo") is None for password in made)


@pytest.mark.parametrize(
    ("password", "name", "said"),
    [
        ("short", "jo", "it must have 12 to 200 characters"),
        ("x" * 201, "jo", "it must have 12 to 200 characters"),
        ("aaaaaaaaaaaaa", "jo", "it repeats itself"),
        ("Administrator-2", "administrator", "it is the name"),
        ("correct horse battery", "jo", None),
        ("パスワードは長いほうがよいです", "jo", None),
    ],
)
def test_what_speaks_against_a_chosen_password_is_said(password, name, said):
    assert objection(password, name) == said
