"""From meter values to the readings that are stored."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

import msgspec

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue, measured
from stationmaster.domain.records import Reading

_encode = msgspec.json.Encoder().encode


def digest_of(*parts: object) -> int:
    """A signed 64-bit number that two equal contents share, on every machine and in every run."""
    return int.from_bytes(blake2b(_encode(parts), digest_size=8).digest(), "big", signed=True)


def event_digest(event: TransactionEvent) -> int:
    """What two deliveries of one event share: ``offline`` is not part of it, as a replay may set it."""
    return digest_of(msgspec.structs.replace(event, offline=False) if event.offline else event)


def readings(
    station_key: int,
    transaction_key: int | None,
    evse: Evse | None,
    values: Iterable[MeterValue],
    received_at: datetime,
) -> tuple[Reading, ...]:
    """One reading for each moment. The same values for the same place and transaction have the same digest."""
    evse_id = evse.id if evse else 0
    connector_id = (evse.connector_id or 0) if evse else 0
    made = []
    for value in values:
        found = measured(value.samples)
        made.append(
            Reading(
                station_key=station_key,
                taken_at=value.timestamp,
                digest=digest_of(evse_id, connector_id, transaction_key, value.samples),
                transaction_key=transaction_key,
                evse_id=evse_id,
                connector_id=connector_id,
                received_at=received_at,
                register_wh=found.register_wh,
                power_w=found.power_w,
                samples=value.samples,
            )
        )
    return tuple(made)
