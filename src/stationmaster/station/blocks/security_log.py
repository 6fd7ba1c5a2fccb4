"""A04 Security events: every one into the security log, the critical ones to the CSMS, whenever it can be reached."""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog

from stationmaster.domain.diagnostics.security_events import CRITICAL, SecurityEventNotification
from stationmaster.station.diagnostics.log_ring import Line, LogRing
from stationmaster.station.ports import CannotSay, Clock, Memory, NotKnown, NotTold, Offline
from stationmaster.station.ports import Line as ToCsms
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

MAX_UNTOLD = 1000
"""Of critical events; more than that is one event, told a thousand times."""
_LOG, _UNTOLD = "security_log", "security_log.untold"


class SecurityLog:
    def __init__(self, memory: Memory, line: ToCsms, clock: Clock, configuration: Configuration) -> None:
        self._memory = memory
        self._line = line
        self._clock = clock
        self._configuration = configuration
        self._ring = LogRing(memory, _LOG)
        kept = memory.get(_UNTOLD)
        self._untold: list[SecurityEventNotification] = (
            [] if kept is None else msgspec.json.decode(kept, type=list[SecurityEventNotification])
        )
        self._news = asyncio.Event()

    def note(self, kind: str, info: str | None = None) -> None:
        """A04.FR.04; a critical one is told too (A04.FR.01). On disk when this returns."""
        at = self._clock.now()
        self._ring.add(Line(at, kind, info))
        critical = CRITICAL.get(kind, False)
        (log.info if critical else log.debug)("security event", kind=kind, info=info)
        if critical:
            told = SecurityEventNotification(type=kind, timestamp=at, tech_info=info)
            self._untold = [*self._untold, told][-MAX_UNTOLD:]
            self._save()
            self._news.set()

    def lines(self) -> Sequence[Line]:
        """The whole log, oldest first."""
        return tuple(self._ring.lines())

    def resume(self) -> None:
        """The CSMS can be reached (again)."""
        self._news.set()

    async def run(self) -> None:
        """Send what was not told yet, in order, until cancelled (A04.FR.02)."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._untold and await self._tell(self._untold[0]):
                self._untold = self._untold[1:]
                self._save()

    async def _tell(self, event: SecurityEventNotification) -> bool:
        """Whether it is done with; False: wait for the line. A CSMS that fails is asked again for as long as it takes,
        one that does not know the message is not."""
        while True:
            try:
                await self._line.perform(event)
            except Offline:
                return False
            except (CannotSay, NotKnown) as failure:
                log.debug("security event not told", kind=event.type, failure=str(failure))
            except NotTold as failure:
                log.warning("security event not taken", kind=event.type, failure=str(failure))
                await self._clock.sleep(max(1, self._configuration.now.message_attempt_interval_s))
                continue
            return True

    def _save(self) -> None:
        self._memory.put(_UNTOLD, msgspec.json.encode(self._untold))
