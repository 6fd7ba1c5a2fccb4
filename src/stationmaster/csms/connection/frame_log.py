"""A session's Watch for the CSMS: the message log, and what was odd, counted and stored."""

from collections.abc import Callable, Sequence
from datetime import datetime

from stationmaster.csms.connection.message_log import Hearing, LogBuffer
from stationmaster.domain.frame_stretch import MOST_FRAMES
from stationmaster.domain.records import Oddity
from stationmaster.ocpp.violations import Violation
from stationmaster.session.watch import Direction


class StationWatch:
    """Looks over one station's sessions. ``odd`` takes what is to be stored of the station's oddities."""

    __slots__ = ("_hearing", "_log", "_mask_tokens", "_now", "_odd", "_portion", "_station_key")

    def __init__(
        self,
        station_key: int,
        log: LogBuffer | None,
        odd: Callable[[Oddity], None],
        now: Callable[[], datetime],
        *,
        mask_tokens: bool,
    ) -> None:
        self._station_key = station_key
        self._log = log
        self._odd = odd
        self._now = now
        self._mask_tokens = mask_tokens
        self._portion = -1
        self._hearing: Hearing

    def frame(self, direction: Direction, data: bytes, action: str | None, message_id: str | None) -> None:
        log = self._log
        if log is None:
            return
        if self._portion != log.portion or len(self._hearing.heads) == MOST_FRAMES:
            self._portion = log.portion
            self._hearing = log.begin(self._station_key, mask_tokens=self._mask_tokens)
        hearing = self._hearing
        hearing.heads.append((self._now(), direction, message_id, action))
        hearing.frames.append(data)
        log.weigh(len(data))

    def violations(self, action: str, direction: Direction, found: Sequence[Violation]) -> None:
        for violation in found[:10]:
            self.oddity("schema_violation", action, f"{violation.path}: {violation.detail}")

    def oddity(self, kind: str, action: str | None, detail: str) -> None:
        self._odd(Oddity(station_key=self._station_key, at=self._now(), kind=kind, action=action, detail=detail[:500]))
