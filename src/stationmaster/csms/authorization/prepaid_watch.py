"""Prepaid accounts pay the bills of the transactions that money is held for, and whatever is corrected of them."""

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.ports import Bus, Clock, Journal, Keys, PayableRows
from stationmaster.domain.authorization.prepaid import Payable, payment
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event

log = structlog.get_logger(__name__)

EVERY_S = 60.0
CHANGED = "AccountChanged"


class PrepaidWatch:
    """Bills are paid as they are issued; those that a crash came between, at the next start or look."""

    def __init__(self, rows: PayableRows, journal: Journal, keys: Keys, bus: Bus, clock: Clock) -> None:
        self._rows = rows
        self._journal = journal
        self._keys = keys
        self._bus = bus
        self._clock = clock

    def start(self, background: Background) -> None:
        """Until the background ends."""
        background.start(kept_up(self._follow, self._clock))
        background.start(kept_up(self._sweep, self._clock))

    async def _follow(self) -> None:
        async for message in self._bus.subscribe(subjects.events("BillIssued")):
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            for payable in await self._rows.payable(transaction_key=event.data["transaction"]):
                await self._pay(payable)

    async def _sweep(self) -> None:
        held_only = False
        while True:
            await self._pay_all(held_only=held_only)
            held_only = True  # what is billed anew from now on is followed
            await self._clock.sleep(EVERY_S)

    async def _pay_all(self, *, held_only: bool) -> None:
        after = 0
        while portion := await self._rows.payable(after_bill=after, held_only=held_only):
            for payable in portion:
                await self._pay(payable)
            after = portion[-1].bill_key

    async def _pay(self, payable: Payable) -> None:
        account = payable.account
        if payable.currency != account.currency:
            log.warning("prepaid.other_currency", account=account.key, bill=payable.bill_key, currency=payable.currency)
            return
        now = self._clock.now()
        data = {"what": "charge", "account": account.key, "transaction": payable.transaction_key}
        event = Event(kind=CHANGED, tenant=account.tenant, at=now, data=data)
        try:
            await self._journal.store(payment(payable, self._keys.take(), now), [event])
        except StorageFailed as failed:  # also where it was paid just now by another node
            log.warning("prepaid.not_paid", bill=payable.bill_key, reason=str(failed))
