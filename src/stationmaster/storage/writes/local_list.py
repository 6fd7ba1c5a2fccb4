"""How local lists are written."""

import zlib
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.local_list.entries import ContentsForgotten, ListContent, ListWish, LocalListState
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.local_list import local_list_contents, local_list_wishes, local_lists
from stationmaster.storage.statements import Write, compiled, upsert

_encode = msgspec.json.Encoder().encode


def list_row(known: LocalListState) -> tuple[Any, ...]:
    return (known.station_key, known.tenant, known.state, known.digest, _encode(known).decode())


def wish_row(wish: ListWish) -> tuple[Any, ...]:
    return (wish.station_key, wish.tenant, None if wish.wanted is None else int(wish.wanted))


def content_row(content: ListContent) -> tuple[Any, ...]:
    return (content.tenant, content.digest, micros(content.made_at), zlib.compress(_encode(content.entries)))


def _forget_contents() -> str:
    """One that is made again counts as new, so that none goes which a station is about to get."""
    contents, lists = local_list_contents.c, local_lists.c
    in_use = sa.exists().where(lists.tenant == contents.tenant, lists.digest == contents.digest)
    return compiled(
        sa.delete(local_list_contents).where(contents.made_at < sa.bindparam("before"), sa.not_(in_use))
    ).text


WRITES: dict[type, tuple[Write, ...]] = {
    LocalListState: (Write(upsert(local_lists, ("station_key",), keep=("tenant",)), list_row),),
    ListWish: (Write(upsert(local_list_wishes, ("station_key",), keep=("tenant",)), wish_row),),
    ListContent: (Write(upsert(local_list_contents, ("tenant", "digest"), keep=("body",)), content_row),),
    ContentsForgotten: (Write(_forget_contents(), lambda record: (micros(record.before),)),),
}
