"""The ledger of DER controls: which of them counts, and when (2.1 part 2, R04 with its errata).

For each type there is at most one default and one scheduled control that count. The scheduled one that has begun goes
before the default. Of two of a kind the one with the lower priority value stays; of two with the same value, the newer.

* A default takes the place of the other at once, or is superseded at once itself (R04.FR.03).
* A scheduled one supersedes another that waits at once, even if it begins later (R04.FR.06), but one that has begun
  only by its own beginning (R04.FR.07). One that is not wanted is superseded at once itself (R04.FR.08).
* What is superseded is never executed (R04.FR.09); what has ended is deleted (R04.FR.10).

Everything here is pure: ledgers are tuples, and time is an argument.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from stationmaster.domain.der.controls import DERControl

Ledger = tuple[DERControl, ...]

MAX_CONTROLS = 200
"""Of all types together; 24 can be reported of each at once."""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """``superseded`` is what the answer tells; ``reason``: why it is Rejected."""

    status: str
    ledger: Ledger
    superseded: tuple[str, ...] = ()
    reason: str | None = None


class Happening(msgspec.Struct, frozen=True):
    """A scheduled control began, and superseded others by that; or it ended."""

    control: DERControl
    started: bool
    superseded: tuple[str, ...] = ()


def place(ledger: Ledger, new: DERControl, now: datetime) -> Placed:
    """Take a control in. One with the same id makes room for it."""
    others = tuple(control for control in ledger if control.id != new.id)
    if new.ends_at is not None and new.ends_at <= now:
        return Placed(status="Rejected", ledger=ledger, reason="ValueOutOfRange")
    if len(others) >= MAX_CONTROLS:
        return Placed(status="Rejected", ledger=ledger, reason="OutOfStorage")
    rivals = [
        control
        for control in others
        if control.type == new.type and control.is_default == new.is_default and not control.superseded
    ]
    if any(rival.priority < new.priority for rival in rivals):  # R04.FR.08
        unwanted = msgspec.structs.replace(new, superseded=True)
        return Placed(status="Accepted", ledger=(*others, unwanted), superseded=(new.id,))
    gone = {rival.id for rival in rivals if not rival.started}
    kept = tuple(_superseded(control) if control.id in gone else control for control in others)
    return Placed(status="Accepted", ledger=(*kept, new), superseded=tuple(sorted(gone)))


def advance(ledger: Ledger, now: datetime) -> tuple[Ledger, tuple[Happening, ...]]:
    """What has become of a ledger by now, and what happened on the way in the order of time."""
    left = tuple(control for control in ledger if not _is_over(control, now))
    happened = [Happening(control, False) for control in ledger if _is_over(control, now) and _runs(control)]
    due = [control for control in left if _is_due(control, now)]
    for control in sorted(due, key=lambda each: (each.starts_at, each.id)):
        left, superseded = _start(left, control)
        happened.append(Happening(control, True, superseded))
    return left, tuple(happened)


def active(ledger: Ledger, kind: str) -> DERControl | None:
    """The control of a type that is executed: the scheduled one that has begun, else the default (R04.FR.11)."""
    of_kind = [control for control in ledger if control.type == kind and not control.superseded]
    running = next((control for control in of_kind if control.started), None)
    return running or next((control for control in of_kind if control.is_default), None)


def all_active(ledger: Ledger) -> tuple[DERControl, ...]:
    kinds = dict.fromkeys(control.type for control in ledger)
    return tuple(found for kind in kinds if (found := active(ledger, kind)) is not None)


def next_change(ledger: Ledger) -> datetime | None:
    """When :func:`advance` has something to do next, if no control comes or goes."""
    ends = [control.ends_at for control in ledger if control.ends_at is not None]
    starts = [
        control.starts_at
        for control in ledger
        if control.starts_at is not None and not control.started and not control.superseded
    ]
    return min((*ends, *starts), default=None)


def select(
    ledger: Iterable[DERControl],
    is_default: bool | None = None,
    kind: str | None = None,
    control_id: str | None = None,
) -> Ledger:
    """Those that all given criteria match (R04.FR.33-.37)."""
    return tuple(
        control
        for control in ledger
        if is_default in (None, control.is_default)
        and kind in (None, control.type)
        and control_id in (None, control.id)
    )


def clear(ledger: Ledger, is_default: bool, kind: str | None, control_id: str | None) -> tuple[Ledger, Ledger]:
    """What stays, and what goes (R04.FR.41-.46)."""
    gone = select(ledger, is_default, kind, control_id)
    return tuple(control for control in ledger if control not in gone), gone


def _superseded(control: DERControl) -> DERControl:
    return msgspec.structs.replace(control, superseded=True)


def _is_over(control: DERControl, now: datetime) -> bool:
    return control.ends_at is not None and control.ends_at <= now


def _runs(control: DERControl) -> bool:
    return control.started and not control.superseded


def _is_due(control: DERControl, now: datetime) -> bool:
    waits = not (control.is_default or control.started or control.superseded)
    return waits and control.starts_at is not None and control.starts_at <= now


def _start(ledger: Ledger, starting: DERControl) -> tuple[Ledger, tuple[str, ...]]:
    """R04.FR.07, .21: what ran until now is superseded."""
    ended = {control.id for control in ledger if control.type == starting.type and _runs(control)}
    changed = tuple(
        msgspec.structs.replace(control, started=True)
        if control.id == starting.id
        else _superseded(control)
        if control.id in ended
        else control
        for control in ledger
    )
    return changed, tuple(sorted(ended))
