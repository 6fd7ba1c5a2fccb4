"""How far a transaction may go: what its driver, its operator or its prepaid account allows (OCPP 2.1, E16)."""

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeVar

import msgspec

_Amount = TypeVar("_Amount", int, Decimal)


class TransactionLimit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """None: not limited. ``max_cost`` in the tariff's currency, ``max_time_s`` counted from the start (E16.FR.09)."""

    max_cost: Decimal | None = None
    max_energy_wh: Decimal | None = None
    max_time_s: int | None = None
    max_soc_pct: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == _NONE


def lower_of(one: TransactionLimit, other: TransactionLimit) -> TransactionLimit:
    """What keeps to both: of each kind the lower one."""
    return TransactionLimit(
        max_cost=_lower(one.max_cost, other.max_cost),
        max_energy_wh=_lower(one.max_energy_wh, other.max_energy_wh),
        max_time_s=_lower(one.max_time_s, other.max_time_s),
        max_soc_pct=_lower(one.max_soc_pct, other.max_soc_pct),
    )


def changed(limit: TransactionLimit | None, by: TransactionLimit) -> TransactionLimit:
    """What holds after ``by`` was said: of each kind that it names, its word; a limit cannot be taken away
    (E16.FR.12)."""
    if limit is None:
        return by
    said = {name: getattr(by, name) for name in _KINDS if getattr(by, name) is not None}
    return msgspec.structs.replace(limit, **said)


def reached(
    limit: TransactionLimit,
    *,
    energy_wh: Decimal | None,
    seconds: int | None,
    cost: Decimal | None,
    soc_pct: Decimal | None,
) -> "LimitReason | None":
    """Which of the limits is reached, None: none is. What is not known (None) reaches nothing."""
    if _is_at(energy_wh, limit.max_energy_wh):
        return "energy"
    if _is_at(seconds, limit.max_time_s):
        return "time"
    if _is_at(cost, limit.max_cost):
        return "cost"
    return "soc" if _is_at(soc_pct, limit.max_soc_pct) else None


def _is_at(value: Decimal | int | None, most: Decimal | int | None) -> bool:
    return value is not None and most is not None and value >= most


def _lower(one: _Amount | None, other: _Amount | None) -> _Amount | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


LimitSource = Literal["operator", "command", "prepaid", "outside"]
LimitReason = Literal["energy", "time", "cost", "soc"]


class LimitState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A limit that we want for a transaction, and what became of it; ``source`` is who wants it.

    wished ──> sent ──> confirmed        (told to the station, which has said the same or keeps to less anyway)
       │         └────> not_supported    (it has not: this system stops the transaction)
       └──────────────> not_supported    (its version has no limits)
    Any of them becomes ``reached``, ``by`` what, once.
    """

    wished: TransactionLimit
    source: LimitSource
    state: Literal["wished", "sent", "confirmed", "not_supported", "reached"] = "wished"
    enforced_by: Literal["station", "csms"] = "station"
    at: datetime
    by: LimitReason | None = None


def wish(before: LimitState | None, limit: TransactionLimit, source: LimitSource, at: datetime) -> LimitState:
    """What is wanted now: the newer word about each kind holds (E16.FR.12)."""
    wished = changed(None if before is None else before.wished, limit)
    by_us = before is not None and before.enforced_by == "csms" and before.state in ("not_supported", "reached")
    if by_us:
        return LimitState(wished=wished, source=source, state="not_supported", enforced_by="csms", at=at)
    return LimitState(wished=wished, source=source, at=at)


def to_send(wished: TransactionLimit, stations: TransactionLimit | None) -> TransactionLimit | None:
    """What of it the station must be told: not where its own limit is as low (E16.FR.08). None: nothing."""
    if stations is None:
        return None if wished.is_empty else wished
    higher = {
        name: most for name in _KINDS if (most := getattr(wished, name)) is not None and _exceeds(stations, name, most)
    }
    return TransactionLimit(**higher) if higher else None


def only(limit: TransactionLimit, supported: frozenset[str] | None) -> TransactionLimit | None:
    """What of it a station keeps that says which limits it supports, in 2.1's words (E16.FR.12); None: nothing.
    One that has not said may keep any."""
    if supported is None:
        return limit
    kept = {name: getattr(limit, name) for name, word in _WORDS.items() if word in supported}
    found = TransactionLimit(**kept)
    return None if found.is_empty else found


def _exceeds(stations: TransactionLimit, name: str, most: Decimal | int) -> bool:
    theirs = getattr(stations, name)
    return theirs is None or theirs > most


_NONE = TransactionLimit()
_KINDS = TransactionLimit.__struct_fields__
_WORDS = {"max_cost": "maxCost", "max_energy_wh": "maxEnergy", "max_time_s": "maxTime", "max_soc_pct": "maxSoC"}
"""TxCtrlr.SupportedLimits."""
