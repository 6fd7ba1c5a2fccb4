"""Reports of several messages: one at a time, its parts in their order."""

from collections.abc import Iterable

import structlog

from stationmaster.domain.messages import Request
from stationmaster.station.ports import Line, NotTold, Offline, Spawn

log = structlog.get_logger(__name__)

_TRIES = 2


class Reporting:
    """``busy``: a report is being sent, and no other may be begun (B07.FR.13, B08.FR.16)."""

    def __init__(self, line: Line, spawn: Spawn) -> None:
        self._line = line
        self._spawn = spawn
        self.busy = False

    def begin(self, parts: Iterable[Request]) -> None:
        """``parts`` is drawn from as they go out, so a part may tell when it was made."""
        self.busy = True
        self._spawn(self._send(parts))

    async def _send(self, parts: Iterable[Request]) -> None:
        try:
            for part in parts:
                if not await self._told(part):
                    return
        finally:
            self.busy = False

    async def _told(self, part: Request) -> bool:
        """A part that is refused or not answered goes out once more; without a line the report is given up."""
        for _ in range(_TRIES):
            try:
                await self._line.perform(part, triggered=True)
            except Offline:
                return False
            except NotTold as failure:
                log.warning("part of a report not taken", part=type(part).__name__, failure=str(failure))
            else:
                return True
        return False
