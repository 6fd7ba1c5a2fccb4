"""What goes on in open transactions right now: the power, and the cost so far. For who looks at a list of them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from stationmaster.api.cost.tariff_shapes import money
from stationmaster.api.http.resources import JsonResponse, PageOf
from stationmaster.api.http.services import ApiRequest

MOST = 100
Keys = Annotated[
    str,
    QueryParameter(
        pattern=r"^[0-9]{1,18}(,[0-9]{1,18}){0,99}\Z",
        description="Keys of transactions, at most 100, with commas between them.",
    ),
]


class RunningTransactionResource(msgspec.Struct, frozen=True, kw_only=True):
    """``power_w``: as the station told it last. ``total``: what it costs by ``at``, an estimate; null: no price
    applies."""

    key: int
    at: datetime
    power_w: Decimal | None
    currency: str | None
    total: str | None


@get("/running", summary="Power and cost so far of open transactions")
async def list_running_transactions(request: ApiRequest, keys: Keys) -> Response[PageOf[RunningTransactionResource]]:
    """Those of ``keys`` that are open; the others, and those of nobody, are left out."""
    running = await request.queries.still_open(request.tenant, {int(key) for key in keys.split(",")})
    powers = await request.queries.newest_powers([transaction.key for transaction in running])
    costs = await request.services.prices.contents_so_far(running)
    at = request.services.clock.now()
    resources = []
    for transaction in running:
        content = costs.get(transaction.key)
        resources.append(
            RunningTransactionResource(
                key=transaction.key,
                at=at,
                power_w=powers.get(transaction.key),
                currency=None if content is None else content.currency,
                total=None if content is None else money(content.total),
            )
        )
    return JsonResponse(PageOf(tuple(resources), None))


running_transactions_router = Router("/transactions", route_handlers=[list_running_transactions], tags=["Transactions"])
