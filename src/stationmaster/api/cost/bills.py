"""Bills: what each session costs, why, what it was made from, and what was corrected."""

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from stationmaster.api.cost.bill_rows import BillRow, bill_rows
from stationmaster.api.cost.bill_shapes import (
    AdjustmentCorrection,
    BillResource,
    CorrectionDraft,
    CorrectionResource,
    ExplanationResource,
    RecomputedResource,
    RunningResource,
    TariffCorrection,
    bill_resource,
    content_resource,
    correction_resource,
)
from stationmaster.api.http.csv_stream import CsvOrJson, csv_list, wants_csv
from stationmaster.api.http.numbers import check_numbers
from stationmaster.api.http.parameters import MAX_INT64, Counting, OfStation, Paging, TransactionKey, Within
from stationmaster.api.http.problems import conflict, invalid, not_found
from stationmaster.api.http.resources import CountedPageOf, JsonResponse, PageOf, page_of
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.transactions.transactions import known_transaction
from stationmaster.csms.cost.bill_desk import StillOpen, WrongState
from stationmaster.domain.cost.bill import Bill, BillState, Content, Inputs
from stationmaster.domain.cost.billing_records import BillFilter
from stationmaster.domain.cost.corrections import Change, TariffChange, TimesChange, corrected_tariffs, ends_crossed
from stationmaster.domain.cost.explanation import explained
from stationmaster.domain.cost.tariff_checks import MAX_PERCENT
from stationmaster.domain.queries import PageRequest
from stationmaster.domain.transactions.transaction import Transaction

ALL: tuple[BillState, ...] = ("issued", "held", "superseded", "void")
BillKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
InState = Annotated[BillState | None, QueryParameter(name="state")]
OfToken = Annotated[str | None, QueryParameter(name="token", max_length=255, description="Value of the token.")]
OfFlag = Annotated[
    str | None, QueryParameter(name="flag", pattern=r"^[a-z_]{1,60}\Z", description="Only those with this oddity.")
]


@get("/", summary="Bills, newest first, as JSON or CSV; only current ones unless a state is given")
async def list_bills(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    request: ApiRequest,
    page: Paging,
    within: Within,
    in_state: InState = None,
    station_key: OfStation = None,
    token: OfToken = None,
    flag: OfFlag = None,
    count: Counting = False,
    wanted_format: CsvOrJson = None,
) -> Response[CountedPageOf[BillResource]]:
    """``from`` and ``to`` are about the start of the session, by the station's clock."""
    query = BillFilter(
        tenant=request.tenant,
        states=("issued", "held") if in_state is None else (in_state,),
        station_key=station_key,
        token=token,
        flag=flag,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    if wants_csv(request, wanted_format):
        return csv_list("bills", BillRow, lambda each: bill_rows(_page(request, query, each)))
    found = await _page(request, query, page)
    total = await request.queries.bill_count(query) if count else None
    return JsonResponse(CountedPageOf(found.items, found.next_cursor, total))


@get("/{bill_key:int}", summary="One version of a bill")
async def get_bill(request: ApiRequest, bill_key: BillKey) -> BillResource:
    return await _resource(request, await _known(request, bill_key))


@get("/{bill_key:int}/explanation", summary="Where each amount of a bill comes from, in sentences")
async def explain_bill(request: ApiRequest, bill_key: BillKey) -> ExplanationResource:
    bill = await _known(request, bill_key)
    inputs = await _inputs(request, bill)
    tariffs = [each.tariff for each in corrected_tariffs(inputs.tariffs, inputs.corrections)]
    return ExplanationResource(
        bill=bill.key,
        tariff=f"{tariffs[0].name}, version {tariffs[0].version}" if tariffs else None,
        why=inputs.choice.why,
        zone=inputs.place.zone,
        sentences=explained(inputs, bill.content),
    )


@post("/{bill_key:int}/recompute", summary="Make a bill once more from what it was made from", status_code=200)
async def recompute_bill(request: ApiRequest, bill_key: BillKey) -> RecomputedResource:
    """Nothing is stored: it shows that the bill says what follows from its evidence."""
    bill = await _known(request, bill_key)
    again = await request.services.bills.recomputed(bill)
    if again is None:
        raise not_found("bill with its inputs")
    same, content = again
    return RecomputedResource(bill=bill.key, same=same, content=content_resource(content))


@post("/{bill_key:int}/release", summary="Let a held bill go")
async def release_bill(request: ApiRequest, bill_key: BillKey) -> Response[BillResource]:
    """A version of its own, with the same content: somebody has looked at what is odd about it."""
    try:
        bill = await request.services.bills.release(await _known(request, bill_key))
    except WrongState as error:
        raise conflict("bill-state", f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    return JsonResponse(await _resource(request, bill), headers=_location(bill))


@get("/{transaction_key:int}/bill", summary="The current bill of a transaction")
async def get_transaction_bill(request: ApiRequest, transaction_key: TransactionKey) -> BillResource:
    transaction = await known_transaction(request, transaction_key)
    query = BillFilter(tenant=request.tenant, transaction_key=transaction.key)
    found = (await request.queries.bills(query, PageRequest(limit=1))).items
    if not found and transaction.is_open:
        raise conflict(
            "still-open", "The transaction is open: it has no bill yet; /running-cost tells its cost so far."
        )
    if not found:
        raise not_found("bill: the tenant had no tariff when the transaction ended")
    return await _resource(request, found[0])


@get("/{transaction_key:int}/running-cost", summary="What an open transaction costs so far")
async def get_running_cost(
    request: ApiRequest,
    transaction_key: TransactionKey,
    parts: Annotated[
        bool, QueryParameter(description="false: the lines without their parts, which is all that a look needs.")
    ] = True,
) -> RunningResource:
    """Up to now, of all that is known of it: an estimate, without what is only added at the end. Without parts it is
    brought forward by each message instead of being reckoned anew from all of them."""
    transaction = await known_transaction(request, transaction_key)
    if not transaction.is_open:
        raise conflict("ended", "The transaction is over: it has a bill.")
    content = await _so_far(request, transaction, parts=parts)
    if content is None:
        raise conflict("no-tariff", "No tariff applies to the transaction.")
    at = request.services.clock.now()
    return RunningResource(transaction=transaction.key, at=at, content=content_resource(content))


@get("/{transaction_key:int}/bill-versions", summary="All versions of a transaction's bill, newest first")
async def list_bill_versions(
    request: ApiRequest, page: Paging, transaction_key: TransactionKey
) -> PageOf[BillResource]:
    transaction = await known_transaction(request, transaction_key)
    query = BillFilter(tenant=request.tenant, states=ALL, transaction_key=transaction.key)
    return await _page(request, query, page)


@get("/{transaction_key:int}/corrections", summary="What was corrected of a transaction's bill, in order")
async def list_bill_corrections(request: ApiRequest, transaction_key: TransactionKey) -> PageOf[CorrectionResource]:
    transaction = await known_transaction(request, transaction_key)
    facts = await request.queries.billing_facts(transaction.key)
    corrections = () if facts is None else facts.corrections
    return PageOf(tuple(map(correction_resource, corrections)), None)


@post("/{transaction_key:int}/corrections", summary="Correct a transaction's bill")
async def correct_bill(
    request: ApiRequest, transaction_key: TransactionKey, data: JSONBody[CorrectionDraft]
) -> Response[BillResource]:
    """Corrections are only ever added, and each makes a new version: what was billed before stays."""
    transaction = await known_transaction(request, transaction_key)
    change = _change(request, data)
    if isinstance(change, TimesChange):
        await _check_ends(request, transaction, change)
    try:
        bill = await request.services.bills.correct(transaction, change, data.reason, request.caller.name)
    except StillOpen:
        raise conflict("still-open", "The transaction is open: it has no bill yet.") from None
    return JsonResponse(await _resource(request, bill), headers=_location(bill))


def _change(request: ApiRequest, data: CorrectionDraft) -> Change:
    check_numbers(data)
    if isinstance(data, AdjustmentCorrection):
        _check_taxes(data)
    if isinstance(data, TariffCorrection):
        return _tariff_change(request, data)
    given: dict[str, Any] = msgspec.to_builtins(data)
    del given["reason"]
    change: Change = msgspec.convert(given, Change)
    return change


def _check_taxes(data: AdjustmentCorrection) -> None:
    for place, rate in enumerate(data.taxes):
        if not 0 <= rate.percent <= MAX_PERCENT:
            raise invalid(f"body.taxes[{place}].percent", f"must be 0 to {MAX_PERCENT}")


def _tariff_change(request: ApiRequest, data: TariffCorrection) -> TariffChange:
    versions = request.services.tariffs.versions(request.tenant, data.tariff)
    if not versions:
        raise invalid("body.tariff", "there is no such tariff")
    for tariff in versions:
        if data.version in (None, tariff.version):
            return TariffChange(tariff=tariff)
    raise invalid("body.version", "the tariff has no such version")


async def _check_ends(request: ApiRequest, transaction: Transaction, change: TimesChange) -> None:
    facts = await request.queries.billing_facts(transaction.key)
    if facts is not None and ends_crossed(change, facts.evidence, facts.corrections):
        wrong = ("ended_at", "is not after the start") if change.ended_at else ("started_at", "is not before the end")
        raise invalid(f"body.{wrong[0]}", wrong[1])


async def _known(request: ApiRequest, bill_key: int) -> Bill:
    bill = await request.queries.bill(request.tenant, bill_key)
    if bill is None:
        raise not_found("bill")
    return bill


async def _so_far(request: ApiRequest, transaction: Transaction, *, parts: bool) -> Content | None:
    if parts:
        return await request.services.bills.running(transaction)
    return (await request.services.prices.contents_so_far([transaction])).get(transaction.key)


async def _page(request: ApiRequest, query: BillFilter, page: PageRequest) -> PageOf[BillResource]:
    found = await request.queries.bills(query, page)
    identities = await request.queries.station_identities(request.tenant, {bill.station_key for bill in found.items})
    return page_of(found, lambda bill: bill_resource(bill, identities.get(bill.station_key)))


async def _resource(request: ApiRequest, bill: Bill) -> BillResource:
    identities = await request.queries.station_identities(request.tenant, [bill.station_key])
    return bill_resource(bill, identities.get(bill.station_key))


async def _inputs(request: ApiRequest, bill: Bill) -> Inputs:
    inputs = await request.queries.bill_inputs(bill.inputs_digest)
    if inputs is None:
        raise not_found("bill with its inputs")
    return inputs


def _location(bill: Bill) -> dict[str, str]:
    return {"Location": f"/api/v1/bills/{bill.key}"}


bills_router = Router(
    "/bills",
    route_handlers=[list_bills, get_bill, explain_bill, recompute_bill, release_bill],
    tags=["Bills"],
)
transaction_bills_router = Router(
    "/transactions",
    route_handlers=[get_transaction_bill, get_running_cost, list_bill_versions, list_bill_corrections, correct_bill],
    tags=["Bills"],
)
