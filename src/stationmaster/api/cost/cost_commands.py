"""What commands about cost and tariffs need looked up before they can be sent."""

from stationmaster.api.commands.command_drafts import CostUpdatedCommand
from stationmaster.api.commands.tariff_command_drafts import ChangeTransactionTariffCommand, SetDefaultTariffCommand
from stationmaster.api.http.problems import conflict, invalid
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_commands import ChangeTransactionTariff, default_tariff
from stationmaster.domain.messages import Request
from stationmaster.domain.transactions.transaction import Transaction

CostDraft = CostUpdatedCommand | SetDefaultTariffCommand | ChangeTransactionTariffCommand


async def cost_request(request: ApiRequest, station_key: int, draft: CostDraft) -> Request:
    """Raises a ProblemError of 409 or 422."""
    if isinstance(draft, SetDefaultTariffCommand):
        return default_tariff(draft.evse_id, _tariff(request, draft.tariff), request.services.clock.now())
    transaction = await _under_way(request, station_key, draft.transaction)
    if isinstance(draft, ChangeTransactionTariffCommand):
        tariff = _tariff(request, draft.tariff)
        return ChangeTransactionTariff(transaction_id=transaction.wire_id, tariff=tariff)
    told = await request.services.prices.cost_so_far(transaction)
    if told is None:
        raise conflict("no-tariff", "No tariff applies to the transaction.")
    return told


def _tariff(request: ApiRequest, name: str) -> Tariff:
    found = request.services.tariffs.newest(request.tenant, name)
    if found is None:
        raise invalid("body.tariff", "there is no such tariff")
    return found


async def _under_way(request: ApiRequest, station_key: int, transaction_key: int) -> Transaction:
    transaction = await request.queries.transaction(request.tenant, transaction_key)
    if transaction is None or transaction.station_key != station_key or not transaction.is_open:
        raise invalid("body.transaction", "the station has no such transaction under way")
    return transaction
