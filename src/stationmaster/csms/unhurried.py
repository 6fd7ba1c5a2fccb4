"""Long work on the event loop that lets stations' messages come between."""

from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from stationmaster.csms.ports import Clock

Item = TypeVar("Item")

AT_ONCE = 20
"""Items after which everybody else has a turn: some milliseconds of work on what is cheap."""


async def unhurried(items: Iterable[Item], clock: Clock) -> AsyncIterator[Item]:
    """The items, a few in each turn of the loop."""
    for place, item in enumerate(items, 1):
        yield item
        if place % AT_ONCE == 0:
            await clock.sleep(0)
