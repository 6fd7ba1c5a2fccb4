"""Something of our own in a station's turn, as if it were one of its messages: nothing of it changes meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from stationmaster.csms.connection.directory import Directory

Result = TypeVar("Result")


async def in_turn(directory: Directory, station_key: int, job: Callable[[], Awaitable[Result]]) -> Result:
    """What the job returns or raises; done at once where the station is not of this node."""
    desk = directory.get(station_key)
    if desk is None:
        return await job()
    done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    desk.lane.put(partial(_run, job, done))
    return await done


async def _run(job: Callable[[], Awaitable[Any]], done: "asyncio.Future[Any]") -> None:
    try:
        result = await job()
    except Exception as error:  # a job in the lane must not raise: it is whoever waits who is told
        if not done.done():
            done.set_exception(error)
    else:
        if not done.done():
            done.set_result(result)
