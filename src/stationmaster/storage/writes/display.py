"""How display messages are written and read back."""

import msgspec

from stationmaster.domain.display_message import KnownMessage, KnownMessages
from stationmaster.storage.rows import Values
from stationmaster.storage.schema.display import display_messages
from stationmaster.storage.statements import Write, upsert

_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(tuple[KnownMessage, ...]).decode


def messages_row(known: KnownMessages) -> Values:
    return (known.station_key, _encode(known.messages).decode())


def to_messages(body: str) -> tuple[KnownMessage, ...]:
    return _decode(body)


WRITES: dict[type, tuple[Write, ...]] = {
    KnownMessages: (Write(upsert(display_messages, ("station_key",)), messages_row),),
}
