"""Claims: what only the writer can know to hold, as it alone sees all decisions of all stations in their order.

Each is looked at inside the write that stores the decision. How is a row of ``storage.claims``.
"""

from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import msgspec

from stationmaster.domain.payment.payments import SettlementStatus


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
    """Holds only if nobody is paying for the EVSE on a web page, or has paid and may still begin there: until
    ``timeout_s`` after the payment's own time, unless its transaction is there or its command came to nothing."""

    station_key: int
    evse_id: int
    at: datetime
    timeout_s: int


class PaymentClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if the payment on a web page is still open."""

    key: int
    at: datetime


class PaymentReferenceClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if no other payment of the tenant, at any of its stations, was paid with this reference."""

    tenant: str
    psp_ref: str
    key: int


class SettlementClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if nothing is recorded yet of a payment in this status at this time."""

    station_key: int
    psp_ref: str
    status: SettlementStatus
    at: datetime


class PersonClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if a person still is what was read of them."""

    key: int
    role: str
    password_hash: str
    enabled: bool


class PersonNameClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if nobody of the tenant has the name (see ``people.person.name_key``)."""

    tenant: str
    name_key: str


class OtherAdministratorClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if the tenant has another administrator who may sign in."""

    tenant: str
    person_key: int


Claim: TypeAlias = (
    TokenClaim
    | GroupClaim
    | QuotaClaim
    | CreditClaim
    | PaymentPlaceClaim
    | PaymentClaim
    | PaymentReferenceClaim
    | SettlementClaim
    | PersonClaim
    | PersonNameClaim
    | OtherAdministratorClaim
)
"""Every kind there is."""
