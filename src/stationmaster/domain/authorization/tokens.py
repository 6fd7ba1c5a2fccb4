"""Who may charge: tokens, as an operator knows them."""

from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.authorization.token_rules import TokenRules
from stationmaster.domain.identity import IdToken

TokenStatus = Literal["Accepted", "Blocked", "Invalid", "NoCredit"]


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token that the CSMS knows.

    ``max_concurrent``: transactions that may run on it at one time (None: no limit). ``party_id`` and
    ``contract_issuer`` are roaming's: who issued it, under which contract. ``account``: the key of the prepaid account
    that it charges on. ``on_lists``: whether stations may have it on their local lists.
    """

    key: int
    tenant: str
    id_token: IdToken
    status: TokenStatus = "Accepted"
    group: str | None = None
    expires_at: datetime | None = None
    max_concurrent: int | None = 1
    language: str | None = None
    language2: str | None = None
    charging_priority: int | None = None
    party_id: str | None = None
    contract_issuer: str | None = None
    contract_id: str | None = None
    note: str | None = None
    rules: TokenRules | None = None
    account: int | None = None
    on_lists: bool = True
