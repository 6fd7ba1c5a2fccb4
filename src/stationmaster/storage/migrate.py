"""Bringing a database to the schema of this program."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from stationmaster.storage.engine import MEMORY, DatabaseNewer, DatabaseOlder, NotADatabase

HEAD = "0008"
"""The newest migration, so that a database which is up to date opens without Alembic (a quarter of a second)."""

_SCRIPTS = Path(__file__).with_name("migrations")


def ensure_schema(connection: sqlite3.Connection, path: str, *, migrate: bool = True) -> None:
    """Check the database's version, and bring it up to date unless ``migrate`` is off.

    Raises DatabaseNewer, DatabaseOlder or NotADatabase, with nothing changed.
    """
    version = stored_version(connection)
    if version == HEAD:
        return
    if version is None and _tables(connection):
        raise NotADatabase(f"{path} holds tables of another program")
    if version is not None and not any(_SCRIPTS.glob(f"versions/v{version}_*.py")):
        raise DatabaseNewer(f"{path} has schema {version}, this program knows {HEAD} and older: use a newer one")
    if not migrate:
        raise DatabaseOlder(f"{path} has schema {version or 'none'}, this program needs {HEAD}: migrate it first")
    if version is None:
        with closing(sqlite3.connect(MEMORY)) as blank:
            blank.deserialize(_blank())
            blank.backup(connection)
    else:
        upgrade(connection)


def stored_version(connection: sqlite3.Connection) -> str | None:
    """The database's schema version; None: it has none yet."""
    if "alembic_version" not in _tables(connection):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def upgrade(connection: sqlite3.Connection, revision: str = "head") -> None:
    """Run the migrations up to ``revision`` in one transaction."""
    from alembic import command  # noqa: PLC0415  (see HEAD)
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.pool import StaticPool  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # This pool gives the one connection out and never closes it: it stays the caller's.
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as borrowed:
        connection.execute("BEGIN IMMEDIATE")  # the driver would not begin one for DDL
        try:
            config.attributes["connection"] = borrowed
            command.upgrade(config, revision)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


@cache
def _blank() -> bytes:
    """A database with nothing in it but the schema. New ones are copies of it, each made in one transaction: a process
    may make many of them, and the migrations take a hundred times as long."""
    with closing(sqlite3.connect(MEMORY, isolation_level=None)) as made:
        upgrade(made)
        return made.serialize()


def _tables(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in found if not row[0].startswith("sqlite_")}
