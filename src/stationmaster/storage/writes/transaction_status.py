"""How the states of transactions are written: the newest answer about each."""

from typing import Any

from stationmaster.domain.transactions.transaction_status import TransactionStatus
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.transaction_status import transaction_statuses
from stationmaster.storage.statements import Write, upsert


def status_row(status: TransactionStatus) -> tuple[Any, ...]:
    ongoing = None if status.ongoing is None else int(status.ongoing)
    return (status.station_key, status.wire_id, ongoing, int(status.messages_in_queue), micros(status.told_at))


WRITES: dict[type, tuple[Write, ...]] = {
    TransactionStatus: (Write(upsert(transaction_statuses, ("station_key", "wire_id")), status_row),),
}
