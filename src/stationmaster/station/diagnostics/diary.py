"""What happened at a station, for its diagnostics. No token stands in it: whoever may read those need not know them."""

from collections.abc import Callable

from stationmaster.station.diagnostics.log_ring import Line, LogRing
from stationmaster.station.ports import Clock, Memory
from stationmaster.station.records import EvseState


class Diary:
    """Observes the EVSEs; others add what they see."""

    def __init__(self, memory: Memory, clock: Clock, state: Callable[[int], EvseState]) -> None:
        self._ring = LogRing(memory, "diary")
        self._clock = clock
        self._state = state
        self._last: dict[int, str] = {}

    def note(self, kind: str, text: str | None = None) -> None:
        self._ring.add(Line(self._clock.now(), kind, text))

    def lines(self) -> tuple[Line, ...]:
        """The oldest first."""
        return tuple(self._ring.lines())

    def on_evse(self, evse_id: int) -> None:
        """Something may have changed there."""
        text = self.situation(evse_id)
        if self._last.get(evse_id) != text:
            self._last[evse_id] = text
            self.note("evse", text)

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        self.note("lock_failure", f"EVSE {evse_id} connector {connector_id}")

    def situation(self, evse_id: int) -> str:
        """How it stands with an EVSE, in one line."""
        state = self._state(evse_id)
        plugged = state.situation.connector
        words = ["free" if plugged is None else f"plugged into {plugged}"]
        if state.situation.authorized:
            words.append("authorized")
        if state.transaction is not None:
            words.append(f"transaction {state.transaction.id}, {state.transaction.seq_no} events")
        return f"EVSE {evse_id}: {', '.join(words)}"
