"""Lets the tests of this folder share the modules beside them, and those at a desk (see rest_desk.py) jump in time."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stationmaster.clock.virtual_loop import VirtualTimeLoop

_HERE = str(Path(__file__).resolve().parent)

if _HERE not in sys.path:
    sys.path.append(_HERE)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_time: has a socket or a process that knows no virtual time")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    at_desk = hasattr(item.module, "open_desk") and item.get_closest_marker("real_time") is None  # type: ignore[attr-defined]
    return {"virtual": VirtualTimeLoop} if at_desk else {"real": asyncio.new_event_loop}
