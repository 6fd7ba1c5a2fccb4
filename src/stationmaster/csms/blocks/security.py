"""A04 Security events: every one is kept, and answered once it is."""

from datetime import datetime

from stationmaster.domain.decision import Decision
from stationmaster.domain.diagnostics.security_events import CRITICAL, SecurityEvent, SecurityEventNotification
from stationmaster.domain.records import Event, Learned, Record
from stationmaster.domain.station import StationState

SECURITY_EXTENSION = "can:SecurityExtension"
_BEFORE_ALL_STATIONS = 1990
"""The year; a clock that stands before it was never set."""


def security_event(state: StationState, request: SecurityEventNotification, at: datetime) -> Decision:
    """A04.FR.03. A type that nobody knows is kept as well as any."""
    known = request.timestamp.year >= _BEFORE_ALL_STATIONS
    kept = SecurityEvent(
        station_key=state.key,
        type=request.type,
        timestamp=request.timestamp if known else at,
        received_at=at,
        critical=CRITICAL.get(request.type),
        tech_info=request.tech_info,
    )
    data = {
        "type": kept.type,
        "timestamp": kept.timestamp,
        "critical": kept.critical,
        "tech_info": kept.tech_info,
    }
    event = Event(kind="SecurityEvent", tenant=state.tenant, station_key=state.key, at=at, data=data)
    learned, taught = has_security_extension(state) if request.extended else ((), None)
    return Decision(records=(kept, *learned), events=(event,), state=taught)


def has_security_extension(state: StationState) -> tuple[tuple[Record, ...], StationState | None]:
    """What is to be stored and how the aggregate changes where a 1.6 station shows that it has the extension."""
    if state.learned.get(SECURITY_EXTENSION) == "yes":
        return (), None
    told = Learned(station_key=state.key, name=SECURITY_EXTENSION, value="yes")
    return (told,), state.with_learned({told.name: told.value})
