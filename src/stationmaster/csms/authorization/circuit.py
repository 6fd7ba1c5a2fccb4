"""How often another system that is down is tried at all. Time is an argument."""

from stationmaster.domain.authorization.outside_word import OracleSilent

FAILURES = 5
"""In a row; then it counts as silent without being asked."""
REST_S = 30.0
"""For so long. The first question afterwards is asked, and the others wait for what becomes of it."""


class Circuit:
    """Open, it lets no question through; then one, to try."""

    def __init__(self) -> None:
        self._failures = 0
        self._opens_at = 0.0
        self._probing = False

    def enter(self, now_s: float) -> None:
        if self._failures < FAILURES:
            return
        if self._probing or now_s < self._opens_at:
            raise OracleSilent(f"it was silent {FAILURES} times in a row")
        self._probing = True

    def leave(self, now_s: float, *, heard: bool) -> None:
        self._probing = False
        self._failures = 0 if heard else self._failures + 1
        self._opens_at = now_s + REST_S
