"""Long requests in several calls, as many items in each as the station takes."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, TypeVar

from stationmaster.dialects.table import NoAnswer, WireCall
from stationmaster.domain.facts import StationFacts

Item = TypeVar("Item")

UNKNOWN_LIMIT = 10
"""How many items go into one call while the station's own limit is not known."""

_FRAME_BYTES = 100
"""Of a call around its items."""

TOO_MUCH = frozenset({"OccurrenceConstraintViolation", "OccurenceConstraintViolation", "FormatViolation"})
"""What a station may refuse too many items with (B06.FR.16, .17), 1.6's spelling included."""


def batches(
    items: Sequence[Item], most: int, most_bytes: int | None, size: Callable[[Item], int]
) -> Iterator[tuple[Item, ...]]:
    """The items in their order, at most so many and so many bytes together; one that is too large stands alone."""
    batch: list[Item] = []
    room = most_bytes
    for item in items:
        needed = size(item) + 1
        if batch and (len(batch) >= max(most, 1) or (room is not None and needed > room)):
            yield tuple(batch)
            batch, room = [], most_bytes
        batch.append(item)
        room = room - needed if room is not None else None
    if batch:
        yield tuple(batch)


def for_station(
    facts: StationFacts, action: str, items: Sequence[Item], size: Callable[[Item], int]
) -> Iterator[tuple[Item, ...]]:
    """The batches that this station takes (B05.FR.11, B06.FR.05)."""
    most = facts.limits.get(f"items:{action}", UNKNOWN_LIMIT)
    most_bytes = facts.limits.get(f"bytes:{action}")
    return batches(items, most, None if most_bytes is None else max(0, most_bytes - _FRAME_BYTES), size)


def ask_in_batches(
    portions: Iterator[tuple[Item, ...]], call: Callable[[tuple[Item, ...]], WireCall]
) -> Generator[WireCall, Any, list[tuple[tuple[Item, ...], Any]]]:
    """Make one call for each portion; what comes back are the portions, each with its answer or a NoAnswer.

    A portion that was too much is halved and asked for again. Where the station says nothing at all, the rest is not
    asked for. Without one answer the failure of the first call is raised.
    """
    waiting = deque(portions)
    told: list[tuple[tuple[Item, ...], Any]] = []
    while waiting:
        portion = waiting.popleft()
        answer = yield call(portion)
        if isinstance(answer, NoAnswer) and answer.code in TOO_MUCH and len(portion) > 1:
            half = len(portion) // 2
            waiting.extendleft((portion[half:], portion[:half]))
            continue
        told.append((portion, answer))
        if isinstance(answer, NoAnswer) and answer.code is None:
            told += [(left, answer) for left in waiting]
            break
    _raise_if_in_vain(told)
    return told


def _raise_if_in_vain(told: list[tuple[tuple[Item, ...], Any]]) -> None:
    failures = [answer for _, answer in told if isinstance(answer, NoAnswer)]
    if failures and len(failures) == len(told) and failures[0].failure is not None:
        raise failures[0].failure
