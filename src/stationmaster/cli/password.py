"""`stationmaster password`: a way back in for who has lost theirs."""

from typing import TYPE_CHECKING, Annotated

import typer

from stationmaster.cli.command import command
from stationmaster.cli.config import Effective
from stationmaster.domain.identity import DEFAULT_TENANT

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from stationmaster.domain.people.audit import AuditEntry
    from stationmaster.domain.people.person import Person
    from stationmaster.storage.sqlite import SQLiteStorage


@command(settings=("data_dir",))
def password(
    effective: Effective,
    name: Annotated[str, typer.Argument(help="What the person signs in with.", show_default=False)],
    tenant: Annotated[str, typer.Option("--tenant", help="The person's tenant.")] = DEFAULT_TENANT,
) -> None:
    """Give a person a new password.

    It is made here and shown once; all sessions of the person end, and the audit log says that it was done here.
    Whoever may write the data directory may do this. Stop `serve` before: a running one would not hear of it. While it
    runs, another administrator can do the same on the people page.
    """
    import asyncio

    typer.echo(asyncio.run(_renewed(effective.settings.data_dir, effective.settings.database_path, tenant, name)))


async def _renewed(directory: "Path", database: "Path", tenant: str, name: str) -> str:
    """What to tell. Raises CommandFailed, and the storage's errors."""
    from stationmaster.bus.memory import MemoryBus
    from stationmaster.cli.errors import CommandFailed
    from stationmaster.clock.wall import WallClock
    from stationmaster.csms.people.desk import PeopleDesk
    from stationmaster.csms.people.sessions import SessionRing
    from stationmaster.security.bearer_secrets import BearerSecrets
    from stationmaster.security.pepper import load_pepper
    from stationmaster.security.person_passwords import PersonPasswords, new_password
    from stationmaster.storage.sqlite import SQLiteStorage

    if not database.exists():
        raise CommandFailed(f"There is no database at {database} yet; `stationmaster serve` makes it.")
    storage = await SQLiteStorage.open(str(database))
    try:
        person = await storage.reads.person_named(tenant, name)
        if person is None:
            raise CommandFailed(f"There is nobody of the name {name} in the tenant {tenant}.")
        clock, made = WallClock(), new_password()
        reads, journal, keys = storage.reads, storage.journal, storage.keys
        secrets = BearerSecrets(load_pepper(directory))
        sessions = SessionRing(reads, journal, keys, MemoryBus(), clock, secrets)
        people = PeopleDesk(reads, journal, keys, clock, sessions, PersonPasswords())
        await people.set_password(tenant, person.key, made, more=[_entry(storage, person, clock.now())])
    finally:
        await storage.close()
    disabled = "" if person.is_enabled else "\nThis person is disabled: an administrator must enable them first."
    return f"Password of {person.name}  {made}  (made now and shown this once: keep it){disabled}"


def _entry(storage: "SQLiteStorage", person: "Person", at: "datetime") -> "AuditEntry":
    from stationmaster.domain.people.audit import AuditEntry

    return AuditEntry(
        key=storage.keys.take(),
        tenant=person.tenant,
        at=at,
        actor_kind="command_line",
        actor_key=None,
        actor="",
        operation="reset_password",
        method="",
        path=f"/api/v1/people/{person.key}/password",
        station_key=None,
        status=200,
        address="",
        detail="",
    )
