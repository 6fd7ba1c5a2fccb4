"""How network profiles are written."""

from typing import Any

import msgspec

from stationmaster.domain.device_model.network_profile import NetworkProfileSet
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.network_profile import network_profiles
from stationmaster.storage.statements import Write, upsert

_encode = msgspec.json.Encoder().encode


def profile_row(record: NetworkProfileSet) -> tuple[Any, ...]:
    return (record.station_key, record.slot, micros(record.set_at), _encode(record.profile).decode())


WRITES: dict[type, tuple[Write, ...]] = {
    NetworkProfileSet: (Write(upsert(network_profiles, ("station_key", "slot")), profile_row),),
}
