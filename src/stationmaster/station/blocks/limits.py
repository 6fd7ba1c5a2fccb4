"""E16 How far a transaction may go, kept by the station: energy, time, cost, state of charge.

The driver may set a limit at the station, the CSMS in an answer to a TransactionEvent. The CSMS has the last word; a
driver's limit above the CSMS's is taken as that. One that is reached suspends the energy, or ends the transaction where
TxStopPoint has EnergyTransfer; one that is raised lets it go on. So much energy and no more on a refused token
(C15.FR.07) is one of these.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.domain.messages import TransactionAnswer, TransactionEvent
from stationmaster.domain.transactions.limits import TransactionLimit, changed, lower_of, reached
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.metering.readings import energy_wh
from stationmaster.station.ports import Clock, Hardware
from stationmaster.station.records import EvseState, LocalTransaction
from stationmaster.station.situation import Name

LOOK_S = 5.0
"""How often is looked at a transaction with a limit. What would flow until then counts as flown (E16.FR.19)."""
_HAPPENS: Mapping[str, Name] = {
    "energy": "energy limit reached",
    "time": "time limit reached",
    "cost": "cost limit reached",
    "soc": "SoC limit reached",
}


class Limits:
    """An observer of the EVSEs. Of a limit only what the EVSE can measure is taken (E16.FR.13)."""

    def __init__(self, transactions: Transactions, hardware: Hardware, clock: Clock) -> None:
        self._transactions = transactions
        self._hardware = hardware
        self._clock = clock
        self.reckons: Callable[[str], bool] = lambda transaction_id: False
        """Whether the station itself reckons what a transaction costs: the CSMS's word does not count then
        (E16.FR.16)."""
        self._news = asyncio.Event()
        evses = hardware.describe().evses
        self._knows_soc = frozenset(evse.id for evse in evses if evse.current == "DC")
        self._most_w = {evse.id: Decimal(evse.max_power_w) for evse in evses}

    def on_answer(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        """A listener of the queue."""
        if event.transaction_id is None:
            return
        if answer.total_cost is not None and not self.reckons(event.transaction_id):
            self.on_cost(event.transaction_id, answer.total_cost)
        evse_id = self._transactions.evse_of(event.transaction_id)
        if evse_id is not None and answer.limit is not None:
            self._from_csms(evse_id, answer.limit, echoed=event.trigger_reason == "LimitSet")

    def on_cost(self, transaction_id: str, total: Decimal) -> None:
        """The running cost of a transaction, as the CSMS reckons it (E16.FR.11)."""
        evse_id = self._transactions.evse_of(transaction_id)
        if evse_id is not None:
            self._transactions.keep(evse_id, cost=total)
            self._look_at(evse_id)

    def ask(self, evse_id: int, limit: TransactionLimit) -> None:
        """The driver sets or changes a limit (E16.FR.01, .04)."""
        transaction = self._transactions.state(evse_id).transaction
        if transaction is None:
            return
        wanted = self._measurable(evse_id, limit)
        if transaction.limit_csms is not None:
            wanted = _only(lower_of(wanted, transaction.limit_csms), wanted)
        if not wanted.is_empty:
            self._set(evse_id, wanted)

    def allow_no_more_than(self, evse_id: int, more_wh: int) -> None:
        """C15.FR.07: so much energy and no more, counted from now."""
        self._transactions.keep(evse_id, invalid_from_wh=energy_wh(self._hardware, evse_id) + Decimal(more_wh))
        self._look_at(evse_id)
        self._news.set()

    def on_evse(self, evse_id: int) -> None:
        self._news.set()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """Nothing flows then."""

    async def run(self) -> None:
        """Look at transactions with a limit, until cancelled."""
        while True:
            self._news.clear()
            limited = [evse_id for evse_id, transaction in self._transactions.running() if _is_limited(transaction)]
            for evse_id in limited:
                self._look_at(evse_id)
            if not limited:
                await self._news.wait()
                continue
            await self._clock.sleep(LOOK_S)

    def _from_csms(self, evse_id: int, limit: TransactionLimit, *, echoed: bool) -> None:
        """``echoed``: it came in answer to what the station said of a limit: only what is new is said again."""
        transaction = self._transactions.state(evse_id).transaction
        taken = self._measurable(evse_id, limit)
        if transaction is None or taken.is_empty:
            return
        unchanged = transaction.limit is not None and changed(transaction.limit, taken) == transaction.limit
        self._transactions.keep(evse_id, limit_csms=changed(transaction.limit_csms, taken))
        if not (echoed and unchanged):
            self._set(evse_id, taken)

    def _set(self, evse_id: int, limit: TransactionLimit) -> None:
        transaction = self._transactions.state(evse_id).transaction
        assert transaction is not None
        self._transactions.keep(evse_id, limit=changed(transaction.limit, limit))
        self._transactions.happen(evse_id, "limit set", limit=limit)
        self._look_at(evse_id, may_go_on=True)
        self._news.set()

    def _look_at(self, evse_id: int, *, may_go_on: bool = False) -> None:
        """``may_go_on``: a limit has become another. Nothing else lets the energy flow again."""
        state = self._transactions.state(evse_id)
        if state.transaction is None or not state.situation.authorized:
            return
        if self._is_spent(evse_id, state, state.transaction):
            self._transactions.happen(evse_id, "invalid but going on")
            state = self._transactions.state(evse_id)
        if state.transaction is None or state.transaction.limit is None:
            return
        over = self._reached(evse_id, state, state.transaction, state.transaction.limit)
        held = "limit" in state.situation.held
        if over is not None and not held:
            self._transactions.happen(evse_id, _HAPPENS[over])
        elif over is None and held and may_go_on:
            self._transactions.happen(evse_id, "allowed", hold="limit")  # E16.FR.14

    def _is_spent(self, evse_id: int, state: EvseState, transaction: LocalTransaction) -> bool:
        most = transaction.invalid_from_wh
        return (
            most is not None
            and "invalid" not in state.situation.held
            and energy_wh(self._hardware, evse_id) + self._about_to_flow(evse_id, state) >= most
        )

    def _reached(
        self, evse_id: int, state: EvseState, transaction: LocalTransaction, limit: TransactionLimit
    ) -> str | None:
        flown = energy_wh(self._hardware, evse_id) - transaction.begin_wh
        return reached(
            limit,
            energy_wh=flown + self._about_to_flow(evse_id, state),
            seconds=_seconds(transaction.started_at, self._clock.now()),
            cost=transaction.cost,
            soc_pct=self._sample(evse_id, "SoC") if evse_id in self._knows_soc else None,
        )

    def _about_to_flow(self, evse_id: int, state: EvseState) -> Decimal:
        """In Wh, before the next look; as much as can, where it flows no more but is about to."""
        if state.situation.path_closed:
            power_w = self._sample(evse_id, "Power.Active.Import") or Decimal(0)
        else:
            power_w = self._most_w[evse_id] if "limit" in state.situation.held else Decimal(0)
        return power_w * Decimal(LOOK_S) / 3600

    def _sample(self, evse_id: int, measurand: str) -> Decimal | None:
        found = [each for each in self._hardware.read_meter(evse_id) if each.measurand == measurand and not each.phase]
        return Decimal(found[0].value) if found else None

    def _measurable(self, evse_id: int, limit: TransactionLimit) -> TransactionLimit:
        return limit if evse_id in self._knows_soc else msgspec.structs.replace(limit, max_soc_pct=None)


def _seconds(since: datetime, now: datetime) -> int:
    return int((now - since).total_seconds())


def _is_limited(transaction: LocalTransaction) -> bool:
    return transaction.limit is not None or transaction.invalid_from_wh is not None


def _only(limit: TransactionLimit, kinds: TransactionLimit) -> TransactionLimit:
    """The limit, of the kinds that the other one has."""
    wanted = {name: getattr(limit, name) for name in limit.__struct_fields__ if getattr(kinds, name) is not None}
    return TransactionLimit(**wanted)
