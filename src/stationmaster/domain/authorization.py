"""Whether a token may charge (C01, C09, C16), decided from what is known of it."""

from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import IdTokenInfo

TokenStatus = Literal["Accepted", "Blocked", "Invalid", "NoCredit"]


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token that the CSMS knows.

    ``max_concurrent``: transactions that may run on it at one time (None: no limit). ``party_id`` and
    ``contract_issuer`` are roaming's: who issued it, under which contract.
    """

    key: int
    tenant: str
    id_token: IdToken
    status: TokenStatus = "Accepted"
    group: str | None = None
    expires_at: datetime | None = None
    max_concurrent: int | None = 1
    language: str | None = None
    party_id: str | None = None
    contract_issuer: str | None = None
    contract_id: str | None = None
    note: str | None = None


def judge(token: Token | None, now: datetime) -> IdTokenInfo:
    """The answer for a token at a time; who else is using it is decided where it is written (a claim)."""
    if token is None:
        return IdTokenInfo(status="Unknown")
    group = IdToken(token.group, "Central") if token.group else None
    if token.status != "Accepted":
        return IdTokenInfo(status=token.status, group=group, language=token.language)
    if token.expires_at is not None and token.expires_at <= now:
        return IdTokenInfo(status="Expired", cache_expiry=token.expires_at, group=group, language=token.language)
    return IdTokenInfo(status="Accepted", cache_expiry=token.expires_at, group=group, language=token.language)
