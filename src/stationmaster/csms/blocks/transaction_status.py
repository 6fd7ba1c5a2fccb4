"""E14 as the CSMS sees it: what a station says of a transaction is kept beside the transaction.

Whether the transaction is over is told by its events alone: a station that calls it over while it has messages in its
queue is about to send them.
"""

from collections.abc import Mapping
from datetime import datetime

from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import Request
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction_status import (
    GetTransactionStatus,
    TransactionStatus,
    TransactionStatusAnswer,
)


def _answered(
    state: StationState,
    at: datetime,
    *,
    request: GetTransactionStatus,
    answer: TransactionStatusAnswer,
    command: Command,
) -> Decision | None:
    """An answer about all transactions belongs to none of them; the command has it."""
    if request.transaction_id is None:
        return None
    told = TransactionStatus(
        station_key=state.key,
        wire_id=request.transaction_id,
        ongoing=answer.ongoing,
        messages_in_queue=answer.messages_in_queue,
        told_at=at,
    )
    return Decision(records=(told,))


HOOKS: Mapping[type[Request], CommandHook] = {GetTransactionStatus: CommandHook(after=_answered)}
