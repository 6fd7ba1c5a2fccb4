"""I01-I03 at a station of 1.6: prices and costs that the CSMS tells by DataTransfer, on the display.

Between two running costs the station carries the last one on by its own meter. Where idling costs after the stop it
tells, beside the status, when the car of a transaction has left.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.cost.money import spelled, to_minor
from stationmaster.domain.cost.telling import ConnectorUnplugged, CostUpdated, TellFinalCost, TellPrice, carried_on
from stationmaster.domain.messages import CommandAnswer, IdTokenInfo, Request, TransactionAnswer, TransactionEvent
from stationmaster.domain.metering.values import measured
from stationmaster.domain.texts import Text
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.metering.readings import energy_wh
from stationmaster.station.ports import Clock, Hardware
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.screen import Screen
from stationmaster.station.settings import Configuration

NOTICE_S = 30.0
"""How long a price, or a total at an EVSE whose car is gone, stands."""
REDRAW_S = 5.0
TOLD = (ConnectorUnplugged,)
"""What must reach the CSMS."""
ACCEPTED = CommandAnswer(status="Accepted")
REJECTED = CommandAnswer(status="Rejected")


class _Running(msgspec.Struct):
    """The last running cost of a transaction, and how it goes on from there."""

    told: CostUpdated
    idle_since: datetime | None = None
    is_above: bool | None = None
    """Whether power was above the threshold at which a meter value is wanted."""


class CostMessages:
    """An observer of the EVSEs, and a listener of the queue. ``sample``: send a meter value of an EVSE now.
    ``later``: tell for sure."""

    def __init__(
        self,
        screen: Screen,
        transactions: Transactions,
        queue: TransactionQueue,
        hardware: Hardware,
        clock: Clock,
        configuration: Configuration,
        default_text: Callable[[], str],
    ) -> None:
        self._screen = screen
        self._transactions = transactions
        self._queue = queue
        self._hardware = hardware
        self._clock = clock
        self._configuration = configuration
        self._default_text = default_text
        self._newest: dict[int, tuple[str, str]] = {}
        """By EVSE, the transaction that goes on there or was the last one: by our id and by the wire's."""
        self._running: dict[int, _Running] = {}
        self._waits_for_car: set[int] = set()
        self.sample: Callable[[int], None] = lambda evse_id: None
        self.later: Callable[[Request], None] = lambda request: None

    # What the CSMS says ───────────────────────────────────────────────────────────────────────────────────────────

    async def price(self, request: TellPrice) -> CommandAnswer:
        """SetUserPrice: to be read before anything flows."""
        places = [evse_id for evse_id in self._transactions.evse_ids if self._is_at(evse_id, request.id_token.key)]
        text = self._in_language(request.text, request.extra)
        for evse_id in places or (None,):
            self._notice(evse_id, text)
        return ACCEPTED

    async def running(self, request: CostUpdated) -> CommandAnswer:
        """RunningCost. Of a transaction that is not the newest of an EVSE nothing is shown."""
        evse_id = self._place_of(request.transaction_id)
        if evse_id is None:
            return REJECTED
        before = self._running.get(evse_id)
        self._running[evse_id] = _Running(request, _idle_since(before, request), before.is_above if before else None)
        self._draw(evse_id)
        return ACCEPTED

    async def final(self, request: TellFinalCost) -> CommandAnswer:
        """FinalCost. Where somebody else charges by now it is nobody's who stands there."""
        evse_id = self._place_of(request.transaction_id)
        if evse_id is None:
            return REJECTED
        state = self._transactions.state(evse_id)
        if state.transaction is None:
            self._running.pop(evse_id, None)
            text = self._in_language(request.text, request.extra) or self._spelled(request.total)
            if state.situation.connector is not None:
                self._screen.cost(evse_id, self._spelled(request.total))
            self._notice(evse_id, text if request.receipt_url is None else f"{text} [QR] {request.receipt_url}")
        return ACCEPTED

    # What happens at the station ──────────────────────────────────────────────────────────────────────────────────

    def on_granted(self, evse_id: int, info: IdTokenInfo) -> None:
        """A card is accepted: its own price may follow, until then that for everybody."""
        self._notice(evse_id, self._default_text())

    def on_answer(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        """The CSMS has named a transaction. The queue forgets the name with the end."""
        for evse_id, (known, _) in self._newest.items():
            if known == event.transaction_id and answer.transaction_id is not None:
                self._newest[evse_id] = (known, answer.transaction_id)

    def on_evse(self, evse_id: int) -> None:
        state = self._transactions.state(evse_id)
        known = self._newest.get(evse_id)
        if state.transaction is not None:
            if known is None or known[0] != state.transaction.id:
                self._begin(evse_id, state.transaction.id)
            return
        if known is not None and state.situation.connector is None:
            self._left(evse_id, *known)

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """It costs nothing."""

    async def run(self) -> None:
        """Carry the costs on, until cancelled."""
        while True:
            await self._clock.sleep(REDRAW_S)
            for evse_id in tuple(self._running):
                self._draw(evse_id)
                self._look_at_power(evse_id)

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, evse_id: int, transaction_id: str) -> None:
        self._newest[evse_id] = (transaction_id, "")
        self._running.pop(evse_id, None)
        self._screen.cost(evse_id, None)
        self._waits_for_car.add(evse_id)

    def _left(self, evse_id: int, own_id: str, wire_id: str) -> None:
        self._running.pop(evse_id, None)
        self._screen.cost(evse_id, None)
        if evse_id in self._waits_for_car:
            self._waits_for_car.discard(evse_id)
            if self._configuration.now.idle_fee_after_stop:
                self.later(ConnectorUnplugged(transaction_id=wire_id or own_id, at=self._clock.now()))

    def _place_of(self, wire_id: str) -> int | None:
        """Where the transaction goes on, or was the last one."""
        own = self._queue.own_id(wire_id)
        places = (evse_id for evse_id, (known, wire) in self._newest.items() if known == own or wire == wire_id)
        return next(places, None)

    def _is_at(self, evse_id: int, token_key: str) -> bool:
        grant = self._transactions.state(evse_id).grant
        return grant is not None and grant.id_token.key == token_key

    def _draw(self, evse_id: int) -> None:
        running = self._running[evse_id]
        total = carried_on(running.told, energy_wh(self._hardware, evse_id), self._clock.now(), running.idle_since)
        self._screen.cost(evse_id, self._spelled(total))

    def _look_at_power(self, evse_id: int) -> None:
        """A meter value is wanted when power crosses the threshold, in either direction."""
        running = self._running[evse_id]
        threshold_w = None if running.told.basis is None else running.told.basis.sample_below_w
        power_w = measured(tuple(self._hardware.read_meter(evse_id))).power_w
        if threshold_w is None or power_w is None or self._transactions.state(evse_id).transaction is None:
            return
        is_above = power_w >= threshold_w
        if running.is_above is not None and running.is_above != is_above:
            self.sample(evse_id)
        running.is_above = is_above

    def _in_language(self, text: str, extra: tuple[Text, ...]) -> str:
        wanted = self._configuration.now.display_language
        told = [each.content for each in extra if (each.language or "").casefold().startswith(wanted)]
        return told[0] if told else text

    def _spelled(self, total: Decimal) -> str:
        currency = self._configuration.now.currency
        return f"{spelled(to_minor(total, currency), currency)} {currency}"

    def _notice(self, evse_id: int | None, text: str) -> None:
        if text:
            self._screen.notice(evse_id, text, NOTICE_S)


def _idle_since(before: _Running | None, request: CostUpdated) -> datetime | None:
    """When idling began: with the first message that says so."""
    basis = request.basis
    if basis is None or basis.state != "Idle":
        return None
    return before.idle_since if before is not None and before.idle_since is not None else basis.at
