"""A session's Watch for the CSMS: the message log, and what was odd, counted and stored."""

from collections.abc import Callable, Sequence
from datetime import datetime

from stationmaster.csms.masking import masked
from stationmaster.csms.ports import MessageLog
from stationmaster.domain.records import FrameRecord, Oddity
from stationmaster.ocpp.violations import Violation
from stationmaster.session.watch import Direction

MAX_LOGGED_BYTES = 64 * 1024

_KINDS = {b"2": "call", b"3": "result", b"4": "error", b"5": "result_error", b"6": "send"}


class StationWatch:
    """Looks over one station's sessions. ``odd`` takes what is to be stored of the station's oddities."""

    __slots__ = ("_log", "_mask_tokens", "_now", "_odd", "_station_key", "frames")

    def __init__(
        self,
        station_key: int,
        log: MessageLog | None,
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
        self.frames = 0

    def frame(self, direction: Direction, data: bytes, action: str | None, message_id: str | None) -> None:
        self.frames += 1
        if self._log is None:
            return
        self._log.record(
            FrameRecord(
                station_key=self._station_key,
                at=self._now(),
                direction=direction,
                kind=_KINDS.get(data[1:2], "other"),
                message_id=message_id,
                action=action,
                frame=masked(data[:MAX_LOGGED_BYTES], id_tokens=self._mask_tokens),
            )
        )

    def violations(self, action: str, direction: Direction, found: Sequence[Violation]) -> None:
        for violation in found[:10]:
            self.oddity("schema_violation", action, f"{violation.path}: {violation.detail}")

    def oddity(self, kind: str, action: str | None, detail: str) -> None:
        self._odd(Oddity(station_key=self._station_key, at=self._now(), kind=kind, action=action, detail=detail[:500]))
