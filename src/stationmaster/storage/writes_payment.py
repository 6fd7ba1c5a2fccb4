"""How payments and priority charging are written."""

from typing import Any

import msgspec

from stationmaster.domain.payment import Settlement, VatCheck
from stationmaster.domain.priority_charging import PriorityCharging
from stationmaster.storage.rows import micros
from stationmaster.storage.schema_payment import priority_chargings, settlements, vat_checks
from stationmaster.storage.statements import Write, insert_once, plain_insert, upsert

_encode = msgspec.json.Encoder().encode


def settlement_row(told: Settlement) -> tuple[Any, ...]:
    return (
        told.key,
        told.tenant,
        told.station_key,
        told.transaction_key,
        told.psp_ref,
        told.status,
        micros(told.at),
        _encode(told).decode(),
    )


def vat_check_row(check: VatCheck) -> tuple[Any, ...]:
    return (check.key, check.tenant, check.station_key, micros(check.at), _encode(check).decode())


def priority_row(told: PriorityCharging) -> tuple[Any, ...]:
    return (told.transaction_key, told.tenant, told.station_key, int(told.activated), micros(told.told_at))


WRITES: dict[type, tuple[Write, ...]] = {
    Settlement: (Write(insert_once(settlements), settlement_row),),
    VatCheck: (Write(plain_insert(vat_checks), vat_check_row),),
    PriorityCharging: (
        Write(upsert(priority_chargings, ("transaction_key",), keep=("tenant", "station_key")), priority_row),
    ),
}
