"""The step of a migration that gives tokens the key which all their spellings share."""

import sqlite3

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from stationmaster.domain.identity import IdToken
from stationmaster.storage import migrate
from stationmaster.storage.engine import connect
from stationmaster.storage.migrations.respell_tokens import respell_tokens

NAMES = [
    (IdToken("DE-ABC-C1-X", "eMAID"), "de-abc-c1-x"),
    (IdToken("AA:BB-CC.DD", "MacAddress"), "aa:bb-cc.dd"),
    (IdToken("01:02", "EVCCID"), "01:02"),
    (IdToken("A-B:C", "ISO14443"), "a-b:c"),
    (IdToken("A-B:C"), "a-b:c"),
    (IdToken("---", "eMAID"), "---"),
]


@pytest.fixture
def old() -> sqlite3.Connection:
    """A database before the step."""
    connection = connect(":memory:")
    migrate.upgrade(connection, "0002")
    return connection


def _respelled(connection: sqlite3.Connection) -> tuple[int, ...]:
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.begin() as borrowed:
        return respell_tokens(borrowed)


def _add_token(connection: sqlite3.Connection, key: int, id_token: IdToken, value_key: str, tenant: str = "a") -> None:
    body = msgspec.json.encode({"key": key, "tenant": tenant, "id_token": id_token}).decode()
    row = (key, tenant, value_key, id_token.type or "", "Accepted", body)
    connection.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?)", row)


def _keys(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT value_key FROM tokens ORDER BY key")]


def test_every_token_has_the_key_of_its_type_and_a_second_time_changes_nothing(old: sqlite3.Connection) -> None:
    for key, (id_token, before) in enumerate(NAMES, 1):
        _add_token(old, key, id_token, before)
    for _ in range(2):
        assert _respelled(old) == ()
        assert _keys(old) == [id_token.key for id_token, _ in NAMES]


def test_of_two_spellings_of_one_token_the_one_that_has_the_key_keeps_it(old: sqlite3.Connection) -> None:
    for key, value, tenant in ((1, "AB-C", "a"), (2, "ABC", "a"), (3, "A-B-C", "a"), (4, "A-BC", "b")):
        _add_token(old, key, IdToken(value, "eMAID"), value.casefold(), tenant)
    assert _respelled(old) == (1, 3)
    assert _keys(old) == ["ab-c", "abc", "a-b-c", "abc"]


def test_transactions_are_found_by_the_same_key(old: sqlite3.Connection) -> None:
    for key, id_token in ((1, IdToken("AB-C", "eMAID")), (2, IdToken("A-B")), (3, None)):
        body = msgspec.json.encode({} if id_token is None else {"id_token": id_token}).decode()
        token_key = None if id_token is None else id_token.value.casefold()
        columns = "(key, tenant, station_key, wire_id, token_key, first_event_at, body)"
        old.execute(
            f"INSERT INTO transactions {columns} VALUES (?, 'a', 1, ?, ?, 0, ?)",
            (key, f"TX{key}", token_key, body),
        )
    _respelled(old)
    found = old.execute("SELECT token_key FROM transactions ORDER BY key").fetchall()
    assert [row[0] for row in found] == ["abc", "a-b", None]


def test_more_tokens_than_a_portion_are_respelled_too(old: sqlite3.Connection) -> None:
    for key in range(1, 2101):
        _add_token(old, key, IdToken(f"AB-{key}", "eMAID"), f"ab-{key}")
    _respelled(old)
    assert all("-" not in value for value in _keys(old))
