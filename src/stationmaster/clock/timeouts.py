"""Deadlines on a clock's time."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Sleeper(Protocol):
    async def sleep(self, seconds: float) -> None: ...


async def within(clock: Sleeper, seconds: float, awaitable: Awaitable[T]) -> T:
    """The awaitable's result, or TimeoutError once ``seconds`` of the clock's time have passed.

    As with ``asyncio.timeout`` the awaitable is cancelled then, and a result it comes to while being cancelled counts.
    """
    task = asyncio.current_task()
    assert task is not None, "within() needs a task to cancel"
    cancelled_before = task.cancelling()
    alarm = asyncio.ensure_future(_ring(clock, seconds, task))
    try:
        return await awaitable
    except asyncio.CancelledError:
        # Cancelled by the alarm alone, or by someone else as well?
        if _rang(alarm) and task.cancelling() - 1 <= cancelled_before:
            raise TimeoutError(f"not done within {seconds} s") from None
        raise
    finally:
        if _rang(alarm):
            task.uncancel()
        alarm.cancel()


async def _ring(clock: Sleeper, seconds: float, task: asyncio.Task[object]) -> None:
    await clock.sleep(seconds)
    task.cancel()


def _rang(alarm: asyncio.Future[None]) -> bool:
    return alarm.done() and not alarm.cancelled() and alarm.exception() is None
