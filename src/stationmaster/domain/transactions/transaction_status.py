"""E14 What a station says of its transactions when it is asked: does one go on, do messages about it still wait?"""

from datetime import datetime

import msgspec

from stationmaster.domain.messages import Answer, Request


class GetTransactionStatus(Request, frozen=True, kw_only=True, omit_defaults=True):
    """E14. ``transaction_id`` is the wire's; None: of all transactions."""

    transaction_id: str | None = None


class TransactionStatusAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """``ongoing`` is None where no transaction was asked for (E14.FR.06), or the station left it out."""

    messages_in_queue: bool
    ongoing: bool | None = None


class TransactionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What a station said of one transaction, newest only. ``wire_id`` as in `Transaction`."""

    station_key: int
    wire_id: str
    ongoing: bool | None
    messages_in_queue: bool
    told_at: datetime
