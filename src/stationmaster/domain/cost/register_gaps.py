"""Registers from one transaction of an EVSE to the next: they go on where they stopped (2.0.1 part 2, J02.FR.16, .17).

What was counted between two transactions is on no bill; a meter that fell, or rose by more than the EVSE can deliver,
is not to be believed. Each EVSE's last register is kept, so that nothing has to be looked up. What is older is compared
with nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.cost.register import MOST_POWER_W, TOLERANCE_WH, most_wh
from stationmaster.domain.transactions.transaction import Register, Transaction

GapKind = Literal["register_backwards", "register_jump", "register_gap"]
GAP_KINDS: tuple[GapKind, ...] = ("register_backwards", "register_jump", "register_gap")
"""The meter fell; rose by more than can be; counted energy that is on no transaction."""

ALLOWANCE_WH = Decimal(10)
"""What may flow until the contactor opens, after the register of the end was read; and what a meter itself uses."""


class Gap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """``wh`` is what the register rose by between the two moments, of the station's time. ``before`` and
    ``transaction`` are the keys of the transactions there, where it is between two."""

    kind: GapKind
    wh: Decimal
    from_at: datetime
    to_at: datetime
    before: int | None = None
    transaction: int | None = None


class KnownRegister(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the register of an EVSE is compared with next: that of its last transaction's end, or what was told since.

    ``is_open``: it is that transaction's start, so that what was counted since is on it. ``gap``: the newest found.
    """

    station_key: int
    evse_id: int
    at: datetime
    wh: Decimal
    transaction_key: int | None = None
    is_open: bool = False
    gap: Gap | None = None


Registers = Mapping[int, KnownRegister]
"""By EVSE id."""


def compared(known: KnownRegister | None, told: Register, max_w: Decimal | None = None) -> Gap | None:
    """What is odd about a register that follows the known one. ``max_w``: the most the EVSE can deliver."""
    if known is None or told.at < known.at:
        return None
    step = told.wh - known.wh
    if step < -TOLERANCE_WH:
        kind: GapKind = "register_backwards"
    elif known.is_open or step <= ALLOWANCE_WH:
        return None
    else:
        seconds = Decimal((told.at - known.at).total_seconds())
        most = most_wh(MOST_POWER_W if max_w is None else max_w, seconds)
        kind = "register_jump" if step > most else "register_gap"
    return Gap(kind=kind, wh=step, from_at=known.at, to_at=told.at, before=known.transaction_key)


def after_transaction(
    known: KnownRegister | None,
    transaction: Transaction,
    max_w: Decimal | None = None,
    beside: Iterable[KnownRegister] = (),
) -> KnownRegister | None:
    """What is known of the EVSE's register with what a transaction there tells; None where that is nothing new.

    A gap before the transaction names it. ``beside``: the registers of other places that may have the same meter.
    """
    place, start = transaction.evse, _start(transaction)
    if place is None or not place.id or start is None:
        return None
    now = known
    if known is None or known.transaction_key != transaction.key:
        if known is not None and start.at < known.at:
            return None
        gap = compared(_carried_on(known, beside, start, max_w), start, max_w)
        if gap is not None:
            gap = msgspec.structs.replace(gap, transaction=transaction.key)
        now = KnownRegister(
            station_key=transaction.station_key,
            evse_id=place.id,
            at=start.at,
            wh=start.wh,
            transaction_key=transaction.key,
            is_open=True,
            gap=gap or (known.gap if known else None),
        )
    end = _end(transaction) if transaction.ended_at is not None else None
    if now is not None and end is not None and end.at >= now.at:
        now = msgspec.structs.replace(now, at=end.at, wh=end.wh, is_open=False)
    return None if now == known else now


def after_idle(
    known: KnownRegister | None,
    station_key: int,
    evse_id: int,
    told: Register,
    max_w: Decimal | None = None,
    beside: Iterable[KnownRegister] = (),
) -> KnownRegister | None:
    """The same of a register that was told while no transaction was under way. What is nothing to speak of moves
    nothing, so that little by little adds up to something."""
    gap = compared(_carried_on(known, beside, told, max_w), told, max_w)
    if known is not None and (told.at < known.at or (gap is None and not known.is_open)):
        return None
    return KnownRegister(
        station_key=station_key, evse_id=evse_id, at=told.at, wh=told.wh, gap=gap or (known.gap if known else None)
    )


def _carried_on(
    known: KnownRegister | None, beside: Iterable[KnownRegister], told: Register, max_w: Decimal | None
) -> KnownRegister | None:
    """The register to compare with: the place's own, where that goes on. Connectors of 1.x may share a meter: where
    another place's transaction brought it, later, to just what is told now, it is that one that goes on."""
    if known is None or compared(known, told, max_w) is None:
        return known
    near = (each for each in beside if each.at >= known.at and abs(each.wh - told.wh) <= ALLOWANCE_WH)
    return next((each for each in near if compared(each, told, max_w) is None), known)


def in_words(gap: Gap) -> str:
    """For an operator."""
    since = f"since {gap.from_at.isoformat()}" + (f" (transaction {gap.before})" if gap.before is not None else "")
    return _WORDS[gap.kind].format(wh=abs(gap.wh), since=since)


_WORDS: Mapping[GapKind, str] = {
    "register_backwards": "the register fell by {wh} Wh {since}",
    "register_jump": "the register rose by {wh} Wh {since}, more than the EVSE can have delivered",
    "register_gap": "the meter counted {wh} Wh {since} that are on no transaction",
}


def _start(transaction: Transaction) -> Register | None:
    at, wh = transaction.meter_start_at, transaction.meter_start_wh
    return transaction.first_register if at is None or wh is None else Register(at, wh)


def _end(transaction: Transaction) -> Register | None:
    at, wh = transaction.meter_stop_at, transaction.meter_stop_wh
    return transaction.last_register if at is None or wh is None else Register(at, wh)
