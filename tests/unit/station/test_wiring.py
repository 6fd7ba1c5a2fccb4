"""The blocks of a program, made and tied together."""

from typing import Any

import pytest

from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.battery_swap import BatterySwapping
from stationmaster.station.parts import Parts


async def test_a_block_is_found_by_its_class(bench: Any) -> None:
    async with bench() as b:
        parts: Parts = b.program.parts
        assert parts[Availability] is b.program.availability


async def test_a_block_that_a_station_has_not_is_not_found(bench: Any) -> None:
    async with bench() as b:
        parts: Parts = b.program.parts
        assert parts.get(BatterySwapping) is None
        with pytest.raises(KeyError):
            parts[BatterySwapping]
