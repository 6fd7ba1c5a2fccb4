"""What an erasure does beside exchanging tokens for pseudonyms: exports that were given out before, local lists that
nobody has any more, and what meters signed."""

import sqlite3
import zlib
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import ListEntry
from stationmaster.domain.metering.values import Sample
from stationmaster.storage.batch import Writing
from stationmaster.storage.readers import fetch
from stationmaster.storage.schema.core import readings, transactions
from stationmaster.storage.schema.local_list import local_list_contents, local_lists
from stationmaster.storage.schema.privacy import driver_exports
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.privacy import to_export

SIGNED_MARKS = ('"signed":{', '"format":"SignedData"')
"""In the samples of a reading that its meter signed, in 2.x's way and 1.6's."""

_entries = msgspec.json.Decoder(tuple[ListEntry, ...]).decode
_samples = msgspec.json.Decoder(tuple[Sample, ...]).decode
_encode = msgspec.json.Encoder().encode
_r, _c, _l, _x = readings.c, local_list_contents.c, local_lists.c, driver_exports.c
_CONTENTS = compiled(sa.select(_c.digest, _c.body).where(_c.tenant == sa.bindparam("tenant")))
_EXPORTS = compiled(sa.select(_x.key, _x.body).where(_x.tenant == sa.bindparam("tenant")))
IS_SIGNED = sa.or_(*(_r.samples.contains(mark) for mark in SIGNED_MARKS))

Changes = Sequence[tuple[str, int, str]]
"""New samples, the key, the samples that they replace."""


def exports_of(connection: sqlite3.Connection, tenant: str, token_keys: Collection[int]) -> list[int]:
    """The exports that tell of one of the tokens."""
    found = fetch(connection, _EXPORTS, tenant=tenant)
    return [key for key, body in found if not set(token_keys).isdisjoint(to_export(body).tokens)]


def lists_with(
    connection: sqlite3.Connection, tenant: str, id_tokens: Sequence[IdToken]
) -> tuple[list[str], list[int]]:
    """The contents of local lists that name one of the tokens, and the stations that are known to have such a list."""
    names = {key for id_token in id_tokens for key in id_token.keys}
    digests = [
        digest
        for digest, body in fetch(connection, _CONTENTS, tenant=tenant)
        if any(entry.id_token.key in names for entry in _entries(zlib.decompress(body)))
    ]
    having = sa.select(_l.station_key).where(_l.tenant == tenant, _l.digest.in_(digests)).order_by(_l.station_key)
    return digests, [row[0] for row in fetch(connection, having)]


def forget_lists(writing: Writing, tenant: str, digests: Sequence[str]) -> None:
    """Those that no station has."""
    in_use = sa.exists().where(_l.tenant == _c.tenant, _l.digest == _c.digest)
    sql = compiled(sa.delete(local_list_contents).where(_c.tenant == tenant, _c.digest.in_(digests), sa.not_(in_use)))
    writing.connection.execute(sql.text, sql.arguments())


def forget_exports(writing: Writing, keys: Sequence[int]) -> None:
    sql = compiled(sa.delete(driver_exports).where(_x.key.in_(keys)))
    writing.connection.execute(sql.text, sql.arguments())


def signed_of(connection: sqlite3.Connection, tenant: str, token_keys: Sequence[str], most: int) -> Sequence[Any]:
    """Readings that were signed in the transactions of tokens: key and samples."""
    t = transactions.c
    mine = sa.select(t.key).where(t.tenant == tenant, t.token_key.in_(token_keys))
    statement = sa.select(_r.key, _r.samples).where(_r.transaction_key.in_(mine), IS_SIGNED).limit(most)
    return fetch(connection, statement)


def count_signed(connection: sqlite3.Connection, tenant: str, token_keys: Sequence[str]) -> int:
    t = transactions.c
    mine = sa.select(t.key).where(t.tenant == tenant, t.token_key.in_(token_keys))
    statement = sa.select(sa.func.count()).select_from(readings).where(_r.transaction_key.in_(mine), IS_SIGNED)
    return int(fetch(connection, statement)[0][0])


def unsigned(rows: Sequence[Any]) -> Changes:
    """The same readings without what was signed: of 2.x the value beside it stays, of 1.6 the signed value goes."""
    return [(_encode(_without(_samples(samples))).decode(), key, samples) for key, samples in rows]


def write_unsigned(writing: Writing, changes: Changes) -> None:
    sql = 'UPDATE "readings" SET "samples" = ? WHERE "key" = ? AND "samples" = ?'
    writing.connection.executemany(sql, changes)


def _without(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    return tuple(
        sample if sample.signed is None else msgspec.structs.replace(sample, signed=None)
        for sample in samples
        if sample.format != "SignedData"
    )
