"""How many examples a property is tried on, and at what cost."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import settings

T = TypeVar("T")
A_HUNDRED = 100
"""As many as Hypothesis tries by itself in the profile for every day (see tests/conftest.py)."""


def tries(count: int, **more: Any) -> settings:
    """So many every day, and as many times more as another profile tries more: ``--hypothesis-profile nightly``."""
    return settings(max_examples=max(1, count * settings.default.max_examples // A_HUNDRED), **more)


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What comes of a coroutine that has nothing to wait for: an event loop for each would cost more than it does."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("it waits for something")
