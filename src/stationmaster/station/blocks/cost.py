"""I Cost on the display of an EVSE: as the CSMS reckons it, and the price in its words (I01-I03, I05, I06).

What a transaction cost stands there until its car is gone. What the station reckons by itself is for `local_cost`.
"""

from collections.abc import Callable
from decimal import Decimal

from stationmaster.domain.cost.money import spelled
from stationmaster.domain.cost.telling import CostUpdated
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, IdTokenInfo, TransactionAnswer, TransactionEvent
from stationmaster.station.blocks.limits import Limits
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.screen import Screen
from stationmaster.station.settings import Configuration

NOTICE_S = 30.0
"""How long a price, or a total at an EVSE whose car is gone, stands."""


class CostDisplay:
    """An observer of the EVSEs and a listener of the queue.

    ``reckons``: whether the station itself reckons what goes on at an EVSE; ``price``: what it sells at, in words.
    """

    def __init__(
        self,
        screen: Screen,
        transactions: Transactions,
        queue: TransactionQueue,
        limits: Limits,
        configuration: Configuration,
        is_online: Callable[[], bool],
    ) -> None:
        self._screen = screen
        self._transactions = transactions
        self._queue = queue
        self._limits = limits
        self._configuration = configuration
        self._is_online = is_online
        self.reckons: Callable[[int], bool] = lambda evse_id: False
        self.price: Callable[[int, IdTokenInfo], str | None] = lambda evse_id, info: None
        self._newest: dict[int, str] = {}
        """By EVSE, the transaction that goes on there or was the last one."""
        self._running: dict[int, str | None] = {}
        self._reckoned: dict[int, bool] = {}
        """Whether the station reckoned it, when it was looked at last."""

    async def take(self, request: CostUpdated) -> Acknowledged:
        """I02.FR.02-.04: of a transaction that is not under way nothing is shown."""
        own = self._queue.own_id(request.transaction_id)
        evse_id = self._transactions.evse_of(own)
        if evse_id is not None and not self.reckons(evse_id):
            self._show(evse_id, request.total)
            self._limits.on_cost(own, request.total)
        return ACKNOWLEDGED

    def on_granted(self, evse_id: int, info: IdTokenInfo) -> None:
        """I01.FR.03, I04.FR.01: the driver reads a price before anything flows."""
        settings, told = self._configuration.now, info.personal_message
        text = self.price(evse_id, info) if told is None else told.content
        if text is None and not self._is_online():
            text = settings.offline_tariff_fallback_message or None
        self._notice(evse_id, settings.tariff_fallback_message if text is None else text)

    def on_answer(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        """A listener of the queue."""
        evse_id = self._place_of(event.transaction_id)
        if evse_id is None:
            return
        if event.event_type == "Ended":
            self._ended(evse_id, event, answer)
            return
        if answer.total_cost is not None and not self.reckons(evse_id):
            self._show(evse_id, answer.total_cost)  # I02.FR.04
        text = answer.updated_personal_message
        if text is None and answer.id_token_info is not None:
            text = answer.id_token_info.personal_message
        if text is not None:
            self._notice(evse_id, text.content)  # I06.FR.03

    def on_evse(self, evse_id: int) -> None:
        state = self._transactions.state(evse_id)
        running = None if state.transaction is None else state.transaction.id
        if running is not None and self._newest.get(evse_id) != running:
            self._newest[evse_id] = running
            self._screen.cost(evse_id, None)
        elif running is None and state.situation.connector is None:
            self._screen.cost(evse_id, None)
        was_reckoned, self._reckoned[evse_id] = self._reckoned.get(evse_id, False), self.reckons(evse_id)
        if running is None and self._running.get(evse_id) is not None and not (self._is_online() or was_reckoned):
            self._notice(evse_id, self._configuration.now.total_cost_fallback_message)  # I05.FR.02
        self._running[evse_id] = running

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """It costs nothing."""

    def _ended(self, evse_id: int, event: TransactionEvent, answer: TransactionAnswer) -> None:
        """I03.FR.03, .05. Where the car is gone already nothing else would keep it on the display."""
        leaves = "ParkingBayOccupancy" in self._configuration.now.tx_stop_point
        if answer.total_cost is None or event.offline or leaves:
            return
        state = self._transactions.state(evse_id)
        if state.transaction is None and state.situation.connector is not None:
            self._show(evse_id, answer.total_cost)
        elif state.transaction is None:
            self._notice(evse_id, f"Total: {self._spelled(answer.total_cost)}")

    def _place_of(self, transaction_id: str | None) -> int | None:
        """Where it goes on, or was the last one."""
        return next((evse_id for evse_id, newest in self._newest.items() if newest == transaction_id), None)

    def _show(self, evse_id: int, total: Decimal) -> None:
        self._screen.cost(evse_id, self._spelled(total))

    def _spelled(self, total: Decimal) -> str:
        currency = self._configuration.now.currency
        return f"{spelled(total, currency)} {currency}"

    def _notice(self, evse_id: int, text: str) -> None:
        if text:
            self._screen.notice(evse_id, text, NOTICE_S)
