"""Stopping whatever a token charges: a card that was stolen, a customer who left."""

import msgspec
from litestar import Router, post

from stationmaster.api.http.parameters import TokenKey
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.messages import RequestStopTransaction
from stationmaster.domain.queries import MAX_PAGE, PageRequest, TransactionFilter


class StopAsked(msgspec.Struct, frozen=True, kw_only=True):
    """``transaction`` and ``station``: our keys."""

    transaction: int
    station: int
    command: int


class StopsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Each command has a state of its own, as any other."""

    items: tuple[StopAsked, ...]


@post("/{token_key:int}/stop", summary="Stop what a token charges", status_code=202)
async def stop_token(request: ApiRequest, token_key: TokenKey) -> StopsAsked:
    """The token stays as it is: block it first, or it may start again. At most a thousand transactions at a time."""
    token = await request.queries.token(request.tenant, token_key)
    if token is None:
        raise not_found("token")
    query = TransactionFilter(tenant=request.tenant, token=token.id_token.value, open=True)
    page = await request.queries.transactions(query, PageRequest(limit=MAX_PAGE))
    asked = []
    for transaction in page.items:
        kind = None if transaction.id_token is None else transaction.id_token.type
        if None not in (kind, token.id_token.type) and kind != token.id_token.type:
            continue
        command = await request.services.commands.submit(
            request.tenant,
            transaction.station_key,
            RequestStopTransaction(transaction_id=transaction.wire_id),
            requested_by=request.caller.name,
        )
        asked.append(StopAsked(transaction=transaction.key, station=transaction.station_key, command=command.key))
    return StopsAsked(items=tuple(asked))


token_stops_router = Router("/tokens", route_handlers=[stop_token], tags=["Tokens"])
