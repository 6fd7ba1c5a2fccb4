"""What a station of 2.1 reckoned by itself that a transaction cost, beside the bill."""

from datetime import datetime
from decimal import Decimal

import msgspec
from litestar import Router, get

from stationmaster.api.cost.tariff_shapes import money
from stationmaster.api.http.parameters import TransactionKey
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.transactions.transactions import known_transaction
from stationmaster.csms.blocks.station_cost import KIND, difference
from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.billing_records import BillFilter
from stationmaster.domain.cost.cost_details import CostDetails, CostPeriod
from stationmaster.domain.cost.evidence import StationCost
from stationmaster.domain.queries import PageRequest


class StationPrice(msgspec.Struct, frozen=True, kw_only=True):
    """An amount as the station said it."""

    net: str | None
    total: str | None


class StationCostResource(msgspec.Struct, frozen=True, kw_only=True):
    """``parts`` by what they are for; ``periods`` in which the same prices held. ``failed``: the station could not
    reckon it, for ``failure``. ``bill_total`` is that of the current bill, ``difference`` what the station says more;
    ``differs``: by more than what rounding explains."""

    transaction: int
    told_at: datetime
    currency: str
    net: str | None
    total: str | None
    type_of_cost: str
    parts: dict[str, StationPrice]
    energy_wh: Decimal
    charging_s: int
    idle_s: int
    periods: tuple[CostPeriod, ...]
    failed: bool
    failure: str | None
    bill: int
    bill_currency: str
    bill_net: str
    bill_total: str
    difference: str | None
    differs: bool


@get("/{transaction_key:int}/station-cost", summary="The cost by the station's own sum, beside the bill")
async def get_station_cost(request: ApiRequest, transaction_key: TransactionKey) -> StationCostResource:
    """Of a station of 2.1 that reckons with tariffs, once the transaction is over. The bill is ours: what the station
    says is evidence to compare it with."""
    transaction = await known_transaction(request, transaction_key)
    query = BillFilter(tenant=request.tenant, transaction_key=transaction.key)
    bills = (await request.queries.bills(query, PageRequest(limit=1))).items
    inputs = await request.queries.bill_inputs(bills[0].inputs_digest) if bills else None
    told = None if inputs is None else inputs.evidence.station_cost
    if told is None:
        raise not_found("cost that the station has told, with a bill beside it")
    return _resource(transaction.key, told, bills[0])


def _resource(transaction_key: int, told: StationCost, bill: Bill) -> StationCostResource:
    cost = msgspec.convert(told.details, CostDetails)
    more = difference(cost, bill)
    return StationCostResource(
        transaction=transaction_key,
        told_at=told.at,
        currency=cost.currency,
        net=_money(cost.total.excl),
        total=_money(cost.total.incl),
        type_of_cost=cost.type_of_cost,
        parts={name: StationPrice(net=_money(part.excl), total=_money(part.incl)) for name, part in cost.parts.items()},
        energy_wh=cost.energy_wh,
        charging_s=cost.charging_s,
        idle_s=cost.idle_s,
        periods=cost.periods,
        failed=cost.failed,
        failure=cost.failure,
        bill=bill.key,
        bill_currency=bill.content.currency,
        bill_net=money(bill.content.net),
        bill_total=money(bill.content.total),
        difference=_money(more),
        differs=KIND in bill.content.flags,
    )


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)


station_costs_router = Router("/transactions", route_handlers=[get_station_cost], tags=["Bills"])
