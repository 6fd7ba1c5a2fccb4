"""How DER controls and alarms are written."""

from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.der.controls import ControlForgotten, DERAlarm, DERAlarmEnded, KnownControl
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.der import der_alarms, der_controls
from stationmaster.storage.statements import Write, compiled, insert_once, upsert

_encode = msgspec.json.Encoder(decimal_format="number").encode
_c, _a = der_controls.c, der_alarms.c

_FORGET = compiled(
    sa.delete(der_controls).where(
        _c.station_key == sa.bindparam("of_station"), _c.control_id == sa.bindparam("of_control")
    )
)
_END = compiled(
    sa.update(der_alarms)
    .where(_a.station_key == sa.bindparam("of_station"), _a.fault == sa.bindparam("of_fault"), _a.ended_at.is_(None))
    .values(ended_at=sa.bindparam("at"))
)
assert _END.names == ("at", "of_station", "of_fault"), _END.names


def control_row(known: KnownControl) -> tuple[Any, ...]:
    return (known.station_key, known.control.id, known.state, _encode(known).decode())


def forgotten_row(gone: ControlForgotten) -> tuple[Any, ...]:
    return (gone.station_key, gone.id)


def alarm_row(alarm: DERAlarm) -> tuple[Any, ...]:
    ended_at = None if alarm.ended_at is None else micros(alarm.ended_at)
    return (
        alarm.station_key,
        alarm.type,
        alarm.fault or "",
        micros(alarm.started_at),
        micros(alarm.received_at),
        ended_at,
        alarm.extra,
    )


def ended_row(ended: DERAlarmEnded) -> tuple[Any, ...]:
    return (micros(ended.ended_at), ended.station_key, ended.fault or "")


WRITES: dict[type, tuple[Write, ...]] = {
    KnownControl: (Write(upsert(der_controls, ("station_key", "control_id")), control_row),),
    ControlForgotten: (Write(_FORGET.text, forgotten_row),),
    DERAlarm: (Write(insert_once(der_alarms), alarm_row),),
    DERAlarmEnded: (Write(_END.text, ended_row),),
}
