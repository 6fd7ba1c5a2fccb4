"""How a tenant's own terms are written: small facts, in the table of settings."""

import msgspec

from stationmaster.domain.cost.bill_flags import BillHolds
from stationmaster.domain.retention import RetentionTerms, RetentionWish
from stationmaster.storage.rows import Values
from stationmaster.storage.schema.core import settings
from stationmaster.storage.statements import Write, upsert

BILL_HOLDS = "bill_holds"
RETENTION = "retention"

_encode = msgspec.json.encode
to_holds = msgspec.json.Decoder(tuple[str, ...] | None).decode
to_terms = msgspec.json.Decoder(RetentionTerms).decode


def holds_row(holds: BillHolds) -> Values:
    return (holds.tenant, BILL_HOLDS, _encode(holds.flags).decode())


def retention_row(wish: RetentionWish) -> Values:
    return (wish.tenant, RETENTION, _encode(wish.terms).decode())


_SETTING = upsert(settings, ("tenant", "name"))
WRITES: dict[type, tuple[Write, ...]] = {
    BillHolds: (Write(_SETTING, holds_row),),
    RetentionWish: (Write(_SETTING, retention_row),),
}
