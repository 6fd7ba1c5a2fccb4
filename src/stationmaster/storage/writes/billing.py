"""How bills, their inputs and corrections are written and read back."""

import zlib

import msgspec

from stationmaster.domain.cost.bill import Bill, Inputs
from stationmaster.domain.cost.billing import thawed
from stationmaster.domain.cost.billing_records import CorrectionMade, FrozenInputs, Unplugged
from stationmaster.domain.cost.corrections import Correction
from stationmaster.domain.cost.money import exponent_of
from stationmaster.storage.rows import Values, micros
from stationmaster.storage.schema.billing import bill_corrections, bill_inputs, bills, unplugged
from stationmaster.storage.statements import Write, insert_once, plain_insert, upsert

_encode = msgspec.json.encode
_SUMMED = ("ended_at", "currency", "total_minor")
_FIXED = ("tenant", "station_key", "transaction_key", "version", "started_at", "flags", "inputs_digest", *_SUMMED)


def bill_row(bill: Bill) -> Values:
    started_at, ended_at = bill.content.started_at, bill.content.ended_at
    return (
        bill.key,
        bill.tenant,
        bill.station_key,
        bill.transaction_key,
        bill.version,
        bill.state,
        None if started_at is None else micros(started_at),
        "".join(f" {flag}" for flag in bill.content.flags) + " ",
        bill.inputs_digest,
        _encode(bill).decode(),
        None if ended_at is None else micros(ended_at),
        bill.content.currency,
        int(bill.content.total.scaleb(exponent_of(bill.content.currency))),
    )


def inputs_row(inputs: FrozenInputs) -> Values:
    return (inputs.digest, zlib.compress(inputs.body))


def correction_row(made: CorrectionMade) -> Values:
    return (made.correction.key, made.tenant, made.transaction_key, _encode(made.correction).decode())


def unplugged_row(told: Unplugged) -> Values:
    return (told.transaction_key, micros(told.at))


to_bill = msgspec.json.Decoder(Bill).decode
to_correction = msgspec.json.Decoder(Correction).decode


def to_inputs(body: bytes) -> Inputs:
    return thawed(zlib.decompress(body))


WRITES: dict[type, tuple[Write, ...]] = {
    Bill: (Write(upsert(bills, ("key",), keep=_FIXED), bill_row),),
    FrozenInputs: (Write(insert_once(bill_inputs), inputs_row),),
    Unplugged: (Write(insert_once(unplugged), unplugged_row),),
    CorrectionMade: (Write(plain_insert(bill_corrections), correction_row),),
}
"""Of a bill that is there only the state changes."""
