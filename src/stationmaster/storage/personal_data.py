"""Taking a person out of the database, and telling what it knows of one: portion by portion, so that no station
notices, and so that a crash loses at most one portion's work."""

import sqlite3
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.driver_data import Erasure, Scrubber, Subject
from stationmaster.domain.frame_stretch import SEPARATOR
from stationmaster.domain.identity import IdToken
from stationmaster.storage import personal_leftovers as leftovers
from stationmaster.storage.batch import Writing
from stationmaster.storage.journal import Journal
from stationmaster.storage.personal_places import PLACES, Personal
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.privacy import ERASURE

PORTION = 500
PORTION_OF_PARTS = 50
"""Of rows that hold many parts."""
MAX_ROWS = 10_000
"""Of one table, in an export: as many parts are told where its rows hold many, and as many rows are looked at."""

Changes = Sequence[tuple[Any, ...]]


class PersonalData:
    def __init__(self, journal: Journal, readers: Readers) -> None:
        self._journal = journal
        self._readers = readers

    async def erase(self, erasure: Erasure, subjects: Sequence[Subject]) -> Erasure:
        """The next portion, and how far it has come then, stored together; its place is past the last one when there
        is no more. Raises StorageFailed."""
        place, scrubber = PLACES[erasure.place], Scrubber(subjects)
        found = await self._readers.run(lambda connection: _found(connection, place, erasure, scrubber))
        full = len(found) == _portion(place)
        changes = [change for row in found if (change := _changed(place, row, scrubber)) is not None]
        name, counts = place.table.name, erasure.changed
        further = msgspec.structs.replace(
            erasure,
            place=erasure.place if full else erasure.place + 1,
            after=found[-1][0] if full else 0,
            changed={**counts, name: counts.get(name, 0) + len(changes)} if changes else counts,
        )
        await self._journal.run(lambda writing: _write(writing, place, changes, further))
        return further

    async def forget_exports(self, tenant: str, token_keys: Collection[int]) -> int:
        """Exports that were put together before and tell of a token; how many those were. Raises StorageFailed."""
        found = await self._readers.run(lambda connection: leftovers.exports_of(connection, tenant, token_keys))
        if found:
            await self._journal.run(lambda writing: leftovers.forget_exports(writing, found))
        return len(found)

    async def listed_at(self, tenant: str, id_tokens: Sequence[IdToken]) -> Sequence[int]:
        """The stations that are known to have one of the tokens on their local lists."""
        _, having = await self._readers.run(lambda connection: leftovers.lists_with(connection, tenant, id_tokens))
        return having

    async def forget_lists(self, tenant: str, id_tokens: Sequence[IdToken]) -> Sequence[int]:
        """Contents of local lists that name a token and that no station has; the stations that still have one. Raises
        StorageFailed."""
        found, having = await self._readers.run(lambda connection: leftovers.lists_with(connection, tenant, id_tokens))
        if found:
            await self._journal.run(lambda writing: leftovers.forget_lists(writing, tenant, found))
        return having

    async def remove_signed(self, tenant: str, token_keys: Sequence[str]) -> int:
        """Take what meters signed in the transactions of tokens; of how many readings. Raises StorageFailed."""
        gone = 0
        while rows := await self._readers.run(
            lambda connection: leftovers.signed_of(connection, tenant, token_keys, PORTION)
        ):
            changes = leftovers.unsigned(rows)
            await self._journal.run(partial(leftovers.write_unsigned, changes=changes))
            gone += len(changes)
        return gone

    async def count_signed(self, tenant: str, token_keys: Sequence[str]) -> int:
        """Readings of the transactions of tokens that a meter signed."""
        return await self._readers.run(lambda connection: leftovers.count_signed(connection, tenant, token_keys))

    def is_through(self, erasure: Erasure) -> bool:
        """Whether its pass has been through every place."""
        return erasure.place >= len(PLACES)

    async def collect(self, tenant: str, subjects: Sequence[Subject]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """All rows that hold one of the tokens, by table, and the tables of which there are more."""
        scrubber = Scrubber(subjects)
        rows: dict[str, Any] = {}
        cut = []
        for place in PLACES:
            telling, more_of_them = await self._telling(place, tenant, scrubber)
            keys = [row[place.key.name] for row in telling]
            for table, more in await self._readers.run(partial(_with_them, place=place, keys=keys)):
                rows[table] = [_readable(row) for row in more]
            if telling:
                rows[place.table.name] = [_readable(row) for row in telling]
            if more_of_them:
                cut.append(place.table.name)
        return rows, tuple(cut)

    async def _telling(self, place: Personal, tenant: str, scrubber: Scrubber) -> tuple[list[dict[str, Any]], bool]:
        """A place's parts that hold one of the tokens, and whether there may be more."""
        telling: list[dict[str, Any]] = []
        after: int | None = 0
        looked_at = 0
        while after is not None and looked_at <= MAX_ROWS and len(telling) <= MAX_ROWS:
            look = partial(_parts, place=place, tenant=tenant, scrubber=scrubber, after=after)
            found, after = await self._readers.run(look)
            telling += found
            looked_at += _portion(place)
        return telling[:MAX_ROWS], after is not None or len(telling) > MAX_ROWS


def _portion(place: Personal) -> int:
    return PORTION if place.parts is None else min(PORTION, PORTION_OF_PARTS)


def _where(place: Personal, tenant: str, scrubber: Scrubber) -> sa.ColumnElement[bool]:
    """A cheap look that leaves out nothing. The needles are a table, as there may be more of them than a condition may
    have parts."""
    needle = sa.func.json_each(msgspec.json.encode(scrubber.needles).decode()).table_valued("value").c.value
    looks = []
    for column in place.columns:
        plain: Any = sa.func.lower(sa.cast(column, sa.Text))
        for separator in "-:.":
            plain = sa.func.replace(plain, separator, "")
        looks.append(sa.exists().where(sa.func.instr(plain, needle) > 0))
    return sa.and_(place.of_tenant(tenant), sa.or_(*looks))


def _found(
    connection: sqlite3.Connection, place: Personal, erasure: Erasure, scrubber: Scrubber
) -> Sequence[tuple[Any, ...]]:
    statement = (
        sa.select(place.key, *place.columns)
        .where(place.key > erasure.after, sa.not_(place.stays), _where(place, erasure.tenant, scrubber))
        .order_by(place.key)
        .limit(_portion(place))
    )
    return fetch(connection, statement)


def _parts(
    connection: sqlite3.Connection, place: Personal, tenant: str, scrubber: Scrubber, after: int
) -> tuple[list[dict[str, Any]], int | None]:
    """The parts of a portion's rows that hold one of the tokens, and its last key unless it is the last portion."""
    columns = list(place.table.c)
    there = sa.and_(place.key > after, _where(place, tenant, scrubber))
    read = fetch(connection, sa.select(*columns).where(there).order_by(place.key).limit(_portion(place)))
    rows = [dict(zip([column.name for column in columns], row, strict=True)) for row in read]
    parts = [part for row in rows for part in (place.parts(row) if place.parts else (row,))]
    last = rows[-1][place.key.name] if len(rows) == _portion(place) else None
    return [part for part in parts if _holds(place, part, scrubber)], last


def _with_them(
    connection: sqlite3.Connection, place: Personal, keys: Sequence[int]
) -> list[tuple[str, Sequence[dict[str, Any]]]]:
    """Rows of other tables that belong to these, by table."""
    told: list[tuple[str, Sequence[dict[str, Any]]]] = []
    for column in place.told_with:
        rows: list[dict[str, Any]] = []
        for start in range(0, len(keys), PORTION):
            statement = sa.select(column.table).where(column.in_(keys[start : start + PORTION]))
            names = [each.name for each in column.table.c]
            rows += [dict(zip(names, row, strict=True)) for row in fetch(connection, statement)]
        if rows:
            told.append((column.table.name, rows))
    return told


def _changed(place: Personal, row: tuple[Any, ...], scrubber: Scrubber) -> tuple[Any, ...] | None:
    """New values, the key, and the old values that they replace; None: there is nothing to change."""
    key, *old = row
    new = [_scrubbed(column.name, value, scrubber) for column, value in zip(place.columns, old, strict=True)]
    return None if new == old else (*new, key, *old)


def _scrubbed(name: str, value: Any, scrubber: Scrubber) -> Any:
    if isinstance(value, bytes):
        return scrubber.text(value.decode(errors="surrogateescape"), name).encode(errors="surrogateescape")
    if not isinstance(value, str):
        return value
    return SEPARATOR.join(scrubber.text(part, name) for part in value.split(SEPARATOR))


def _write(writing: Writing, place: Personal, changes: Changes, erasure: Erasure) -> None:
    """What has changed since it was read is left for the next pass."""
    if changes:
        sets = ", ".join(f'"{column.name}" = ?' for column in place.columns)
        same = " AND ".join(f'"{column.name}" IS ?' for column in place.columns)
        table, key = place.table.name, place.key.name
        writing.connection.executemany(f'UPDATE "{table}" SET {sets} WHERE "{key}" = ? AND {same}', changes)  # noqa: S608  # names of ours
        if place.with_it is not None:
            goes = compiled(sa.delete(place.with_it.table).where(place.with_it == sa.bindparam("gone"))).text
            writing.connection.executemany(goes, [(change[len(place.columns)],) for change in changes])
    writing.connection.execute(ERASURE.sql, ERASURE.to_row(erasure))


def _holds(place: Personal, row: dict[str, Any], scrubber: Scrubber) -> bool:
    values = {column.name: row[column.name] for column in place.columns}
    return any(_scrubbed(name, value, scrubber) != value for name, value in values.items())


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _document(value) for name, value in row.items()}


def _document(value: Any) -> Any:
    """JSON within a column is told as JSON."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    if isinstance(text, str) and text.startswith(("{", "[")):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return text
    return text
