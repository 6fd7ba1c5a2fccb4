"""How monitors, events and alarms are written and read back."""

import msgspec
import sqlalchemy as sa

from stationmaster.domain.messages import EventData
from stationmaster.domain.monitoring.alarms import (
    Alarm,
    AlarmAcknowledgement,
    KnownMonitor,
    KnownMonitors,
    StationEvent,
)
from stationmaster.domain.monitoring.monitors import MILDEST
from stationmaster.domain.monitoring.queries import AlarmSeen, StoredEvent
from stationmaster.storage.rows import Row, Values, micros, moment
from stationmaster.storage.schema.monitoring import alarms, known_monitors, station_events
from stationmaster.storage.statements import Write, compiled, insert_once, upsert

_BY_PEOPLE = ("acknowledged_at", "acknowledged_by", "note")
_encode = msgspec.json.encode
_decode_alarm = msgspec.json.Decoder(Alarm).decode
_decode_event = msgspec.json.Decoder(EventData).decode
_decode_monitors = msgspec.json.Decoder(tuple[KnownMonitor, ...]).decode


def monitors_row(known: KnownMonitors) -> Values:
    return (known.station_key, _encode(known.monitors).decode())


def to_monitors(body: str) -> tuple[KnownMonitor, ...]:
    return _decode_monitors(body)


def alarm_row(alarm: Alarm) -> Values:
    return (
        alarm.key,
        alarm.tenant,
        alarm.station_key,
        alarm.severity,
        micros(alarm.received_at),
        MILDEST + 1 - alarm.severity if alarm.is_open else 0,
        _encode(alarm).decode(),
        None,
        None,
        None,
    )


def to_alarm(body: str) -> Alarm:
    return _decode_alarm(body)


def to_alarm_seen(row: Row) -> AlarmSeen:
    """From body, key, acknowledged_at, acknowledged_by and note."""
    body, key, at_us, by, note = row
    seen = None if at_us is None else AlarmAcknowledgement(alarm_key=key, at=moment(at_us), by=by, note=note)
    return AlarmSeen(to_alarm(body), seen)


def acknowledgement_row(seen: AlarmAcknowledgement) -> Values:
    return (micros(seen.at), seen.by, seen.note, seen.alarm_key)


def event_row(record: StationEvent) -> Values:
    event = record.event
    return (
        record.station_key,
        micros(event.timestamp or record.received_at),
        record.digest,
        micros(record.received_at),
        event.component,
        event.variable,
        record.severity,
        record.alarm_key,
        _encode(event).decode(),
    )


def to_stored_event(row: Row) -> StoredEvent:
    """From key, station_key, received_at, digest, severity, alarm_key and body."""
    key, station_key, received_us, digest, severity, alarm_key, body = row
    event = StationEvent(
        station_key=station_key,
        received_at=moment(received_us),
        event=_decode_event(body),
        digest=digest,
        severity=severity,
        alarm_key=alarm_key,
    )
    return StoredEvent(key, event)


def _acknowledge() -> str:
    """The first one holds."""
    statement = (
        sa.update(alarms)
        .where(alarms.c.key == sa.bindparam("of_key"), alarms.c.acknowledged_at.is_(None))
        .values({alarms.c[name]: sa.bindparam(f"new_{name}") for name in _BY_PEOPLE})
    )
    sql = compiled(statement)
    assert sql.names == (*(f"new_{name}" for name in _BY_PEOPLE), "of_key"), sql.names
    return sql.text


WRITES: dict[type, tuple[Write, ...]] = {
    KnownMonitors: (Write(upsert(known_monitors, ("station_key",)), monitors_row),),
    Alarm: (Write(upsert(alarms, ("key",), keep=("tenant", "station_key", "received_at", *_BY_PEOPLE)), alarm_row),),
    AlarmAcknowledgement: (Write(_acknowledge(), acknowledgement_row),),
    StationEvent: (Write(insert_once(station_events), event_row),),
}
