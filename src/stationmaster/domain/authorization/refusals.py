"""What is kept of a token that was refused: who asks a month later why a card did not charge finds it."""

from datetime import datetime

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import AuthorizationStatus


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``purpose`` and ``source`` as in a Verdict; ``reason`` in words for an operator."""

    tenant: str
    station_key: int
    at: datetime
    id_token: IdToken
    status: AuthorizationStatus
    purpose: str
    source: str
    reason: str
    evse_id: int | None = None
    transaction_key: int | None = None


class StoredRefusal(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    refusal: Refusal


class RefusalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``token`` in any spelling; ``from_at`` <= at < ``to_at``."""

    tenant: str
    station_key: int | None = None
    token: str | None = None
    status: AuthorizationStatus | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
