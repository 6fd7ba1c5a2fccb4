"""The first administrator's key and password: however often a start is cut off, they are shown once, and are true."""

import asyncio
from pathlib import Path

import pytest

from stationmaster.api.http.keys import KeyRing
from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.first_secrets import FILE_NAME, FirstSecrets, first_secrets, shown
from stationmaster.cli.node import running_node
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.settings import ServeSettings
from stationmaster.clock.wall import WallClock
from stationmaster.csms.people.desk import PeopleDesk
from stationmaster.csms.people.sessions import SessionRing
from stationmaster.security.person_passwords import HashCost, PersonPasswords
from stationmaster.storage.sqlite import SQLiteStorage

TENANTS = ("default", "a")
CHEAP = HashCost(memory_kib=8, passes=1)


class Cut(BaseException):
    """The process ends here."""


class Start:
    """One start of a node on a directory, as far as it concerns secrets. ``dies``: before it makes what."""

    def __init__(self, storage: SQLiteStorage, directory: Path, dies: str = "") -> None:
        reads, journal, clock, bus = storage.reads, storage.journal, WallClock(), MemoryBus()
        self.ring = KeyRing(reads, journal, storage.keys, bus, clock, b"pepper")
        self.passwords = PersonPasswords(CHEAP)
        sessions = SessionRing(reads, journal, storage.keys, bus, clock, self.ring.secrets)
        self.people = PeopleDesk(reads, journal, storage.keys, clock, sessions, self.passwords)
        self._directory = directory
        self._dies = dies

    async def run(self) -> FirstSecrets:
        return await first_secrets(self._directory, TENANTS, self, self.people)

    async def is_administered(self, tenant: str) -> bool:
        return await self.ring.is_administered(tenant)

    async def ensure_first(self, tenant: str, *, anew: bool) -> str | None:
        """A key's; the process may end before one of them, or between the keys and the passwords."""
        if self._dies == f"key of {tenant}":
            raise Cut
        made = await self.ring.ensure_first(tenant, anew=anew)
        if self._dies == "passwords" and tenant == TENANTS[-1]:
            raise Cut
        return made


@pytest.fixture
async def storage(tmp_path: Path):
    storage = await SQLiteStorage.open(str(tmp_path / "s.db"))
    await storage.add_tenant("a")
    yield storage
    await storage.close()


@pytest.mark.parametrize("dies", ["key of default", "key of a", "passwords", "telling"])
async def test_a_start_that_was_cut_off_leaves_the_next_one_to_show_what_is_in_force(
    storage: SQLiteStorage, tmp_path: Path, dies: str
) -> None:
    lost: FirstSecrets | None = None
    for _ in range(2):
        try:
            lost = await Start(storage, tmp_path, dies).run()
        except Cut:
            assert dies != "telling"
    start = Start(storage, tmp_path)
    told = await start.run()
    shown(tmp_path)

    secrets = [*told.keys.values(), *told.passwords.values()]
    assert len(set(secrets)) == 4 and all(secrets) and not any(secret in repr(told) for secret in secrets if secret)
    await start.ring.load()
    for tenant in TENANTS:
        (key,) = start.ring.of_tenant(tenant)
        assert start.ring.find(told.keys[tenant] or "") == key
        person = await storage.reads.person_named(tenant, "admin")
        assert person is not None
        assert await start.passwords.check(person.password_hash, told.passwords[tenant] or "")
    if lost is not None:
        assert not any(start.ring.find(secret or "") for secret in lost.keys.values())
    again = await Start(storage, tmp_path).run()
    assert not any([*again.keys.values(), *again.passwords.values()])


async def test_who_made_an_own_key_meanwhile_keeps_it_and_no_other_is_made(
    storage: SQLiteStorage, tmp_path: Path
) -> None:
    first = Start(storage, tmp_path)
    await first.run()
    own, _ = await first.ring.make("default", "mine", "administrator")
    second = Start(storage, tmp_path)
    assert (await second.run()).keys["default"] is None
    assert own in second.ring.of_tenant("default")


@pytest.mark.parametrize("content", [b"", b'{"keys":["def'])
async def test_a_note_that_was_cut_off_while_it_was_written_stands_before_all_making(
    storage: SQLiteStorage, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    told = await Start(storage, tmp_path).run()
    assert all(told.keys.values()) and all(told.passwords.values())


async def test_a_node_whose_telling_fails_tells_at_its_next_start(tmp_path: Path) -> None:
    settings = ServeSettings(data_dir=tmp_path, ocpp_port=0, api_port=0, files_port=0, pages=False)
    told: list[NodeInfo] = []

    def broken(info: NodeInfo) -> None:
        told.append(info)
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        async with running_node(settings, ready=broken):
            await asyncio.Event().wait()
    async with running_node(settings, ready=told.append):
        pass
    lost, seen = told
    assert lost.api_key != seen.api_key is not None
    assert lost.password != seen.password is not None
