"""How transfers are written and read back."""

from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.transfer import FileStored, ReceivedFile, Transfer, TransferClosed
from stationmaster.storage.rows import Row, Values, micros, moment
from stationmaster.storage.schema.transfers import transfers
from stationmaster.storage.statements import Write, compiled, update, upsert

_LATER = ("closed_at", "file_blob", "file")
_encode = msgspec.json.encode


def transfer_row(transfer: Transfer) -> Values:
    body = msgspec.structs.replace(transfer, closed_at=None, file=None)
    return (
        transfer.key,
        transfer.tenant,
        transfer.station_key,
        transfer.purpose,
        micros(transfer.expires_at),
        _encode(body).decode(),
        None,
        None,
        None,
    )


def closed_row(closed: TransferClosed) -> Values:
    return (micros(closed.closed_at), closed.key)


def file_row(stored: FileStored) -> Values:
    return (stored.file.blob, _encode(stored.file).decode(), stored.key)


def to_transfer(row: Row) -> Transfer:
    """From body, closed_at and file."""
    body, closed_at, file = row
    closed = None if closed_at is None else moment(closed_at)
    return msgspec.structs.replace(msgspec.json.decode(body, type=Transfer), closed_at=closed, file=to_file(file))


def to_file(file: Any) -> ReceivedFile | None:
    return None if file is None else msgspec.json.decode(file, type=ReceivedFile)


def _close() -> str:
    """An earlier end stays."""
    column = transfers.c.closed_at
    statement = (
        sa.update(transfers)
        .where(transfers.c.key == sa.bindparam("of_key"))
        .values({column: sa.func.coalesce(column, sa.bindparam("new_closed_at"))})
    )
    sql = compiled(statement)
    assert sql.names == ("new_closed_at", "of_key"), sql.names
    return sql.text


WRITES: dict[type, tuple[Write, ...]] = {
    Transfer: (Write(upsert(transfers, ("key",), keep=("tenant", "station_key", "purpose", *_LATER)), transfer_row),),
    TransferClosed: (Write(_close(), closed_row),),
    FileStored: (Write(update(transfers, ("file_blob", "file")), file_row),),
}
