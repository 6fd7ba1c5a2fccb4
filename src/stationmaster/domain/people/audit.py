"""Who did what."""

from datetime import datetime
from typing import Literal

import msgspec

ActorKind = Literal["person", "api_key", "command_line", "nobody"]
"""``nobody``: who tried to sign in and was not let in."""

SIGN_IN = "sign_in"
"""The operation of those who sign in, or try to."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One deed, or one that was refused.

    ``operation`` is the API's name of it; ``method`` and ``path`` are as asked, without the query. ``status``: what was
    answered; None: nothing was, or that it was could not be written down, so the deed may have been done or not.
    ``detail`` is what was asked for, as JSON without secrets, cut where it is long; or in brackets why it is not there.
    """

    key: int
    tenant: str
    at: datetime
    actor_kind: ActorKind
    actor_key: int | None
    actor: str
    operation: str
    method: str
    path: str
    station_key: int | None
    status: int | None
    address: str
    detail: str


class AuditOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered to a deed that was written down before."""

    key: int
    status: int


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``actor`` is a name, whatever its case; ``text`` is looked for in path and detail. ``from_at`` <= at <
    ``to_at``. Newest first."""

    tenant: str
    actor: str | None = None
    operation: str | None = None
    station_key: int | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    text: str | None = None
