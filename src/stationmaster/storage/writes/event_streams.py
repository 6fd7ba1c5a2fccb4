"""How periodic event streams and their values are written."""

from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.monitoring.event_streams import KnownStream, StreamClosed, StreamValue
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.event_streams import event_streams, stream_values
from stationmaster.storage.statements import Write, compiled, plain_insert, upsert

_encode = msgspec.json.Encoder().encode
_CLOSE = compiled(
    sa.delete(event_streams).where(
        event_streams.c.station_key == sa.bindparam("of_station"), event_streams.c.id == sa.bindparam("of_stream")
    )
)


def stream_row(known: KnownStream) -> tuple[Any, ...]:
    return (known.station_key, known.id, _encode(known).decode())


def closed_row(closed: StreamClosed) -> tuple[Any, ...]:
    return (closed.station_key, closed.id)


def value_row(value: StreamValue) -> tuple[Any, ...]:
    return (
        value.station_key,
        value.stream_id,
        value.monitoring_id,
        micros(value.at),
        micros(value.received_at),
        value.value,
    )


WRITES: dict[type, tuple[Write, ...]] = {
    KnownStream: (Write(upsert(event_streams, ("station_key", "id")), stream_row),),
    StreamClosed: (Write(_CLOSE.text, closed_row),),
    StreamValue: (Write(plain_insert(stream_values), value_row),),
}
