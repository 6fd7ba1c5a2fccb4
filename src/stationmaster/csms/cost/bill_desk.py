"""What operators do to bills, and bills that nobody could make in time. All of it in the station's lane, like a message
of the station: so a bill is never made from half of what is known."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.connection.turns import in_turn
from stationmaster.csms.cost.billing import Billing, bill_event
from stationmaster.csms.cost.billing_ports import BillingRows
from stationmaster.csms.ports import Bus, Clock, Journal, Keys
from stationmaster.domain.cost.bill import Bill, Content
from stationmaster.domain.cost.bill_versions import released
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.billing_records import CorrectionMade
from stationmaster.domain.cost.corrections import Change, Correction
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.transactions.transaction import Transaction

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

PORTION = 200
"""Of transactions without a bill that are looked for at once."""

MAKE_UP_EVERY_S = 3600.0

_encode = msgspec.json.Encoder(order="deterministic").encode


class StillOpen(Exception):
    """The transaction goes on: it has no bill yet."""


class WrongState(Exception):
    """The bill is not in a state for that, in words for the operator."""


class BillDesk:
    def __init__(
        self, billing: Billing, directory: Directory, reads: BillingRows, journal: Journal, keys: Keys, clock: Clock
    ) -> None:
        self._billing = billing
        self._directory = directory
        self._reads = reads
        self._journal = journal
        self._keys = keys
        self._clock = clock

    async def running(self, transaction: Transaction) -> Content | None:
        """What an open transaction costs by now; None where no tariff applies."""
        return await self._billing.running(transaction.key, until=self._clock.now())

    async def correct(self, transaction: Transaction, change: Change, reason: str, by: str) -> Bill:
        """A new version of the bill by what an operator knows better. Raises StillOpen, StorageFailed."""
        correction = Correction(key=self._keys.take(), at=self._clock.now(), by=by, reason=reason, change=change)
        made = CorrectionMade(tenant=transaction.tenant, transaction_key=transaction.key, correction=correction)

        async def job() -> Bill:
            billed = await self._billing.billed(
                transaction.key, self._clock.now(), cause="correction", correction=correction
            )
            if billed is None:
                raise StillOpen
            await self._journal.store([made, *billed.records], billed.events)
            return billed.bill

        return await self._in_lane(transaction.station_key, job)

    async def release(self, bill: Bill) -> Bill:
        """Let a held bill go, as somebody has looked at it. Raises WrongState, StorageFailed."""

        async def job() -> Bill:
            known = await self._reads.bill(bill.tenant, bill.key)
            try:
                previous, new = released(known or bill, key=self._keys.take(), at=self._clock.now())
            except ValueError as error:
                raise WrongState(str(error)) from None
            await self._journal.store([previous, new], [bill_event(new)])
            return new

        return await self._in_lane(bill.station_key, job)

    async def recomputed(self, bill: Bill) -> tuple[bool, Content] | None:
        """The content once more from the inputs that were kept, and whether it is the same to the last byte. None: the
        inputs are gone."""
        inputs = await self._reads.bill_inputs(bill.inputs_digest)
        if inputs is None:
            return None
        again = content(inputs)
        return _encode(again) == _encode(bill.content), again

    async def run(self) -> None:
        """Look for transactions without a bill, now and then, until cancelled."""
        while True:
            try:
                await self.make_up()
            except StorageFailed as failed:
                log.error("bills not made up for", reason=str(failed))
            await self._clock.sleep(MAKE_UP_EVERY_S)

    async def bill_closed(self, bus: Bus) -> None:
        """Bills of transactions that are held to be over although no station said so, as soon as that is told."""
        async for message in bus.subscribe(subjects.events("TransactionClosed")):
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            if self._billing.bills(event.tenant):
                await self._in_lane(event.station_key or 0, partial(self._make_up_for, event.data["transaction"]))

    async def make_up(self) -> None:
        """Bills for transactions that ended without: where this program failed at one, or did not know a tenant's first
        tariff yet. Looked for from the tenant's first tariff on."""
        for tenant in self._billing.book.billing_tenants:
            key = min(tariff.key for tariff in self._billing.book.content(tenant).tariffs)
            while found := await self._reads.unbilled(tenant, key, PORTION):
                for station_key, transaction_key in found:
                    await self._in_lane(station_key, partial(self._make_up_for, transaction_key))
                key = found[-1][1] + 1

    async def _make_up_for(self, transaction_key: int) -> None:
        try:
            billed = await self._billing.billed(transaction_key, self._clock.now())
        except Exception:
            log.exception("no bill could be made", transaction=transaction_key)
        else:
            if billed is not None and billed.records:
                await self._journal.store(billed.records, billed.events)

    async def _in_lane(self, station_key: int, job: Callable[[], Awaitable[Result]]) -> Result:
        return await in_turn(self._directory, station_key, job)
