"""What operators ask of alarms and events, and what they get."""

from datetime import datetime

import msgspec

from stationmaster.domain.monitoring.alarms import Alarm, AlarmAcknowledgement, StationEvent


class AlarmFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``severity``: this one and worse. ``text``: some part of what it says, of its note, or of what its station is
    called. ``from_at`` <= when it was first told of < ``to_at``. Open ones first, the worst of them first; then those
    that ended, newest first."""

    tenant: str
    station_key: int | None = None
    open: bool | None = None
    acknowledged: bool | None = None
    severity: int | None = None
    text: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


class AlarmSeen(msgspec.Struct, frozen=True):
    """An alarm, and who has seen it."""

    alarm: Alarm
    acknowledgement: AlarmAcknowledgement | None = None


class StationEventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``from_at`` <= receipt < ``to_at``; ``severity``: this one and worse. Newest first."""

    tenant: str
    station_key: int | None = None
    alarm_key: int | None = None
    component: str | None = None
    variable: str | None = None
    severity: int | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


class StoredEvent(msgspec.Struct, frozen=True):
    key: int
    event: StationEvent
