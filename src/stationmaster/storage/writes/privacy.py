"""How erasures and exports are written and read back."""

import msgspec

from stationmaster.domain.driver_data import DriverExport, Erasure
from stationmaster.storage.rows import Values, micros
from stationmaster.storage.schema.privacy import driver_exports, erasures
from stationmaster.storage.statements import Write, upsert

_encode = msgspec.json.encode
_decode_erasure = msgspec.json.Decoder(Erasure).decode
_decode_export = msgspec.json.Decoder(DriverExport).decode


def erasure_row(erasure: Erasure) -> Values:
    return (erasure.key, erasure.tenant, erasure.state, micros(erasure.at), _encode(erasure).decode())


def to_erasure(body: str) -> Erasure:
    return _decode_erasure(body)


def export_row(export: DriverExport) -> Values:
    return (export.key, export.tenant, "done", micros(export.at), _encode(export).decode())


def to_export(body: str) -> DriverExport:
    return _decode_export(body)


ERASURE = Write(upsert(erasures, ("key",), keep=("tenant", "at")), erasure_row)
WRITES: dict[type, tuple[Write, ...]] = {
    Erasure: (ERASURE,),
    DriverExport: (Write(upsert(driver_exports, ("key",), keep=("tenant", "at")), export_row),),
}
