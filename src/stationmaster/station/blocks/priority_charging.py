"""K21 Priority charging, of a station that has no profile for it."""

from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.priority_charging import UsePriorityCharging
from stationmaster.station.blocks.transactions import Transactions


class PriorityCharges:
    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def use(self, request: UsePriorityCharging) -> CommandAnswer:
        if self._transactions.evse_of(request.transaction_id) is None:  # K21.FR.02
            return CommandAnswer(status="Rejected", reason="TxNotFound")
        if not request.activate:  # K21.FR.06
            return CommandAnswer(status="Accepted")
        return CommandAnswer(status="NoProfile", reason="NotFound")  # K21.FR.01
