"""How many examples a property is tried on."""

from typing import Any

from hypothesis import settings

A_HUNDRED = 100
"""As many as Hypothesis tries by itself in the profile for every day (see tests/conftest.py)."""


def tries(count: int, **more: Any) -> settings:
    """So many every day, and as many times more as another profile tries more: ``--hypothesis-profile nightly``."""
    return settings(max_examples=max(1, count * settings.default.max_examples // A_HUNDRED), **more)
