"""Who gets a place: reservations matched to EVSEs one to one, whatever each of them leaves open.

A reservation is here only the set of EVSEs that would do for it. An EVSE is *kept* if fewer reservations could be
served without it; this one rule is H01.FR.07, .09, .20, .23 and .24 (OCPP 2.0.1 part 2). The CSMS and the station use
the same.
"""

from collections.abc import Collection, Sequence

Fitting = Collection[int]
"""The EVSEs that would do for a reservation."""


def served(held: Sequence[Fitting], free: Collection[int]) -> int:
    """How many reservations can each have an EVSE of its own."""
    seats: dict[int, int] = {}
    return sum(_seat(held, set(free), seats, index, set()) for index in range(len(held)))


def _seat(held: Sequence[Fitting], free: set[int], seats: dict[int, int], index: int, tried: set[int]) -> bool:
    """Find an EVSE for one more, moving others if need be (an augmenting path)."""
    for evse_id in sorted(free.intersection(held[index])):
        if evse_id in tried:
            continue
        tried.add(evse_id)
        if evse_id not in seats or _seat(held, free, seats, seats[evse_id], tried):
            seats[evse_id] = index
            return True
    return False


def kept(held: Sequence[Fitting], free: Collection[int]) -> frozenset[int]:
    """The EVSEs that nobody else may have."""
    if not held:
        return frozenset()
    most = served(held, free)
    return frozenset(evse_id for evse_id in free if served(held, set(free) - {evse_id}) < most)


def has_room(held: Sequence[Fitting], free: Collection[int], one_more: Fitting) -> bool:
    """Whether another reservation finds an EVSE that no other needs."""
    return served([*held, one_more], free) > served(held, free)
