"""Long work lets others come between."""

import asyncio

from stationmaster.clock.wall import WallClock
from stationmaster.csms.unhurried import AT_ONCE, unhurried


async def test_all_items_come_in_their_order_and_others_have_turns_between_them() -> None:
    turns, most_at_once, since = 0, 0, 0

    async def other() -> None:
        nonlocal turns, since
        while True:
            await asyncio.sleep(0)
            turns, since = turns + 1, 0

    busy = asyncio.create_task(other())
    await asyncio.sleep(0)
    found = []
    async for item in unhurried(range(10 * AT_ONCE), WallClock()):
        since += 1
        most_at_once = max(most_at_once, since)
        found.append(item)
    busy.cancel()
    assert found == list(range(10 * AT_ONCE))
    assert (turns, most_at_once) == (10, AT_ONCE)
