"""What happened in a transaction, by the station's time, with gaps and contradictions marked."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import Paging, TransactionKey
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.transactions.transactions import known_transaction
from stationmaster.domain.transactions.timeline import Contradiction, TimelineEvent

Sort = Annotated[Literal["timestamp", "-timestamp"], QueryParameter(description="-timestamp: the newest first.")]


class ContradictionResource(msgspec.Struct, frozen=True, kw_only=True):
    """A message with the same number, but with other content: it changed nothing."""

    received_at: datetime
    event: dict[str, Any]


class TimelineEventResource(msgspec.Struct, frozen=True, kw_only=True):
    """``delay_s``: how much later it was received than it happened, by the station's clock; below 0: that clock is
    ahead. ``missing_before``: sequence numbers that were never told just before this one. ``event`` as in
    /events."""

    key: str
    event_type: str
    trigger_reason: str
    seq_no: int | None
    timestamp: datetime
    received_at: datetime
    delay_s: int
    offline: bool
    missing_before: int
    contradicted_by: tuple[ContradictionResource, ...]
    event: dict[str, Any]


@get("/{transaction_key:int}/timeline", summary="Events of a transaction in the order in which they happened")
async def get_transaction_timeline(
    request: ApiRequest, page: Paging, transaction_key: TransactionKey, sort: Sort = "timestamp"
) -> PageOf[TimelineEventResource]:
    """By the station's time, however late they came; /events has them in the order of arrival."""
    transaction = await known_transaction(request, transaction_key)
    found = await request.queries.transaction_timeline(transaction.key, page, newest_first=sort == "-timestamp")
    return page_of(found, _resource)


def _resource(event: TimelineEvent) -> TimelineEventResource:
    record = event.record
    return shaped(
        TimelineEventResource,
        record,
        key=record.dedupe_key,
        delay_s=round((record.received_at - record.timestamp).total_seconds()),
        missing_before=event.missing_before,
        contradicted_by=tuple(map(_contradiction, event.contradicted_by)),
        event=msgspec.json.decode(record.body),
    )


def _contradiction(told: Contradiction) -> ContradictionResource:
    return ContradictionResource(received_at=told.received_at, event=msgspec.json.decode(told.body))


transaction_timeline_router = Router("/transactions", route_handlers=[get_transaction_timeline], tags=["Transactions"])
