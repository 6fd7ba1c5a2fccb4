"""What vendors' messages went either way; one is sent as a command of type DataTransfer."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import Paging, StationKey
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.data_transfer import DataTransferFilter, StoredTransfer


class DataTransferResource(msgspec.Struct, frozen=True, kw_only=True):
    """``direction``: "in" from the station, "out" to it. ``status`` and ``answer`` are the other side's answer.
    Passwords, keys and the like in ``data`` and ``answer`` are masked."""

    key: int
    at: datetime
    direction: Literal["in", "out"]
    vendor_id: str
    message_id: str | None
    status: str
    data: Any
    answer: Any


@get("/{station_key:int}/data-transfers", summary="Vendors' messages of a station and their answers, newest first")
async def list_data_transfers(
    request: ApiRequest,
    page: Paging,
    station_key: StationKey,
    vendor_id: Annotated[str | None, QueryParameter(max_length=255)] = None,
    message_id: Annotated[str | None, QueryParameter(max_length=50)] = None,
    direction: Annotated[Literal["in", "out"] | None, QueryParameter()] = None,
) -> PageOf[DataTransferResource]:
    await known_station(request, station_key)
    query = DataTransferFilter(
        tenant=request.tenant,
        station_key=station_key,
        vendor_id=vendor_id,
        message_id=message_id,
        direction=direction,
    )
    return page_of(await request.queries.data_transfers(query, page), _resource)


def _resource(stored: StoredTransfer) -> DataTransferResource:
    record = stored.record
    return shaped(
        DataTransferResource, record, key=stored.key, data=_content(record.data), answer=_content(record.answer)
    )


def _content(text: str | None) -> Any:
    """The JSON that was stored; a text that was left out for its secrets is no JSON."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


data_transfers_router = Router("/stations", route_handlers=[list_data_transfers], tags=["Data transfer"])
