"""Stations without a line are there as long as they are heard of."""

from datetime import timedelta

from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Clock
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.device_model.variables import HEARTBEAT_INTERVAL
from stationmaster.session.soap_session import SoapSession

LOOK_S = 30.0
INTERVALS = 2.5
"""Of heartbeats, until a station counts as gone: one that was lost is not missed."""
SHORTEST_S = 120.0


class SilenceWatch:
    """Any request, and any answer to a call of ours, is a sign of life. That a station cannot be called is none of its
    being gone: most stand behind a gateway that lets nothing in for a while."""

    def __init__(self, directory: Directory, clock: Clock, settings: CsmsSettings) -> None:
        self._directory = directory
        self._clock = clock
        self._settings = settings

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._clock.sleep(LOOK_S)
            now = self._clock.now()
            for desk in self._directory:
                session, seen = desk.session, desk.last_seen_at
                if isinstance(session, SoapSession) and seen is not None and now - seen > self.patience(desk):
                    session.close()

    def patience(self, desk: Desk) -> timedelta:
        """How long a station may be silent: by the interval that it was told at boot, or a longer one set since."""
        settings, learned = self._settings, desk.state.learned.get(HEARTBEAT_INTERVAL, "")
        accepted = desk.state.station.registration == "Accepted"
        told_s = settings.heartbeat_interval_s if accepted else settings.boot_retry_interval_s
        interval_s = max(told_s, int(learned)) if learned.isdecimal() else told_s
        return timedelta(seconds=max(INTERVALS * interval_s, SHORTEST_S))
