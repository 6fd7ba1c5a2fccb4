"""`stationmaster migrate`: the database brought to the schema of this program."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stationmaster.cli.command import command
from stationmaster.cli.config import Effective

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection


@command(settings=("data_dir",))
def migrate(
    effective: Effective,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 4 if an upgrade is due.")] = False,
) -> None:
    """Upgrade the database to the schema of this program.

    `serve` does the same when it starts; this is for those who want to choose the moment. Stop `serve` before, and
    take a copy of the data directory. Nothing is changed if the upgrade fails.
    """
    path = effective.settings.database_path
    if not path.exists():
        typer.echo(f"There is no database at {path} yet; `stationmaster serve` makes it.")
        return
    typer.echo(_checked(path) if check else _upgraded(path))


def _checked(path: Path) -> str:
    from stationmaster.storage.migrate import ensure_schema, stored_version

    with _opened(path) as connection:
        ensure_schema(connection, str(path), migrate=False)
        return f"{path} is up to date (schema {stored_version(connection)})."


def _upgraded(path: Path) -> str:
    from stationmaster.storage.engine import ServeLock
    from stationmaster.storage.migrate import ensure_schema, stored_version

    lock = ServeLock(str(path))
    try:
        with _opened(path) as connection:
            before = stored_version(connection)
            ensure_schema(connection, str(path))
            after = stored_version(connection)
    finally:
        lock.release()
    if before == after:
        return f"{path} is up to date (schema {after})."
    return f"{path} was upgraded from schema {before or 'none'} to {after}."


@contextlib.contextmanager
def _opened(path: Path) -> "Iterator[Connection]":
    from stationmaster.storage.engine import connect

    connection = connect(str(path))
    try:
        yield connection
    finally:
        connection.close()
