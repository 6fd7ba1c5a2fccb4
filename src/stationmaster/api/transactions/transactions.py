"""Transactions and the evidence for them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Router, get, post, put
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.commands.limit_draft import LimitDraft
from stationmaster.api.cost.tariff_shapes import money
from stationmaster.api.http.parameters import Paging, TransactionKey
from stationmaster.api.http.problems import conflict, invalid, not_found
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.cost.billing_records import Charged
from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.domain.messages import AuthorizationStatus, ChargingState
from stationmaster.domain.records import TransactionEventRecord
from stationmaster.domain.transactions.limits import LimitReason, TransactionLimit
from stationmaster.domain.transactions.transaction import ClosedBy, EnergySource, Transaction
from stationmaster.domain.transactions.transaction_status import TransactionStatus


class TransactionResource(msgspec.Struct, frozen=True, kw_only=True):
    """``station`` is the station's key; ``station_identity`` is null only where it is no longer known.

    ``energy_wh`` is from the best evidence there is, named by ``energy_source``: registers (start and end of the
    transaction), last_sample (one of them and a sample), samples. ``anomalies``: a bill with one wants a look.
    ``meter_*`` and ``energy_wh`` are numbers with all the digits that the station sent. ``power_w``: of an open one, as
    the station told it last. ``cost`` is what ``bill`` comes to, null while there is none (see /running).
    ``messages_in_queue`` and ``ongoing_at_station`` are what the station said when it was asked last by
    GetTransactionStatus, at ``status_told_at``; while messages wait there, what is known here is not all of it.
    ``closed_*``: its end never came, so it is held to be over as of ``closed_at``; any later word of it opens it again.
    ``limit_*``: how far it is to go. ``limit_state`` goes wished, sent, confirmed (``limit_enforced_by`` station) or
    not_supported (csms: this system stops it), and ends as reached, by what ``limit_reached`` names."""

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
    end_received_at: datetime | None
    stopped_reason: str | None
    remote_start_id: int | None
    reservation_id: int | None
    offline: bool
    meter_start_wh: Decimal | None
    meter_stop_wh: Decimal | None
    energy_wh: Decimal | None
    energy_source: EnergySource | None
    power_w: Decimal | None
    bill: int | None
    cost: str | None
    currency: str | None
    anomalies: tuple[str, ...]
    party_id: str | None
    evse_eid: str | None
    contract_issuer: str | None
    messages_in_queue: bool | None
    ongoing_at_station: bool | None
    status_told_at: datetime | None
    closed_at: datetime | None
    closed_reason: ClosedBy | None
    closed_detail: str | None
    close_decided_at: datetime | None
    limit_max_energy_wh: Decimal | None
    limit_max_time_s: int | None
    limit_max_cost: Decimal | None
    limit_max_soc_pct: int | None
    limit_state: str | None
    limit_enforced_by: str | None
    limit_reached: LimitReason | None


class CloseDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``detail``: why, for whoever looks at the bill."""

    detail: Annotated[str, Meta(min_length=1, max_length=500)]


class LimitResource(msgspec.Struct, frozen=True, kw_only=True):
    """As in the transaction itself."""

    limit_state: str | None
    limit_enforced_by: str | None


class TransactionEventResource(msgspec.Struct, frozen=True, kw_only=True):
    """``event`` is what was sent, in 2.x's words; its meter values are at /meter-values. ``seq_no`` null: 1.6."""

    event_type: str
    trigger_reason: str
    seq_no: int | None
    timestamp: datetime
    received_at: datetime
    offline: bool
    event: dict[str, Any]


@get("/{transaction_key:int}", summary="One transaction, with its energy and what is odd about it")
async def get_transaction(request: ApiRequest, transaction_key: TransactionKey) -> TransactionResource:
    (found,) = await transaction_resources(request, [await known_transaction(request, transaction_key)])
    return found


@get("/{transaction_key:int}/events", summary="Events of a transaction, in the order of arrival")
async def list_transaction_events(
    request: ApiRequest,
    page: Paging,
    transaction_key: TransactionKey,
) -> PageOf[TransactionEventResource]:
    await known_transaction(request, transaction_key)
    found = await request.queries.transaction_events(request.tenant, transaction_key, page)
    return page_of(found, _event_resource)


@post("/{transaction_key:int}/close", summary="Close a transaction whose end never comes", status_code=200)
async def close_transaction(
    request: ApiRequest, transaction_key: TransactionKey, data: JSONBody[CloseDraft]
) -> TransactionResource:
    """Nothing is said to the station. Any later word of the transaction opens it again."""
    await request.services.transactions.close(await _going_on(request, transaction_key), data.detail)
    (found,) = await transaction_resources(request, [await known_transaction(request, transaction_key)])
    return found


@put("/{transaction_key:int}/limit", summary="Say how far a transaction may go", status_code=202)
async def limit_transaction(
    request: ApiRequest, transaction_key: TransactionKey, data: JSONBody[LimitDraft]
) -> LimitResource:
    """A limit can be changed, not taken away. A station of 2.1 is told with the answer to its next event; of any other
    the transaction is stopped by this system."""
    limit = data.limit()
    if limit.is_empty:
        raise invalid("body", "name at least one limit")
    await request.services.transactions.limit(await _going_on(request, transaction_key), limit)
    limits = (await _going_on(request, transaction_key)).limits
    return LimitResource(
        limit_state=limits.state if limits else None, limit_enforced_by=limits.enforced_by if limits else None
    )


async def _going_on(request: ApiRequest, transaction_key: int) -> Transaction:
    transaction = await known_transaction(request, transaction_key)
    if not transaction.is_open:
        raise conflict("transaction-ended", "The transaction is over.")
    return transaction


async def known_transaction(request: ApiRequest, transaction_key: int) -> Transaction:
    """The caller's transaction; a ProblemError of 404 where it is none, or another tenant's."""
    transaction = await request.queries.transaction(request.tenant, transaction_key)
    if transaction is None:
        raise not_found("transaction")
    return transaction


async def transaction_resources(request: ApiRequest, transactions: Sequence[Transaction]) -> list[TransactionResource]:
    """With what their stations are called, and said of them: asked once for a page."""
    queries, tenant = request.queries, request.tenant
    identities = await queries.station_identities(tenant, {tx.station_key for tx in transactions})
    keys = [tx.key for tx in transactions]
    told = await queries.transaction_statuses(tenant, keys)
    charged = await queries.charged(tenant, keys)
    powers = await queries.newest_powers([tx.key for tx in transactions if tx.is_open])
    beside = [
        Beside(identities.get(tx.station_key), told.get(tx.key), charged.get(tx.key), powers.get(tx.key))
        for tx in transactions
    ]
    return list(map(_resource, transactions, beside))


class Beside(NamedTuple):
    """What is known of a transaction elsewhere."""

    identity: str | None
    told: TransactionStatus | None
    charged: Charged | None
    power_w: Decimal | None


def _resource(transaction: Transaction, beside: Beside) -> TransactionResource:
    told, charged = beside.told, beside.charged
    evidence = energy(transaction)
    place, token, stop_token = transaction.evse, transaction.id_token, transaction.stop_token
    closed, limits = transaction.closed, transaction.limits
    limit = transaction.limit or TransactionLimit() if limits is None else limits.wished
    return shaped(
        TransactionResource,
        transaction,
        station=transaction.station_key,
        station_identity=beside.identity,
        transaction_id=transaction.wire_id,
        evse_id=place.id if place else None,
        connector_id=place.connector_id if place else None,
        token=token.value if token else None,
        token_type=token.type if token else None,
        stop_token=stop_token.value if stop_token else None,
        open=transaction.is_open,
        energy_wh=evidence[0] if evidence else None,
        energy_source=evidence[1] if evidence else None,
        power_w=beside.power_w,
        bill=charged.bill_key if charged else None,
        cost=money(charged.total) if charged else None,
        currency=charged.currency if charged else None,
        anomalies=anomalies(transaction),
        messages_in_queue=told.messages_in_queue if told else None,
        ongoing_at_station=told.ongoing if told else None,
        status_told_at=told.told_at if told else None,
        closed_at=closed.at if closed else None,
        closed_reason=closed.reason if closed else None,
        closed_detail=closed.detail if closed else None,
        close_decided_at=closed.decided_at if closed else None,
        limit_max_energy_wh=limit.max_energy_wh,
        limit_max_time_s=limit.max_time_s,
        limit_max_cost=limit.max_cost,
        limit_max_soc_pct=limit.max_soc_pct,
        limit_state=limits.state if limits else None,
        limit_enforced_by=limits.enforced_by if limits else None,
        limit_reached=limits.by if limits else None,
    )


def _event_resource(record: TransactionEventRecord) -> TransactionEventResource:
    return shaped(TransactionEventResource, record, event=msgspec.json.decode(record.body, type=dict[str, Any]))


transactions_router = Router(
    "/transactions",
    route_handlers=[get_transaction, list_transaction_events, close_transaction, limit_transaction],
    tags=["Transactions"],
)
