"""How a transaction charged over time, in as few points as a chart needs."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import TransactionKey
from stationmaster.api.http.resources import JsonResponse, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.transactions.transactions import known_transaction
from stationmaster.domain.metering.series import PowerSource, series

Points = Annotated[int, QueryParameter(ge=2, le=2000, description="The most points.")]


class PointResource(msgspec.Struct, frozen=True, kw_only=True):
    """The readings up to ``at`` from the point before: their mean power, the highest of them, the energy since the
    start, and the car's state of charge, each where it was told."""

    at: datetime
    power_w: Decimal | None
    most_w: Decimal | None
    energy_wh: Decimal | None
    soc_pct: Decimal | None


class SeriesResource(msgspec.Struct, frozen=True, kw_only=True):
    """``power_source``: told by the station, or by how fast its register rose. For drawing: no bill is made of it."""

    transaction: int
    power_source: PowerSource | None
    points: tuple[PointResource, ...]


@get("/{transaction_key:int}/series", summary="Power, energy and state of charge over time, for a chart")
async def get_transaction_series(
    request: ApiRequest, transaction_key: TransactionKey, points: Points = 300
) -> Response[SeriesResource]:
    """By the station's clock. However many readings there are, it is gathered into at most ``points``."""
    transaction = await known_transaction(request, transaction_key)
    found = series(await request.queries.reading_stretches(transaction.key, points), transaction.meter_start_wh)
    return JsonResponse(
        SeriesResource(
            transaction=transaction.key,
            power_source=found.power_source,
            points=tuple(shaped(PointResource, point) for point in found.points),
        )
    )


transaction_series_router = Router("/transactions", route_handlers=[get_transaction_series], tags=["Transactions"])
