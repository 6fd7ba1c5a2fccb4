"""How payments and priority charging are written."""

from typing import Any

import msgspec

from stationmaster.domain.payment.payments import Settlement, VatCheck
from stationmaster.domain.payment.web_payment import WebPayment
from stationmaster.domain.priority_charging import PriorityCharging
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.payment import priority_chargings, settlements, vat_checks, web_payments
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


def web_payment_row(payment: WebPayment) -> tuple[Any, ...]:
    return (
        payment.key,
        payment.tenant,
        payment.station_key,
        payment.evse_id,
        payment.state,
        micros(payment.until),
        payment.psp_ref,
        _encode(payment).decode(),
    )


WRITES: dict[type, tuple[Write, ...]] = {
    Settlement: (Write(insert_once(settlements), settlement_row),),
    VatCheck: (Write(plain_insert(vat_checks), vat_check_row),),
    WebPayment: (Write(upsert(web_payments, ("key",), keep=("tenant", "station_key", "evse_id")), web_payment_row),),
    PriorityCharging: (
        Write(upsert(priority_chargings, ("transaction_key",), keep=("tenant", "station_key")), priority_row),
    ),
}
