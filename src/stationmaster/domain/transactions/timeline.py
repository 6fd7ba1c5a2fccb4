"""A transaction's events as an operator looks at them: what is missing between them, and what contradicts them."""

from datetime import datetime

import msgspec

from stationmaster.domain.records import TransactionEventRecord


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """A message with an event's number, but with other content. ``body``: the domain TransactionEvent as JSON."""

    received_at: datetime
    body: bytes


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """``missing_before``: how many sequence numbers were never told just before its own; 1.6 has none."""

    record: TransactionEventRecord
    missing_before: int = 0
    contradicted_by: tuple[Contradiction, ...] = ()
