"""How the last register of an EVSE is written."""

import msgspec

from stationmaster.domain.cost.register_gaps import KnownRegister
from stationmaster.storage.rows import Values
from stationmaster.storage.schema.registers import evse_registers
from stationmaster.storage.statements import Write, upsert

_encode = msgspec.json.encode


def register_row(known: KnownRegister) -> Values:
    return (known.station_key, known.evse_id, _encode(known).decode())


WRITES: dict[type, tuple[Write, ...]] = {
    KnownRegister: (Write(upsert(evse_registers, ("station_key", "evse_id")), register_row),),
}
