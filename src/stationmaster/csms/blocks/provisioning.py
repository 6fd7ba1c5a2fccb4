"""B Provisioning: boot, and G02 heartbeat, which keeps clocks together."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import BootAnswer, BootNotification, Heartbeat, HeartbeatAnswer
from stationmaster.domain.records import Boot, Event
from stationmaster.domain.station import StationState


@dataclass(frozen=True, slots=True)
class BootNotificationBlock:
    """B01-B03: the registration that the operator chose is the answer."""

    settings: CsmsSettings

    def __call__(self, state: StationState, request: BootNotification, at: datetime) -> Decision:
        station = msgspec.structs.replace(state.station, info=request.station, boot_reason=request.reason, booted_at=at)
        accepted = station.registration == "Accepted"
        interval_s = self.settings.heartbeat_interval_s if accepted else self.settings.boot_retry_interval_s
        boot = Boot(
            station_key=state.key,
            version=station.version or "",
            info=request.station,
            reason=request.reason,
            booted_at=at,
        )
        event = Event(
            kind="StationBooted",
            tenant=state.tenant,
            station_key=state.key,
            at=at,
            data={
                "status": station.registration,
                "reason": request.reason,
                "station": msgspec.to_builtins(request.station),
            },
        )
        return Decision(
            answer=BootAnswer(status=station.registration, current_time=at, interval_s=interval_s),
            records=(boot,),
            events=(event,),
            state=msgspec.structs.replace(state, station=station),
        )


def heartbeat(_state: StationState, _request: Heartbeat, at: datetime) -> Decision:
    """G02: touches memory only."""
    return Decision(answer=HeartbeatAnswer(current_time=at))
