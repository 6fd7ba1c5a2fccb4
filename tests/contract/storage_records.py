"""Records for the storage contract: a test names what matters, and the rest is filled in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from stationmaster.domain.command import Command
from stationmaster.domain.frame_stretch import SEPARATOR, Stretch
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.records import Event, FrameRecord, Reading, TransactionEventRecord
from stationmaster.domain.station import Station
from stationmaster.domain.transactions.transaction import Transaction

NOW = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)


def a_station(key: int = 1, **changes: Any) -> Station:
    return Station(**{"key": key, "tenant": "default", "identity": f"CP{key}", "created_at": NOW, **changes})


def a_transaction(key: int = 10, station_key: int = 1, **changes: Any) -> Transaction:
    fields: dict[str, Any] = {
        "key": key,
        "tenant": "default",
        "station_key": station_key,
        "wire_id": f"w{key}",
        "id_token": IdToken("TAG1", "ISO14443"),
        "authorization": "Accepted",
        "first_event_at": NOW + timedelta(seconds=key),
        "received_at": NOW,
    }
    return Transaction(**fields | changes)


def a_reading(number: int, **changes: Any) -> Reading:
    samples = (Sample(f"{1000 + number}.50", unit="Wh"), Sample("7.36", measurand="Power", unit="kW"))
    fields: dict[str, Any] = {
        "station_key": 1,
        "taken_at": NOW + timedelta(minutes=number),
        "digest": number,
        "transaction_key": 10,
        "evse_id": 1,
        "connector_id": 1,
        "received_at": NOW + timedelta(minutes=number),
        "register_wh": Decimal(f"{1000 + number}.50"),
        "power_w": None,
        "samples": samples,
    }
    return Reading(**fields | changes)


def an_event(number: int = 1, *, at: datetime = NOW) -> Event:
    return Event(kind="seen", tenant="default", at=at, station_key=1, data={"n": number})


def a_frame(number: int, **changes: Any) -> FrameRecord:
    fields: dict[str, Any] = {
        "station_key": 1,
        "at": NOW + timedelta(seconds=number),
        "direction": "in",
        "kind": "call",
        "message_id": str(number),
        "action": "Heartbeat",
        "frame": f'[2,"{number}","Heartbeat",{{}}]',
    }
    return FrameRecord(**fields | changes)


def stretch(*frames: FrameRecord) -> Stretch:
    """The row of a station's frames."""
    heads = [(frame.at, frame.direction, frame.message_id, frame.action) for frame in frames]
    return Stretch(frames[0].station_key, heads, SEPARATOR.join(frame.frame for frame in frames))


def a_command(key: int, **changes: Any) -> Command:
    fields: dict[str, Any] = {
        "key": key,
        "station_key": 1,
        "tenant": "default",
        "kind": "Reset",
        "request": {"type": "OnIdle"},
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=5),
    }
    return Command(**fields | changes)


def event_record(event: TransactionEvent, key: str | None = None) -> TransactionEventRecord:
    bare = msgspec.structs.replace(event, meter_values=())
    return TransactionEventRecord(
        station_key=1,
        transaction_key=10,
        dedupe_key=key or f"{event.seq_no}",
        digest=-5,
        event_type=event.event_type,
        trigger_reason=event.trigger_reason,
        seq_no=event.seq_no,
        timestamp=event.timestamp,
        received_at=NOW,
        offline=event.offline,
        body=msgspec.json.encode(bare),
    )
