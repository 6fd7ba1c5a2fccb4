"""Small facts that are kept: of a tenant, or of the program itself (tenant "")."""

import sqlite3

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from stationmaster.storage.batch import Writing
from stationmaster.storage.readers import fetch
from stationmaster.storage.schema.core import settings
from stationmaster.storage.statements import compiled

_GET = compiled(
    sa.select(settings.c.value).where(
        settings.c.tenant == sa.bindparam("tenant"), settings.c.name == sa.bindparam("name")
    )
)
_new = insert(settings).values(tenant=None, name=None, value=None)
_PUT = compiled(_new.on_conflict_do_update(index_elements=["tenant", "name"], set_={"value": _new.excluded.value}))


def get_setting(connection: sqlite3.Connection, tenant: str, name: str) -> str | None:
    found = fetch(connection, _GET, tenant=tenant, name=name)
    return None if not found else str(found[0][0])


def put_setting(writing: Writing, tenant: str, name: str, value: str) -> None:
    writing.connection.execute(_PUT.text, _PUT.arguments(tenant=tenant, name=name, value=value))
