"""A master pass at a station with keys: whoever shows it chooses what is to be stopped (C16.FR.01)."""

from collections.abc import Collection

from stationmaster.domain.identity import IdToken
from stationmaster.station import display
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Clock
from stationmaster.station.screen import Screen

CHOICE_S = 60.0
"""How long it may take to choose."""


class MasterPass:
    """Offers the choice, and does what is chosen; a choice that nobody makes in time is over."""

    def __init__(self, screen: Screen, transactions: Transactions, clock: Clock) -> None:
        self._screen = screen
        self._transactions = transactions
        self._clock = clock
        self._shown: IdToken | None = None
        self._until_s = 0.0

    def offer(self, id_token: IdToken) -> None:
        """C16.FR.03: it starts nothing, so where nothing runs there is nothing to choose."""
        running = self._running()
        if not running:
            self._screen.notice(None, display.NOTHING_TO_STOP)
            return
        self._shown, self._until_s = id_token, self._clock.monotonic() + CHOICE_S
        for evse_id in running:
            self._screen.notice(evse_id, display.CHOOSE_TO_STOP, CHOICE_S)

    def choose(self, evse_ids: Collection[int]) -> None:
        """``evse_ids``: those to be stopped; none named: all."""
        id_token, self._shown = self._shown, None
        if id_token is None or self._clock.monotonic() >= self._until_s:
            return
        for evse_id in self._running():
            if not evse_ids or evse_id in evse_ids:
                self._transactions.happen(evse_id, "stopped by master pass", id_token=id_token)
            else:
                self._screen.notice(evse_id, "", 0.0)

    def _running(self) -> list[int]:
        return [evse_id for evse_id, _ in self._transactions.running()]
