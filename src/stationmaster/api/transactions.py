"""Transactions and the evidence for them."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from stationmaster.api.csv_stream import Format, csv_response, wants_csv
from stationmaster.api.parameters import OfStation, Paging, TransactionKey, Within
from stationmaster.api.problems import not_found
from stationmaster.api.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.services import ApiRequest
from stationmaster.domain.messages import AuthorizationStatus, ChargingState
from stationmaster.domain.queries import MAX_PAGE, PageRequest, TransactionFilter
from stationmaster.domain.records import TransactionEventRecord
from stationmaster.domain.transaction import EnergySource, Transaction, anomalies, energy


class TransactionResource(msgspec.Struct, frozen=True, kw_only=True):
    """``station`` is the station's key; ``station_identity`` is null only where it is no longer known.

    ``energy_wh`` is from the best evidence there is, named by ``energy_source``: registers (start and end of the
    transaction), last_sample (one of them and a sample), samples. ``anomalies``: a bill with one wants a look.
    ``meter_*`` and ``energy_wh`` are numbers with all the digits that the station sent."""

    key: int
    station: int
    station_identity: str | None
    transaction_id: str
    evse_id: int | None
    connector_id: int | None
    token: str | None
    token_type: str | None
    stop_token: str | None
    authorization: AuthorizationStatus | None
    open: bool
    charging_state: ChargingState | None
    first_event_at: datetime
    received_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stopped_reason: str | None
    remote_start_id: int | None
    reservation_id: int | None
    offline: bool
    meter_start_wh: Decimal | None
    meter_stop_wh: Decimal | None
    energy_wh: Decimal | None
    energy_source: EnergySource | None
    anomalies: tuple[str, ...]
    party_id: str | None
    evse_eid: str | None
    contract_issuer: str | None


class TransactionEventResource(msgspec.Struct, frozen=True, kw_only=True):
    """``event`` is what was sent, in 2.x's words; its meter values are at /meter-values. ``seq_no`` null: 1.6."""

    event_type: str
    trigger_reason: str
    seq_no: int | None
    timestamp: datetime
    received_at: datetime
    offline: bool
    event: dict[str, Any]


@get("/", summary="Transactions, newest first, as JSON or CSV")
async def list_transactions(
    request: ApiRequest,
    page: Paging,
    within: Within,
    station_key: OfStation = None,
    token: Annotated[str | None, QueryParameter(max_length=255, description="Value of the token.")] = None,
    is_open: Annotated[bool | None, QueryParameter(name="open")] = None,
    wanted_format: Annotated[Format | None, QueryParameter(name="format", description="csv: all of them.")] = None,
) -> Response[PageOf[TransactionResource]]:
    query = TransactionFilter(
        tenant=request.tenant,
        station_key=station_key,
        token_key=None if token is None else token.casefold(),
        open=is_open,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    if wants_csv(request, wanted_format):
        return csv_response("transactions", TransactionResource.__struct_fields__, _rows(request, query))
    found = await request.queries.transactions(query, page)
    identities = await _identities(request, found.items)
    return JsonResponse(page_of(found, lambda transaction: _resource(transaction, identities)))


@get("/{transaction_key:int}", summary="One transaction, with its energy and what is odd about it")
async def get_transaction(request: ApiRequest, transaction_key: TransactionKey) -> TransactionResource:
    transaction = await known_transaction(request, transaction_key)
    return _resource(transaction, await _identities(request, [transaction]))


@get("/{transaction_key:int}/events", summary="Events of a transaction, in the order of arrival")
async def list_transaction_events(
    request: ApiRequest,
    page: Paging,
    transaction_key: TransactionKey,
) -> PageOf[TransactionEventResource]:
    await known_transaction(request, transaction_key)
    found = await request.queries.transaction_events(request.tenant, transaction_key, page)
    return page_of(found, _event_resource)


async def known_transaction(request: ApiRequest, transaction_key: int) -> Transaction:
    """The caller's transaction; a ProblemError of 404 where it is none, or another tenant's."""
    transaction = await request.queries.transaction(request.tenant, transaction_key)
    if transaction is None:
        raise not_found("transaction")
    return transaction


async def _identities(request: ApiRequest, transactions: Iterable[Transaction]) -> Mapping[int, str]:
    """What the transactions' stations are called, by key: asked once for a page."""
    return await request.queries.station_identities(request.tenant, {tx.station_key for tx in transactions})


def _resource(transaction: Transaction, identities: Mapping[int, str]) -> TransactionResource:
    evidence = energy(transaction)
    place, token, stop_token = transaction.evse, transaction.id_token, transaction.stop_token
    return shaped(
        TransactionResource,
        transaction,
        station=transaction.station_key,
        station_identity=identities.get(transaction.station_key),
        transaction_id=transaction.wire_id,
        evse_id=place.id if place else None,
        connector_id=place.connector_id if place else None,
        token=token.value if token else None,
        token_type=token.type if token else None,
        stop_token=stop_token.value if stop_token else None,
        open=transaction.is_open,
        energy_wh=evidence[0] if evidence else None,
        energy_source=evidence[1] if evidence else None,
        anomalies=anomalies(transaction),
    )


def _event_resource(record: TransactionEventRecord) -> TransactionEventResource:
    return shaped(TransactionEventResource, record, event=msgspec.json.decode(record.body, type=dict[str, Any]))


async def _rows(request: ApiRequest, query: TransactionFilter) -> AsyncIterator[Iterable[Any]]:
    cursor: str | None = None
    while True:
        found = await request.queries.transactions(query, PageRequest(limit=MAX_PAGE, cursor=cursor))
        identities = await _identities(request, found.items)
        for transaction in found.items:
            row = msgspec.structs.asdict(_resource(transaction, identities))
            yield (row | {"anomalies": " ".join(row["anomalies"])}).values()
        if (cursor := found.next_cursor) is None:
            return


transactions_router = Router(
    "/transactions",
    route_handlers=[list_transactions, get_transaction, list_transaction_events],
    tags=["Transactions"],
)
