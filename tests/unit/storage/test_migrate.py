"""The schema that migrations make, and databases of other versions."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from stationmaster.storage import migrate
from stationmaster.storage.engine import DatabaseNewer, DatabaseOlder, NotADatabase, connect
from stationmaster.storage.schema.tables import metadata


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = connect(":memory:")
    yield made
    made.close()


def _declared(connection: sqlite3.Connection) -> dict[str, str]:
    """The DDL of all tables and indexes; only the spelling of primary keys and blanks is made equal."""
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in found if not name.startswith(("alembic", "sqlite_"))}


def test_migrations_make_the_schema_that_the_code_has(connection: sqlite3.Connection) -> None:
    migrate.ensure_schema(connection, "here")
    plain = connect(":memory:")
    engine = sa.create_engine("sqlite://", creator=lambda: plain, poolclass=sa.pool.StaticPool)
    metadata.create_all(engine)
    assert _declared(connection) == _declared(plain)
    plain.close()


def test_alembic_sees_no_difference_either(connection: sqlite3.Connection) -> None:
    migrate.ensure_schema(connection, "here")
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=sa.pool.StaticPool)
    with engine.connect() as borrowed:
        assert compare_metadata(MigrationContext.configure(borrowed), metadata) == []


def test_the_head_named_in_the_code_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_opening_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate.ensure_schema(connection, "here")
    before = _declared(connection)
    migrate.ensure_schema(connection, "here", migrate=False)
    assert _declared(connection) == before


def test_a_database_of_the_version_before_gets_what_is_new_and_keeps_what_it_has(
    connection: sqlite3.Connection,
) -> None:
    migrate.upgrade(connection, "0006")
    connection.execute("INSERT INTO tariffs VALUES (1, 'default', 'day', 1, 0, '{}')")
    connection.commit()
    before = _declared(connection)
    migrate.ensure_schema(connection, "here")
    assert set(_declared(connection)) - set(before) == {"price_publications", "price_publications_tariff"}
    assert connection.execute("SELECT name FROM tariffs").fetchall() == [("day",)]


def test_a_newer_database_is_refused_untouched(connection: sqlite3.Connection) -> None:
    migrate.ensure_schema(connection, "here")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNewer, match="9999"):
        migrate.ensure_schema(connection, "here")
    assert migrate.stored_version(connection) == "9999"


def test_an_empty_database_is_refused_where_migrating_is_off(connection: sqlite3.Connection) -> None:
    with pytest.raises(DatabaseOlder):
        migrate.ensure_schema(connection, "here", migrate=False)
    assert _declared(connection) == {}


def test_tables_of_another_program_are_left_alone(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(NotADatabase):
        migrate.ensure_schema(connection, "here")
    assert list(_declared(connection)) == ["invoices"]


def test_a_migration_that_fails_leaves_nothing_behind(
    connection: sqlite3.Connection,
) -> None:
    with pytest.raises(CommandError):
        migrate.upgrade(connection, "no such revision")
    assert not connection.in_transaction
    migrate.ensure_schema(connection, "here")
    assert migrate.stored_version(connection) == migrate.HEAD
