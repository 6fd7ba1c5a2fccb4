"""How data transfers are written."""

from typing import Any

from stationmaster.domain.data_transfer import DataTransferRecord
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.data_transfer import data_transfers
from stationmaster.storage.statements import Write, plain_insert


def transfer_row(record: DataTransferRecord) -> tuple[Any, ...]:
    return (
        record.station_key,
        micros(record.at),
        record.direction,
        record.vendor_id,
        record.message_id,
        record.status,
        record.data,
        record.answer,
    )


WRITES: dict[type, tuple[Write, ...]] = {
    DataTransferRecord: (Write(plain_insert(data_transfers), transfer_row),),
}
