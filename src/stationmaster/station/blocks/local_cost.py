"""I07, I08, I11, I12 What a transaction costs, reckoned by the station itself from what it tells the CSMS (2.1).

Every event of a transaction passes here on its way into the queue: it is evidence, and takes with it the tariffId once
and the cost when that is due. So both sides reckon from the same messages, by the same code.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.domain.cost.cost_details import CostDetails
from stationmaster.domain.cost.local_cost import ended_cost, failed_cost, needs_power, running_cost
from stationmaster.domain.cost.money import spelled
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_commands import ChangeTransactionTariff, InstalledTariff
from stationmaster.domain.messages import Answer, CommandAnswer, IdTokenInfo, TransactionEvent
from stationmaster.domain.metering.values import ENERGY_REGISTER
from stationmaster.station import display
from stationmaster.station.blocks.driver_tariffs import DriverTariffs
from stationmaster.station.blocks.tariffs import Tariffs
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.cost.cost_problem import CostProblem
from stationmaster.station.cost.sales import Sale, begun, decoded, encoded, inputs, place, sale_key
from stationmaster.station.cost.tariff_terms import invalid, too_much
from stationmaster.station.metering.readings import energy_wh, reading
from stationmaster.station.ports import Clock, Hardware, Memory, Spawn
from stationmaster.station.records import EvseState
from stationmaster.station.screen import Screen
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

LOOK_S = 10.0
"""How often the cost on the display is reckoned anew."""
LOOK_AT_LIMIT_S = 5.0
"""The same, where a transaction must not cost more than so much."""
SHORTEST_SAMPLE_S = 5
"""TariffCostCtrlr.Interval[Tariff] 0: as often as this station can (I12.FR.32)."""
GRACE_S = 1.0
"""A cost that is due waits so long for an event that takes it along (I12.FR.03)."""
SHORTEST_WAIT_S = 0.1
"""What is due in less than a clock can tell apart is due next time."""
NOTICE_S = 30.0
_SAMPLED = (ENERGY_REGISTER, "Power.Active.Import", "Current.Import")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What there is to sell by, and who is told that it cannot be."""

    tariffs: Tariffs
    drivers: DriverTariffs
    problem: CostProblem
    spawn: Spawn


@dataclass(slots=True)
class _Due:
    """In monotonic time; None: at once."""

    cost: float | None = None
    sample: float | None = None


class LocalCost:
    """An observer of the EVSEs. ``measure`` tells an Updated event with a reading: EVSE, its context, triggerReason.
    ``on_total``: the cost of a transaction so far (E16.FR.16). ``own_id``: from the CSMS's id of one to ours.
    ``reserved_from``: when a reservation was asked for."""

    def __init__(
        self,
        shop: Shop,
        screen: Screen,
        transactions: Transactions,
        hardware: Hardware,
        memory: Memory,
        clock: Clock,
        configuration: Configuration,
    ) -> None:
        self._shop = shop
        self._screen = screen
        self._transactions = transactions
        self._hardware = hardware
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._places = {evse.id: place(evse.id, evse.current) for evse in hardware.describe().evses}
        self._sales: dict[int, Sale] = {}
        for evse_id in self._places:
            kept = decoded(memory.get(sale_key(evse_id)))
            if kept is not None:
                self._sales[evse_id] = kept
        self._due: dict[int, _Due] = {}
        self._totals: dict[int, CostDetails] = {}
        """Of transactions that have just ended."""
        self._news = asyncio.Event()
        self.measure: Callable[[int, str, str], None] = lambda evse_id, context, trigger: None
        self.on_total: Callable[[str, Decimal], None] = lambda transaction_id, total: None
        self.own_id: Callable[[str], str] = lambda transaction_id: transaction_id
        self.reserved_from: Callable[[int], datetime | None] = lambda reservation_id: None

    # Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def reckons(self, evse_id: int) -> bool:
        """Whether the cost of what goes on there is reckoned here."""
        sale = self._sales.get(evse_id)
        return sale is not None and bool(sale.tariffs) and self._configuration.now.cost_enabled

    def reckons_transaction(self, transaction_id: str) -> bool:
        return any(sale.transaction_id == transaction_id and self.reckons(evse) for evse, sale in self._sales.items())

    def sold(self) -> Iterator[InstalledTariff]:
        """I09.FR.05, .06: the tariffs of drivers that are in use."""
        for evse_id, sale in self._sales.items():
            if sale.kind == "DriverTariff" and sale.tariff is not None:
                token = () if sale.id_token is None else (sale.id_token.value,)
                yield InstalledTariff(tariff_id=sale.tariff.name, kind=sale.kind, evse_ids=(evse_id,), id_tokens=token)

    def price(self, evse_id: int, info: IdTokenInfo) -> str | None:
        """What a driver who has just been authorized reads (I07.FR.14)."""
        sale = self._sales.get(evse_id)
        return None if sale is None or sale.tariff is None else _in_words(sale.tariff, info.language)

    # Commands ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def change(self, request: ChangeTransactionTariff) -> Answer:
        """I11: what follows the answer is a message of its own."""
        against = self._against(request)
        if against is None:
            self._shop.spawn(self._change(self.own_id(request.transaction_id), request.tariff))
        return against or CommandAnswer(status="Accepted")

    def _against(self, request: ChangeTransactionTariff) -> CommandAnswer | None:
        """I11.FR.02-.05, in their order."""
        tariff, settings = request.tariff, self._configuration.now
        found = too_much(tariff, settings)
        if found is not None:
            return found.answer()
        evse_id = self._transactions.evse_of(self.own_id(request.transaction_id))
        if evse_id is None:
            return CommandAnswer(status="TxNotFound")
        sale = self._sales.get(evse_id)
        if sale is not None and sale.tariff is not None and sale.tariff.currency != tariff.currency:
            return CommandAnswer(status="NoCurrencyChange")
        found = invalid(tariff)
        return None if found is None else found.answer()

    async def _change(self, transaction_id: str, tariff: Tariff) -> None:
        evse_id = self._transactions.evse_of(transaction_id)
        if evse_id is None:
            return
        sale = self._sales.get(evse_id) or begun(self._transactions.state(evse_id).transaction)
        self._keep(evse_id, msgspec.structs.replace(sale, changed_to=tariff))
        self.measure(evse_id, "Other", "TariffChanged")
        self._news.set()

    # What happens ─────────────────────────────────────────────────────────────────────────────────────────────────

    def refuse(self, evse_id: int) -> None:
        """The driver does not want it at this price (I07.FR.30, .31; I08.FR.20, .21)."""
        sale = self._sales.get(evse_id)
        if sale is None or sale.tariff is None or not self._transactions.state(evse_id).situation.authorized:
            return
        self._keep(evse_id, msgspec.structs.replace(sale, tariffs=(), closed=True))
        self._transactions.happen(evse_id, "tariff not accepted")
        self._screen.notice(evse_id, display.TARIFF_REFUSED)

    def complete(self, evse_id: int, event: TransactionEvent) -> tuple[TransactionEvent, dict[str, bytes]]:
        """The event with what it has to say of tariff and cost, and what is to be kept together with it."""
        sale = self._sale_of(evse_id, event)
        if sale is None:
            return event, {}
        sale = sale.heard(event).changed(event.timestamp)
        tariff = sale.tariff
        if tariff is not None and not sale.told:  # I07.FR.32
            event = msgspec.structs.replace(event, tariff_id=tariff.name)
            sale = msgspec.structs.replace(sale, told=True)
        event = msgspec.structs.replace(event, cost=self._cost(evse_id, sale, event))
        if event.event_type == "Ended":
            self._over(evse_id, sale)
            return event, {sale_key(evse_id): encoded(None)}
        self._sales[evse_id] = sale
        return event, {sale_key(evse_id): encoded(sale)}

    def on_evse(self, evse_id: int) -> None:
        """Somebody may read a price, or is gone again without a transaction."""
        state, sale = self._transactions.state(evse_id), self._sales.get(evse_id)
        authorized = state.situation.authorized
        if state.transaction is None and authorized and sale is None:
            chosen = self._chosen(evse_id, Sale())
            if chosen.tariffs or chosen.closed:
                self._keep(evse_id, chosen)
        elif state.transaction is None and not authorized and sale is not None:
            self._over(evse_id, sale)
            self._memory.put(sale_key(evse_id), encoded(None))
        self._show_price(evse_id)
        self._show_total(evse_id)
        self._news.set()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """It costs nothing."""

    def on_prices(self) -> None:
        """The tariffs, or what is done with them, may have become others."""
        self._refresh()
        self._news.set()

    def _refresh(self) -> None:
        for evse_id in self._places:
            self._show_price(evse_id)

    async def run(self) -> None:
        """Keep the display up to date, tell of the cost when it is time, until cancelled."""
        self._refresh()
        while True:
            self._news.clear()
            active = [evse_id for evse_id, _ in self._transactions.running() if self.reckons(evse_id)]
            for evse_id in active:
                self._look(evse_id)
            wait_s = max(SHORTEST_WAIT_S, min([*map(self._wait_s, active), self._shop.tariffs.until_next_s()]))
            if active:
                await self._clock.sleep(wait_s)
                continue
            try:
                await within(self._clock, wait_s, self._news.wait())
            except TimeoutError:
                self._refresh()

    # Selling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _sale_of(self, evse_id: int, event: TransactionEvent) -> Sale | None:
        """The sale that an event belongs to, with its price once somebody is authorized; None: nothing is for sale."""
        state, sale = self._transactions.state(evse_id), self._sales.get(evse_id)
        if sale is None or sale.transaction_id not in (None, event.transaction_id):
            if event.event_type == "Ended" or not self._has_price(evse_id, state):
                return None
            return self._chosen(evse_id, begun(None if event.event_type == "Started" else state.transaction))
        return sale if event.event_type == "Ended" else self._chosen(evse_id, sale)

    def _has_price(self, evse_id: int, state: EvseState) -> bool:
        """Whether anything may be sold there: most stations have no tariffs, and each event asks."""
        if _is_settled(state):
            return False
        own = None if state.grant is None else self._shop.drivers.of(state.grant.id_token)
        return own is not None or self._shop.tariffs.in_force(evse_id) is not None

    def _chosen(self, evse_id: int, sale: Sale) -> Sale:
        """I07.FR.14, I08.FR.04: the driver's own tariff goes before the default one. What comes too late for a
        transaction is not for it (note at I07.FR.24)."""
        state = self._transactions.state(evse_id)
        if sale.tariffs or sale.closed or not state.situation.authorized or state.grant is None or _is_settled(state):
            return sale
        id_token = state.grant.id_token
        offer = self._shop.drivers.of(id_token)
        if offer is not None and offer.tariff is None:
            return msgspec.structs.replace(sale, closed=True, id_token=id_token)  # I08.FR.33
        number = state.grant.reservation_id
        sale = sale if number is None else sale.reserved(self.reserved_from(number))
        if offer is not None and offer.tariff is not None:
            return sale.priced(offer.tariff, "DriverTariff", id_token)
        default = self._shop.tariffs.in_force(evse_id)
        return sale if default is None else sale.priced(default, "DefaultTariff", id_token)

    def _over(self, evse_id: int, sale: Sale) -> None:
        self._sales.pop(evse_id, None)
        self._due.pop(evse_id, None)
        if sale.id_token is not None:
            self._shop.drivers.sold(sale.id_token)

    def _keep(self, evse_id: int, sale: Sale) -> None:
        self._sales[evse_id] = sale
        self._memory.put(sale_key(evse_id), encoded(sale))

    # Reckoning ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _cost(self, evse_id: int, sale: Sale, event: TransactionEvent) -> CostDetails | None:
        """What an event says of the cost: all of it at the end, a sum on the way (I12.FR.01, .02)."""
        settings, due = self._configuration.now, self._due.setdefault(evse_id, _Due())
        if sale.tariff is None or not settings.cost_enabled:
            return None
        if event.event_type == "Ended":
            self._totals[evse_id] = details = self._reckoned(evse_id, sale, closed=True)
            if not details.failed:
                self._shop.problem.solved()  # I12.FR.43
            return details
        now = self._clock.monotonic()
        if not settings.running_cost_enabled or (due.cost is not None and now < due.cost):
            return None
        due.cost = max((now if due.cost is None else due.cost) + settings.cost_interval_s, now)
        return self._reckoned(evse_id, sale)

    def _reckoned(self, evse_id: int, sale: Sale, *, closed: bool = False) -> CostDetails:
        """I12.FR.14, .18: whatever goes wrong, the transaction goes on, and the CSMS knows."""
        assert sale.tariff is not None
        transaction = self._transactions.state(evse_id).transaction
        try:
            needed = inputs(sale, self._places[evse_id], self._configuration.now, None if closed else transaction)
            details = ended_cost(needed) if closed else running_cost(needed)
        except Exception as error:  # whatever a tariff may hold, no event is lost for it
            log.exception("the cost could not be reckoned", evse=evse_id, tariff=sale.tariff.name)
            details = failed_cost(sale.tariff.currency, type(error).__name__)
        if details.failed:
            self._shop.problem.appeared("InternalError", details.failure or "")
        return details

    # Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _look(self, evse_id: int) -> None:
        due, now, settings = self._due.setdefault(evse_id, _Due()), self._clock.monotonic(), self._configuration.now
        if due.sample is not None and now >= due.sample:
            self._sample(evse_id)
        if due.sample is None or now >= due.sample:
            due.sample = now + max(settings.tariff_interval_s, SHORTEST_SAMPLE_S)
        if settings.running_cost_enabled and due.cost is not None and now >= due.cost + GRACE_S:
            self.measure(evse_id, "Other", "RunningCost")
        self._show_running(evse_id)

    def _wait_s(self, evse_id: int) -> float:
        """Until something is due."""
        due, settings = self._due.setdefault(evse_id, _Due()), self._configuration.now
        transaction = self._transactions.state(evse_id).transaction
        limit = None if transaction is None else transaction.limit
        moments = [LOOK_S if limit is None or limit.max_cost is None else LOOK_AT_LIMIT_S]
        if due.sample is not None:
            moments.append(due.sample - self._clock.monotonic())
        if due.cost is not None and settings.running_cost_enabled:
            moments.append(due.cost + GRACE_S - self._clock.monotonic())
        return min(moments)

    def _sample(self, evse_id: int) -> None:
        """I12.FR.31: where a price depends on power, the CSMS is told in the end what it was."""
        sale = self._sales[evse_id]
        value = None
        if needs_power(sale.tariffs):
            value = reading(self._hardware, evse_id, _SAMPLED, "Sample.Periodic", self._clock.now())
        if value is not None:
            self._transactions.collect(evse_id, value)

    # The display ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_running(self, evse_id: int) -> None:
        sale, transaction = self._sales.get(evse_id), self._transactions.state(evse_id).transaction
        if sale is None or sale.tariff is None or transaction is None:
            return
        now = self._clock.now()
        seen = inputs(
            sale, self._places[evse_id], self._configuration.now, transaction, (now, energy_wh(self._hardware, evse_id))
        )
        try:
            details = running_cost(seen, now)
        except Exception:
            log.exception("the running cost could not be reckoned", evse=evse_id)
            return
        self._screen.cost(evse_id, _spelled(details))
        if details.total.incl is not None and details.total.incl != transaction.cost:
            self.on_total(transaction.id, details.total.incl)

    def _show_total(self, evse_id: int) -> None:
        """Until the car is gone; for a while, where it is already. Not where it has left the bay (I03.FR.05)."""
        details = self._totals.pop(evse_id, None)
        if details is None or details.failed or "ParkingBayOccupancy" in self._configuration.now.tx_stop_point:
            return
        if self._transactions.state(evse_id).situation.connector is not None:
            self._screen.cost(evse_id, _spelled(details))
        else:
            self._screen.notice(evse_id, f"Total: {_spelled(details)}", NOTICE_S)

    def _show_price(self, evse_id: int) -> None:
        state, tariff = self._transactions.state(evse_id), self._shop.tariffs.in_force(evse_id)
        free = not (state.situation.authorized or state.situation.finished or state.transaction_stopped)
        text = _in_words(tariff, self._configuration.now.display_language) if free and tariff is not None else None
        self._screen.price(evse_id, text)


def _is_settled(state: EvseState) -> bool:
    """Whether the transaction has told who charges: what it is sold by, or that it is not, was chosen with that."""
    return state.grant is not None and state.grant.reported


def _in_words(tariff: Tariff, language: str | None) -> str | None:
    """None: it has no words that could be shown."""
    try:
        return price_text(tariff, language)
    except Exception:  # whatever a kept tariff may hold, the station goes on
        log.exception("the price could not be put into words", tariff=tariff.name)
        return None


def _spelled(details: CostDetails) -> str:
    total = details.total.incl if details.total.incl is not None else details.total.excl
    return f"{spelled(total or Decimal(0), details.currency)} {details.currency}"
