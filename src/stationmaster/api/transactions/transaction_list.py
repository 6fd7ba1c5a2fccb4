"""Transactions, looked through: a page at a time, or all of them as CSV."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.params import FromQuery, QueryParameter

from stationmaster.api.http.csv_stream import CsvOrJson, csv_list, wants_csv
from stationmaster.api.http.parameters import Counting, OfStation, Paging, Within
from stationmaster.api.http.resources import CountedPageOf, JsonResponse, PageOf
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.transactions.transactions import TransactionResource, transaction_resources
from stationmaster.domain.messages import ChargingState
from stationmaster.domain.queries import PageRequest, TransactionFilter

Site = Annotated[str | None, QueryParameter(max_length=100, description="Name of a site: of its stations.")]
StationText = Annotated[
    str | None, QueryParameter(max_length=200, description="Some part of the station's identity or name.")
]
WireId = Annotated[
    str | None, QueryParameter(max_length=255, description="The id on the wire: a 1.6 station's is a number.")
]


@get("/", summary="Transactions, newest first, as JSON or CSV")
async def list_transactions(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    request: ApiRequest,
    page: Paging,
    within: Within,
    station_key: OfStation = None,
    site: Site = None,
    text: StationText = None,
    transaction_id: WireId = None,
    token: Annotated[str | None, QueryParameter(max_length=255, description="Value of the token.")] = None,
    is_open: Annotated[bool | None, QueryParameter(name="open")] = None,
    closed: Annotated[bool | None, QueryParameter(description="By policy or an operator: the end never came.")] = None,
    charging_state: FromQuery[ChargingState | None] = None,
    energy: Annotated[bool | None, QueryParameter(description="Whether any energy was delivered.")] = None,
    count: Counting = False,
    wanted_format: CsvOrJson = None,
) -> Response[CountedPageOf[TransactionResource]]:
    query = TransactionFilter(
        tenant=request.tenant,
        station_key=station_key,
        site=site,
        text=text,
        wire_id=transaction_id,
        token=token,
        open=is_open,
        closed=closed,
        charging_state=charging_state,
        delivered=energy,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    if wants_csv(request, wanted_format):
        return csv_list("transactions", TransactionResource, lambda each: _page(request, query, each))
    found = await _page(request, query, page)
    total = await request.queries.transaction_count(query) if count else None
    return JsonResponse(CountedPageOf(found.items, found.next_cursor, total))


async def _page(request: ApiRequest, query: TransactionFilter, page: PageRequest) -> PageOf[TransactionResource]:
    found = await request.queries.transactions(query, page)
    return PageOf(tuple(await transaction_resources(request, found.items)), found.next_cursor)


transaction_list_router = Router("/transactions", route_handlers=[list_transactions], tags=["Transactions"])
