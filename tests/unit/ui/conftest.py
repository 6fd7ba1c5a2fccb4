"""Feeds wait in virtual time; the pages' framework has threads of its own, and runs in the real one."""

import asyncio
from typing import Any

from stationmaster.clock.virtual_loop import VirtualTimeLoop


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop} if item.path.name == "test_live.py" else {"real": asyncio.new_event_loop}
