from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stationmaster.cli.main import app
from stationmaster.cli.settings import DATABASE_NAME
from stationmaster.storage.engine import ServeLock, connect
from stationmaster.storage.migrate import HEAD, ensure_schema


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / DATABASE_NAME


def migrate(database: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["migrate", "--data-dir", str(database.parent), *arguments])


def make(database: Path, *, schema: bool) -> None:
    connection = connect(str(database))
    if schema:
        ensure_schema(connection, str(database))
    connection.close()


def test_where_there_is_no_database_none_is_made(database: Path) -> None:
    result = migrate(database)
    assert result.exit_code == 0
    assert "no database" in result.stdout
    assert not database.exists()


def test_a_check_tells_that_an_upgrade_is_due_and_changes_nothing(database: Path) -> None:
    make(database, schema=False)
    for _ in range(2):
        result = migrate(database, "--check")
        assert result.exit_code == 4
        assert "stationmaster migrate" in result.stderr


def test_an_old_database_is_upgraded_and_the_second_time_it_is_up_to_date(database: Path) -> None:
    make(database, schema=False)
    assert f"from schema none to {HEAD}" in migrate(database).stdout
    assert f"up to date (schema {HEAD})" in migrate(database).stdout
    assert migrate(database, "--check").exit_code == 0


def test_a_database_of_a_newer_program_is_left_alone(database: Path) -> None:
    make(database, schema=True)
    connection = connect(str(database))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = migrate(database)
    assert result.exit_code == 4
    assert "newer" in result.stderr


def test_a_database_that_is_being_served_is_left_alone(database: Path) -> None:
    make(database, schema=True)
    lock = ServeLock(str(database))
    try:
        result = migrate(database)
    finally:
        lock.release()
    assert result.exit_code == 4
    assert "Another stationmaster" in result.stderr
