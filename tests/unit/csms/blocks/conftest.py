"""Blocks decide in virtual time: a handler that never answers costs no second."""

from typing import Any

import pytest

from stationmaster.clock.virtual_loop import VirtualTimeLoop


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}
