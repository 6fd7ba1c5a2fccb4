"""Payments on web pages and at kiosks: what serves the page asks here, and talks to the payment provider by itself."""

from collections.abc import Awaitable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.commands.commands import CommandResource, shown, waited
from stationmaster.api.commands.limit_draft import LimitDraft
from stationmaster.api.cost.amounts import checked
from stationmaster.api.http.parameters import MAX_INT32, MAX_INT64, OfStation, Paging, StationKey, Wait
from stationmaster.api.http.problems import ProblemError, conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.csms.payment.web_payments import Refused
from stationmaster.domain.command import CAME_TO_NOTHING, Command
from stationmaster.domain.payment.payments import SettlementStatus
from stationmaster.domain.payment.web_payment import MAX_URL, WebPayment, WebPaymentFilter, WebPaymentSeen
from stationmaster.domain.transactions.limits import TransactionLimit

WebPaymentKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="Key of the payment.")]
State = Literal["open", "expired", "cancelled", "paid", "started", "refused"]
MAX_AMOUNT = Decimal(100_000)
_Done = TypeVar("_Done")
DetailName = Literal[
    "PspRef",
    "SessionRef",
    "MerchantRef",
    "PaymentBrand",
    "ReadingMethod",
    "PaymentRecognition",
    "CardBin",
    "CardLast4Digits",
    "CardExpiryDate",
    "HashedCardNr",
    "WalletUserId",
]


class WebPaymentDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either ``url``, as it stood in the QR code that was scanned; or, from a kiosk that knows where its driver is,
    ``station`` with the EVSE and how far to go. Without ``evse_id`` the station chooses one."""

    url: Annotated[str, Meta(min_length=1, max_length=MAX_URL)] | None = None
    station: Annotated[int, Meta(ge=1, le=MAX_INT64)] | None = None
    evse_id: Annotated[int, Meta(ge=1, le=MAX_INT32)] | None = None
    limit: LimitDraft | None = None


class PaidDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``psp_ref``: the payment provider's reference, by which it is settled later. ``amount``: what is authorized, as
    text such as "50.00"; the session may cost no more. ``details``: of the card, told to stations that ask for them."""

    psp_ref: Annotated[
        str, Meta(min_length=1, max_length=255, pattern=r"^[!-~]+\Z", description="Characters of ASCII, no blanks.")
    ]
    amount: Decimal
    details: dict[DetailName, Annotated[str, Meta(min_length=1, max_length=255)]] = {}


class WebPaymentResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: open until it is paid, expired at ``until``, or cancelled. When it is paid the station is asked to
    start: then it is started, with its ``transaction``, or refused, with the ``reason``: nothing is to be taken of the
    money. ``by_code``: its driver scanned a code that was valid. ``amount`` (as text) and the limits bound the session;
    ``bill`` and ``bill_total`` are what is to be taken in the end, and ``settlement`` is what was recorded of that
    last, ``settled_as`` Settled or not."""

    key: int
    station: int
    station_identity: str | None
    evse_id: int | None
    state: State
    opened_at: datetime
    until: datetime
    by_code: bool
    limit_max_energy_wh: Decimal | None
    limit_max_time_s: int | None
    limit_max_cost: Decimal | None
    psp_ref: str | None
    amount: str | None
    paid_at: datetime | None
    command: int | None
    reason: str | None
    transaction: int | None
    bill: int | None
    bill_total: Decimal | None
    currency: str | None
    settlement: int | None
    settled_as: SettlementStatus | None


@post("/{station_key:int}/web-payments/set-up", summary="Have a station show QR codes for web payments")
async def set_up_web_payments(
    request: ApiRequest, station_key: StationKey, wait: Wait = 0
) -> Response[CommandResource]:
    """Gives the station the tenant's address and a new secret, of which nobody else hears: codes that were made with
    the one before count no more. A station of 1.x has no such codes."""
    await known_station(request, station_key)
    asked = _refusable(request.services.web_payments.set_up(request.tenant, station_key, request.caller.name))
    return shown(request, await waited(request, await asked, wait))


@post("/", summary="Open a payment for a session that is to begin")
async def open_web_payment(request: ApiRequest, data: JSONBody[WebPaymentDraft]) -> Response[WebPaymentResource]:
    """The code in the address is looked at; only if it is valid may its driver be asked for money. For a while nobody
    else can begin at the EVSE."""
    desk = request.services.web_payments
    if (data.url is None) == (data.station is None):
        raise invalid("body.url", "give either url or station")
    if data.url is not None:
        if data.evse_id is not None or data.limit is not None:
            raise invalid("body.url", "the address says itself where and how far")
        payment = await _refusable(desk.open_by_code(request.tenant, data.url))
    else:
        assert data.station is not None
        limit = TransactionLimit() if data.limit is None else data.limit.limit()
        payment = await _refusable(desk.open_at(request.tenant, data.station, data.evse_id, limit))
    resource = await _resource(request, WebPaymentSeen(payment=payment))
    return JsonResponse(resource, headers={"Location": f"/api/v1/web-payments/{payment.key}"})


@get("/", summary="Payments on web pages and at kiosks, newest first")
async def list_web_payments(
    request: ApiRequest,
    page: Paging,
    station: OfStation = None,
    psp_ref: Annotated[str | None, QueryParameter(max_length=255)] = None,
) -> PageOf[WebPaymentResource]:
    query = WebPaymentFilter(tenant=request.tenant, station_key=station, psp_ref=psp_ref)
    found = await request.queries.web_payments(query, page)
    resources = iter([await _resource(request, seen) for seen in found.items])
    return page_of(found, lambda _: next(resources))


@get("/{web_payment_key:int}", summary="One payment")
async def get_web_payment(request: ApiRequest, web_payment_key: WebPaymentKey) -> WebPaymentResource:
    return await _resource(request, await _known(request, web_payment_key))


@post("/{web_payment_key:int}/paid", summary="The payment is authorized: start the session", status_code=200)
async def pay_web_payment(
    request: ApiRequest, web_payment_key: WebPaymentKey, data: JSONBody[PaidDraft], wait: Wait = 0
) -> WebPaymentResource:
    """Said again with the same reference, nothing more is done. Waits at most ``wait`` seconds for the station's
    answer."""
    amount = checked(data.amount, MAX_AMOUNT, zero=False)
    known = (await _known(request, web_payment_key)).payment
    details = tuple((value, name) for name, value in data.details.items())
    paying = request.services.web_payments.pay(known, data.psp_ref, amount, details, request.caller.name)
    paid = await _refusable(paying)
    command = await _command(request, paid)
    if command is not None:
        await waited(request, command, wait)
    return await _resource(request, await _known(request, web_payment_key))


@post("/{web_payment_key:int}/cancel", summary="Nobody pays: let others have the place", status_code=200)
async def cancel_web_payment(request: ApiRequest, web_payment_key: WebPaymentKey) -> WebPaymentResource:
    known = await _known(request, web_payment_key)
    gone = await _refusable(request.services.web_payments.cancel(known.payment))
    return await _resource(request, WebPaymentSeen(payment=gone))


async def _refusable(asked: Awaitable[_Done]) -> _Done:
    try:
        return await asked
    except Refused as refused:
        raise _problem(refused) from None


def _problem(refused: Refused) -> ProblemError:
    if refused.place is not None:
        return invalid(f"body.{refused.place}", str(refused))
    return conflict(refused.kind, f"{str(refused)[:1].upper()}{str(refused)[1:]}.")


async def _known(request: ApiRequest, key: int) -> WebPaymentSeen:
    found = await request.queries.web_payment(request.tenant, key)
    if found is None:
        raise not_found("payment")
    return found


async def _command(request: ApiRequest, payment: WebPayment) -> Command | None:
    if payment.command is None:
        return None
    return await request.services.commands.get(payment.tenant, payment.station_key, payment.command)


async def _resource(request: ApiRequest, seen: WebPaymentSeen) -> WebPaymentResource:
    payment = seen.payment
    identities = await request.queries.station_identities(request.tenant, (payment.station_key,))
    command = None if seen.transaction_key is not None else await _command(request, payment)
    state, reason = _state(seen, command, request.services.clock.now())
    return shaped(
        WebPaymentResource,
        payment,
        station=payment.station_key,
        station_identity=identities.get(payment.station_key),
        state=state,
        reason=reason,
        limit_max_energy_wh=payment.limit.max_energy_wh,
        limit_max_time_s=payment.limit.max_time_s,
        limit_max_cost=payment.limit.max_cost,
        amount=None if payment.amount is None else f"{payment.amount:f}",
        transaction=seen.transaction_key,
        bill=seen.bill_key,
        bill_total=seen.bill_total,
        currency=seen.currency,
        settlement=seen.settlement_key,
        settled_as=seen.settled_as,
    )


def _state(seen: WebPaymentSeen, command: Command | None, at: datetime) -> tuple[State, str | None]:
    payment = seen.payment
    if payment.state == "open":
        return ("open" if payment.is_open(at) else "expired"), None
    if seen.transaction_key is not None:
        return "started", None
    if command is not None and command.state in CAME_TO_NOTHING:
        return "refused", command.detail or f"the station says {command.status}"
    return payment.state, None


station_web_payments_router = Router("/stations", route_handlers=[set_up_web_payments], tags=["Payments"])
web_payments_router = Router(
    "/web-payments",
    route_handlers=[open_web_payment, list_web_payments, get_web_payment, pay_web_payment, cancel_web_payment],
    tags=["Payments"],
)
