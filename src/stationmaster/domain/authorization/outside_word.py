"""What another system says of a token, where it is asked (the authorization hook)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from stationmaster.domain.messages import AuthorizationStatus
from stationmaster.domain.transactions.limits import TransactionLimit

MAX_AMOUNT = Decimal(1_000_000_000)
_Moment = Annotated[datetime, Meta(tz=True)]


class OutsideLimit(msgspec.Struct, frozen=True, kw_only=True):
    """See TransactionLimit."""

    max_cost: Decimal | None = None
    max_energy_wh: Decimal | None = None
    max_time_s: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    max_soc_pct: Annotated[int, Meta(ge=0, le=100)] | None = None

    def __post_init__(self) -> None:
        for amount in (self.max_cost, self.max_energy_wh):
            if amount is not None and not (amount.is_finite() and 0 <= amount <= MAX_AMOUNT):
                raise ValueError("an amount is not from 0 to a thousand million")


class OutsideWord(msgspec.Struct, frozen=True, kw_only=True):
    """``expires_at``: when the token itself ends; ``cache_expiry``: how long a station may keep the word."""

    status: AuthorizationStatus
    group: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    expires_at: _Moment | None = None
    cache_expiry: _Moment | None = None
    language: Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-]{2,8}\Z")] | None = None
    charging_priority: Annotated[int, Meta(ge=-9, le=9)] | None = None
    evse_ids: Annotated[tuple[Annotated[int, Meta(ge=1, le=2**31 - 1)], ...], Meta(max_length=1000)] = ()
    limit: OutsideLimit | None = None
    reason: Annotated[str, Meta(max_length=500)] | None = None

    def transaction_limit(self) -> TransactionLimit | None:
        if self.limit is None:
            return None
        limit = TransactionLimit(**msgspec.structs.asdict(self.limit))
        return None if limit.is_empty else limit


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A word that counts: the system's own, or with ``by_policy`` ours as it is silent."""

    word: OutsideWord
    by_policy: bool = False


class OracleSilent(Exception):
    """The outside system did not answer, or not with a word of its own; the text is for an operator."""
