"""The energy of a transaction: by the same function as its bill's (:func:`register.best_energy`), of what is folded.

A transaction that is under way knows four registers at most: those marked as its begin and its end, the first and the
last. For a meter that only ever rises that is as good as all of them. What more the whole evidence tells (a meter that
was exchanged, energy of intervals only) is weighed when the bill is made, and kept with the transaction.
"""

from decimal import Decimal

import msgspec

from stationmaster.domain.cost.evidence import Evidence, Mark, Point
from stationmaster.domain.cost.register import TOLERANCE_WH, best_energy
from stationmaster.domain.transactions.transaction import EnergySource, Register, Transaction, Weighed, missing_numbers


def energy(transaction: Transaction) -> tuple[Decimal, EnergySource] | None:
    """The energy in Wh from the best evidence there is, and which that was; None without evidence."""
    weighed = transaction.weighed
    if weighed is not None:
        return weighed.wh, weighed.source
    if (rising := _rising(transaction)) is not None:  # nearly always
        return rising
    found = best_energy(_folded(transaction))
    return None if found.source == "none" else (found.wh, found.source)


def weighed(
    transaction: Transaction, wh: Decimal, source: EnergySource, *, has_fallen: bool = False
) -> Transaction | None:
    """The transaction with the energy that all of its evidence tells; None where it comes to that by itself."""
    plain = msgspec.structs.replace(transaction, weighed=None)
    own = energy(plain)
    same = source == "none" if own is None else own[0] == wh
    after = plain if same else msgspec.structs.replace(plain, weighed=Weighed(wh, source, has_fallen))
    return None if after == transaction else after


def anomalies(transaction: Transaction) -> tuple[str, ...]:
    """What is odd about it, in words that stand in the API: a bill with one of these wants a look."""
    found = set(transaction.flags)
    if transaction.started_at is None:
        found.add("lost_start")
    if transaction.closed is not None:
        found.add("closed_by_policy")
    if missing_numbers(transaction.seq_seen, numbered_late=transaction.start_key is not None):
        found.add("gap")
    if _has_fallen(transaction):
        found.add("meter_backwards")
    started, ended = transaction.started_at, transaction.ended_at
    if started is not None and ended is not None and ended < started:
        found.add("ends_before_start")
    return tuple(sorted(found))


def _rising(transaction: Transaction) -> tuple[Decimal, EnergySource] | None:
    """The difference of two registers, where it needs no weighing: all that is known lies between them."""
    start, stop = _start(transaction), _stop(transaction)
    first, last = transaction.first_register, transaction.last_register
    if start is None:
        return None
    if stop is not None:
        rises = stop.wh >= start.wh and stop.at >= start.at
        lies_between = _between(start.wh, first, stop.wh) and _between(start.wh, last, stop.wh)
        return (stop.wh - start.wh, "registers") if rises and lies_between else None
    if last is None or transaction.ended_at is not None or last.at < start.at or last.wh < start.wh:
        return None
    return (last.wh - start.wh, "last_sample") if _between(start.wh, first, last.wh) else None


def _start(transaction: Transaction) -> Register | None:
    """Marked as the begin. Where its time was not kept, as once it was not, it is that of the start."""
    wh = transaction.meter_start_wh
    at = transaction.meter_start_at or transaction.started_at or transaction.first_event_at
    return None if wh is None else Register(at, wh)


def _stop(transaction: Transaction) -> Register | None:
    """Marked as the end; its time likewise."""
    wh = transaction.meter_stop_wh
    at = transaction.meter_stop_at or transaction.ended_at or transaction.first_event_at
    return None if wh is None else Register(at, wh)


def _between(low: Decimal, register: Register | None, high: Decimal) -> bool:
    return register is None or low - TOLERANCE_WH <= register.wh <= high + TOLERANCE_WH


def _folded(transaction: Transaction) -> Evidence:
    """What the fold knows of registers, as evidence."""
    known: tuple[tuple[Mark, Register | None], ...] = (
        ("begin", _start(transaction)),
        ("sample", transaction.first_register),
        ("sample", transaction.last_register),
        ("end", _stop(transaction)),
    )
    points = {Point(register.at, register.wh, mark) for mark, register in known if register is not None}
    return Evidence(started_at=transaction.started_at, ended_at=transaction.ended_at, points=tuple(points))


def _has_fallen(transaction: Transaction) -> bool:
    if transaction.weighed is not None:
        return transaction.weighed.has_fallen
    return _rising(transaction) is None and "meter_reset" in best_energy(_folded(transaction)).flags
