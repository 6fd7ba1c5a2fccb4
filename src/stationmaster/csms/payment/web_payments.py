"""C24, C25 Payments on web pages and at kiosks: looking at codes, opening payments, starting what is paid for.

Whoever serves the page asks here, and talks to the payment provider by itself. A payment holds its EVSE for a while:
of two at once the writer lets one pass, and a station of 2.1 is told, so that it lets nobody else begin there.
"""

import asyncio
from datetime import timedelta
from decimal import Decimal
from functools import partial
from weakref import WeakValueDictionary

import msgspec
import structlog

from stationmaster.csms.blocks.web_payment import codes_of, setting_up
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.payment.wrong_codes import WrongCodes
from stationmaster.csms.ports import Clock, Store
from stationmaster.csms.settings import CsmsSettings, WebPaymentPolicy
from stationmaster.domain.abilities import abilities_of
from stationmaster.domain.claims import Claim, PaymentClaim, PaymentPlaceClaim, PaymentReferenceClaim
from stationmaster.domain.command import Command
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.identity import Evse, IdToken, StationRef
from stationmaster.domain.messages import RequestStartTransaction
from stationmaster.domain.payment import totp
from stationmaster.domain.payment.payments import DIRECT_PAYMENT, NotifyWebPaymentStarted
from stationmaster.domain.payment.web_payment import ScannedUrl, Unreadable, WebPayment, read
from stationmaster.domain.records import Event, Record
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.limits import TransactionLimit, lower_of
from stationmaster.security.web_payment_secrets import shared_secret

log = structlog.get_logger(__name__)


class Refused(Exception):
    """``kind`` is a short name for programs, the text is for people. ``place``: what of the request is wrong."""

    def __init__(self, kind: str, detail: str, place: str | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.place = place


class WebPaymentDesk:
    """Of the node that has the stations."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: CommandDesk,
        directory: Directory,
        settings: CsmsSettings,
        pepper: bytes,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._directory = directory
        self._settings = settings
        self._secret_of = partial(shared_secret, pepper=pepper)
        self._wrong = WrongCodes()
        self._paying: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def set_up(self, tenant: str, station_key: int, requested_by: str | None) -> Command:
        """Give a station the tenant's template and a new secret; codes of the old one count no more once it has taken
        it. Raises Refused."""
        key = self._store.keys.take()
        request = setting_up(self._policy(tenant), key)
        return await self._commands.submit(tenant, station_key, request, requested_by=requested_by, key=key)

    async def open_by_code(self, tenant: str, url: str) -> WebPayment:
        """C25.FR.07-09: a payment for who has scanned this. Raises Refused."""
        policy = self._policy(tenant)
        try:
            scanned = read(policy.template, url)
        except Unreadable as wrong:
            raise Refused("url-not-readable", str(wrong), "url") from None
        desk = self._directory.find(StationRef(tenant, scanned.station))
        if desk is None:
            raise _not_valid()
        self._look_at_code(desk, scanned)
        return await self._opened(desk, policy.timeout_s, scanned.evse_id, scanned.limit, by_code=True)

    async def open_at(self, tenant: str, station_key: int, evse_id: int | None, limit: TransactionLimit) -> WebPayment:
        """C24: a payment for who stands at a kiosk, or has scanned what is printed. Raises Refused."""
        policy = self._settings.policy(tenant).web_payments
        desk = self._directory.get(station_key)
        if desk is None or desk.state.tenant != tenant:
            raise Refused("no-such-station", "there is no such station", "station")
        timeout_s = (policy or WebPaymentPolicy(template="")).timeout_s
        return await self._opened(desk, timeout_s, evse_id, limit, by_code=False)

    async def pay(
        self,
        payment: WebPayment,
        psp_ref: str,
        amount: Decimal,
        details: tuple[tuple[str, str], ...] = (),
        requested_by: str | None = None,
    ) -> WebPayment:
        """C24.FR.01, C25.FR.23: the provider has authorized it, so start. Said again, even while the first is under
        way, it is done once. Raises Refused."""
        async with self._paying.setdefault(payment.key, asyncio.Lock()):
            return await self._paid(await self._as_it_is(payment), psp_ref, amount, details, requested_by)

    async def _paid(
        self,
        payment: WebPayment,
        psp_ref: str,
        amount: Decimal,
        details: tuple[tuple[str, str], ...],
        requested_by: str | None,
    ) -> WebPayment:
        if payment.state == "paid":
            return await self._paid_before(payment, psp_ref, details, requested_by)
        now = self._clock.now()
        if not payment.is_open(now):
            raise _over(payment)
        if await self._store.reads.transaction_paid_by(payment.station_key, psp_ref) is not None:
            raise Refused("payment-used", "the station has a transaction on this payment already")
        paid = msgspec.structs.replace(
            payment, state="paid", psp_ref=psp_ref, amount=amount, paid_at=now, command=self._store.keys.take()
        )
        unused = PaymentReferenceClaim(tenant=payment.tenant, psp_ref=psp_ref, key=payment.key)
        if not await self._commit(paid, PaymentClaim(key=payment.key, at=now), unused):
            current = await self._as_it_is(payment)
            if current.is_open(now):
                raise Refused("payment-used", "another payment was paid with this reference")
            if current.state != "paid":
                raise _over(current)
            return await self._paid_before(current, psp_ref, details, requested_by)
        await self._start(paid, details, requested_by)
        return paid

    async def cancel(self, payment: WebPayment) -> WebPayment:
        """Nobody pays: let others have the place. Raises Refused."""
        now = self._clock.now()
        if payment.state == "cancelled":
            return payment
        if not payment.is_open(now):
            raise _over(payment)
        gone = msgspec.structs.replace(payment, state="cancelled")
        if not await self._commit(gone, PaymentClaim(key=payment.key, at=now)):
            raise Refused("payment-over", "the payment was paid or cancelled just now")
        if payment.told is not None and payment.evse_id is not None:
            no_more = NotifyWebPaymentStarted(evse_id=payment.evse_id, timeout_s=0)
            await self._commands.submit(payment.tenant, payment.station_key, no_more, requested_by="web payment")
        return gone

    def _policy(self, tenant: str) -> WebPaymentPolicy:
        policy = self._settings.policy(tenant).web_payments
        if policy is None:
            raise Refused("not-set-up", "payments on web pages are not set up here: web_payment_url says how")
        return policy

    def _look_at_code(self, desk: Desk, scanned: ScannedUrl) -> None:
        now = self._clock.now()
        if self._wrong.too_many(desk.key, now):
            raise Refused("too-many-wrong-codes", "too many wrong codes of this station came lately")
        if scanned.version == totp.VERSION:
            for codes in codes_of(desk.state):
                secret = self._secret_of(desk.key, codes.generation)
                right_long = len(scanned.code) == codes.length
                if right_long and totp.is_valid(scanned.code, (secret,), now, codes.validity_s, codes.length):
                    return
        self._wrong.wrong(desk.key, now)
        log.info("web_payment.code_refused", station=desk.key)
        raise _not_valid()

    async def _opened(
        self, desk: Desk, timeout_s: int, evse_id: int | None, limit: TransactionLimit, *, by_code: bool
    ) -> WebPayment:
        if desk.session is None:
            raise Refused("not-connected", "the station is not connected, so nothing could be started there")
        taken = _taken(desk.state, evse_id)
        if taken is not None:
            raise Refused("place-taken", taken)
        now, keys = self._clock.now(), self._store.keys
        tells = evse_id is not None and abilities_of(desk.version).shows_web_payments
        payment = WebPayment(
            key=keys.take(),
            tenant=desk.state.tenant,
            station_key=desk.key,
            evse_id=evse_id,
            state="open",
            opened_at=now,
            until=now + timedelta(seconds=timeout_s),
            by_code=by_code,
            limit=limit,
            told=keys.take() if tells else None,
        )
        claims: tuple[Claim, ...] = ()
        if evse_id is not None:
            claims = (PaymentPlaceClaim(station_key=desk.key, evse_id=evse_id, at=now, timeout_s=timeout_s),)
        if not await self._commit(payment, *claims):
            raise Refused("place-taken", "somebody is paying for this EVSE just now")
        if payment.told is not None and evse_id is not None:
            started = NotifyWebPaymentStarted(evse_id=evse_id, timeout_s=timeout_s)
            await self._commands.submit(payment.tenant, desk.key, started, requested_by="web payment", key=payment.told)
        return payment

    async def _as_it_is(self, payment: WebPayment) -> WebPayment:
        seen = await self._store.reads.web_payment(payment.tenant, payment.key)
        return payment if seen is None else seen.payment

    async def _paid_before(
        self, payment: WebPayment, psp_ref: str, details: tuple[tuple[str, str], ...], requested_by: str | None
    ) -> WebPayment:
        if payment.psp_ref != psp_ref:
            raise Refused("payment-over", "the payment was paid with another reference")
        assert payment.command is not None
        if await self._store.reads.load_command(payment.command) is None:  # we stopped in between
            await self._start(payment, details, requested_by)
        return payment

    async def _start(self, payment: WebPayment, details: tuple[tuple[str, str], ...], requested_by: str | None) -> None:
        assert payment.psp_ref is not None
        desk = self._directory.get(payment.station_key)
        known = desk is None or abilities_of(desk.version).knows_direct_payments
        request = RequestStartTransaction(
            id_token=IdToken(payment.psp_ref, DIRECT_PAYMENT if known else "Central", additional=details),
            remote_start_id=0,
            evse=None if payment.evse_id is None else Evse(payment.evse_id),
            limit=lower_of(payment.limit, TransactionLimit(max_cost=payment.amount)),
        )
        await self._commands.submit(
            payment.tenant, payment.station_key, request, requested_by=requested_by, key=payment.command
        )

    async def _commit(self, payment: WebPayment, *claims: Claim) -> bool:
        """Whether it is stored. Raises StorageFailed."""
        event = Event(
            kind="WebPaymentChanged",
            tenant=payment.tenant,
            station_key=payment.station_key,
            at=self._clock.now(),
            data={"web_payment": payment.key, "evse_id": payment.evse_id, "state": payment.state},
        )
        records: tuple[Record, ...] = (payment,)
        checks = tuple(CheckedBy(claim, Decision()) for claim in claims)
        held = await self._store.journal.commit(Decision(records=records, events=(event,), checks=checks))
        return bool(held.records)


def _not_valid() -> Refused:
    """The same for a code that is wrong and a station that is none."""
    return Refused("code-not-valid", "the code in the address is not valid, or not any more: scan the QR code again")


def _over(payment: WebPayment) -> Refused:
    if payment.state == "cancelled":
        return Refused("payment-over", "the payment was cancelled")
    return Refused("payment-over", "the payment came too late: its time is over")


def _taken(state: StationState, evse_id: int | None) -> str | None:
    """Why nobody could begin at an EVSE now, as far as the station told; it has the last word."""
    if evse_id is None:
        return None
    known = {place[0] for place in state.connectors if place[0] > 0}
    if known and evse_id not in known:
        return "the station has no such EVSE"
    running = [each for each in state.open.values() if each.evse is not None and each.evse.id == evse_id]
    if any(each.is_open and each.authorization == "Accepted" for each in running):
        return "somebody is charging there"
    statuses = [each.status for place, each in state.connectors.items() if place[0] == evse_id and place[1] > 0]
    if statuses and all(status in ("Unavailable", "Faulted") for status in statuses):
        return "the EVSE is out of order"
    return None
