"""How what cars told is written."""

from typing import Any

import msgspec

from stationmaster.domain.charging_needs import KnownNeeds
from stationmaster.storage.schema.charging_needs import charging_needs
from stationmaster.storage.statements import Write, upsert

_encode = msgspec.json.Encoder(decimal_format="number").encode


def needs_row(known: KnownNeeds) -> tuple[Any, ...]:
    return (known.station_key, known.evse_id, _encode(known).decode())


WRITES: dict[type, tuple[Write, ...]] = {
    KnownNeeds: (Write(upsert(charging_needs, ("station_key", "evse_id")), needs_row),),
}
