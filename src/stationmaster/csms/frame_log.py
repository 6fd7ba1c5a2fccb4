"""A session's Watch for the CSMS: the message log, and what was odd, counted and stored."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from stationmaster.csms.masking import masked
from stationmaster.csms.message_log import LogBuffer
from stationmaster.domain.records import LONGEST_EXCHANGE, Exchange, Oddity
from stationmaster.ocpp.violations import Violation
from stationmaster.session.watch import Direction

MAX_LOGGED_BYTES = 64 * 1024

_KINDS = {b"2": "call", b"3": "result", b"4": "error", b"5": "result_error", b"6": "send"}
_ANSWERS = frozenset({"result", "error"})
_AT_ONCE = timedelta(0)


class StationWatch:
    """Looks over one station's sessions. ``odd`` takes what is to be stored of the station's oddities."""

    __slots__ = ("_last", "_log", "_mask_tokens", "_now", "_odd", "_portion", "_station_key")

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
        self._last: Exchange | None = None
        self._portion = 0

    def frame(self, direction: Direction, data: bytes, action: str | None, message_id: str | None) -> None:
        log = self._log
        if log is None:
            return
        kind = _KINDS.get(data[1:2], "other")
        text = data[:MAX_LOGGED_BYTES].decode("utf-8", "replace")
        if self._mask_tokens:
            text = masked(text, id_tokens=True)
        at, last = self._now(), self._last
        if kind == "call":
            self._last = call = Exchange(self._station_key, at, direction, kind, message_id, action, text)
            self._portion = log.portion
            log.record(call)
            return
        self._last = None
        if last is not None and self._is_answer(last, kind, direction, action, message_id, at):
            last.answered_at, last.answer_kind, last.answer = at, kind, text
        else:
            log.record(Exchange(self._station_key, at, direction, kind, message_id, action, text))

    def _is_answer(
        self, call: Exchange, kind: str, direction: str, action: str | None, message_id: str | None, at: datetime
    ) -> bool:
        """Whether a frame answers the call before it, which has not been written yet."""
        return (
            call.message_id == message_id
            and self._log is not None
            and self._portion == self._log.portion
            and kind in _ANSWERS
            and call.direction != direction
            and call.action == action
            and _AT_ONCE <= at - call.at <= LONGEST_EXCHANGE
        )

    def violations(self, action: str, direction: Direction, found: Sequence[Violation]) -> None:
        for violation in found[:10]:
            self.oddity("schema_violation", action, f"{violation.path}: {violation.detail}")

    def oddity(self, kind: str, action: str | None, detail: str) -> None:
        self._odd(Oddity(station_key=self._station_key, at=self._now(), kind=kind, action=action, detail=detail[:500]))
