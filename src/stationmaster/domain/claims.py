"""Claims: what only the writer can know to hold, as it alone sees all decisions of all stations in their order.

Each is looked at inside the write that stores the decision. How is a row of ``storage.claims``.
"""

from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import msgspec


class TokenClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if fewer than ``limit`` *other* open transactions of the tenant run on the token. ``type`` None: a
    token of any type with this key is it."""

    tenant: str
    token_key: str
    limit: int
    transaction_key: int
    type: str | None = None


class GroupClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if fewer than ``limit`` other open transactions of the tenant run on tokens of the group."""

    tenant: str
    group_key: str
    limit: int
    transaction_key: int


class QuotaClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if fewer than ``limit`` other transactions have begun on the token since a moment."""

    tenant: str
    token_key: str
    since: datetime
    limit: int
    transaction_key: int
    type: str | None = None


class CreditClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if the account has ``amount`` that is not held for other transactions."""

    account_key: int
    amount: Decimal
    transaction_key: int


class PaymentPlaceClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if nobody is paying for the EVSE on a web page."""

    station_key: int
    evse_id: int
    at: datetime


class PaymentClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if the payment on a web page is still open."""

    key: int
    at: datetime


Claim: TypeAlias = TokenClaim | GroupClaim | QuotaClaim | CreditClaim | PaymentPlaceClaim | PaymentClaim
"""Every kind there is."""
