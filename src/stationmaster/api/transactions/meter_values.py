"""The meter values of a transaction, as JSON by the page or as CSV in one go."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.csv_stream import Format, csv_response, wants_csv
from stationmaster.api.http.parameters import Paging, TransactionKey
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.transactions.transactions import known_transaction
from stationmaster.domain.records import Reading


class SampleResource(msgspec.Struct, frozen=True, kw_only=True):
    """One value as the station sent it. ``value`` is its text, or signed data where ``format`` says so;
    ``multiplier`` is the power of ten of 2.x."""

    value: str
    measurand: str
    context: str
    phase: str | None
    location: str
    unit: str | None
    multiplier: int
    format: str | None
    signed: dict[str, Any] | None


class MeterValueResource(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured at one moment of the station's time; the total register and power where they are known."""

    timestamp: datetime
    received_at: datetime
    evse_id: int
    connector_id: int
    register_wh: Decimal | None
    power_w: Decimal | None
    samples: tuple[SampleResource, ...]


_PLACE = ("timestamp", "evse_id", "connector_id")
_SAMPLE = ("measurand", "value", "unit", "multiplier", "phase", "location", "context", "format")


@get("/{transaction_key:int}/meter-values", summary="Meter values of a transaction, as JSON or CSV")
async def list_meter_values(
    request: ApiRequest,
    page: Paging,
    transaction_key: TransactionKey,
    wanted_format: Annotated[
        Format | None, QueryParameter(name="format", description="csv: all of them, a row for each sample.")
    ] = None,
) -> Response[PageOf[MeterValueResource]]:
    await known_transaction(request, transaction_key)
    if wants_csv(request, wanted_format):
        readings = request.queries.all_readings(request.tenant, transaction_key)
        return csv_response(f"meter-values-{transaction_key}", (*_PLACE, *_SAMPLE), _rows(readings))
    found = await request.queries.readings(request.tenant, transaction_key, page)
    return JsonResponse(page_of(found, _resource))


def _resource(reading: Reading) -> MeterValueResource:
    samples = tuple(shaped(SampleResource, sample) for sample in reading.samples)
    return shaped(MeterValueResource, reading, timestamp=reading.taken_at, samples=samples)


async def _rows(readings: AsyncIterator[Reading]) -> AsyncIterator[Iterable[Any]]:
    async for reading in readings:
        for sample in reading.samples:
            yield (
                reading.taken_at,
                reading.evse_id,
                reading.connector_id,
                *(getattr(sample, name) for name in _SAMPLE),
            )


meter_values_router = Router("/transactions", route_handlers=[list_meter_values], tags=["Transactions"])
