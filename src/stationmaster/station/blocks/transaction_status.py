"""E14 What the station says of its transactions: whether one runs, and whether messages still wait for the CSMS."""

from stationmaster.domain.transactions.transaction_status import GetTransactionStatus, TransactionStatusAnswer
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.queue import TransactionQueue


class TransactionStatuses:
    def __init__(self, transactions: Transactions, queue: TransactionQueue) -> None:
        self._transactions = transactions
        self._queue = queue

    async def tell(self, request: GetTransactionStatus) -> TransactionStatusAnswer:
        asked = request.transaction_id
        ongoing = None if asked is None else self._transactions.evse_of(asked) is not None  # E14.FR.01-.03, .06
        return TransactionStatusAnswer(ongoing=ongoing, messages_in_queue=self._queue.waiting_for(asked))
