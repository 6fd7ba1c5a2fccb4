"""How the blocks of a station are made and tied to each other: a function for each, called in the order of the tables.

A new block is a function in the module that fits, and its name in that module's ``BLOCKS``. A block may look up those
before it at once; those behind it only later, at work.
"""

from itertools import chain

from stationmaster.station.parts import Parts
from stationmaster.station.wiring import charging, device_model, display, tariffs, telling, upkeep


def wire(parts: Parts) -> None:
    """Make all blocks."""
    blocks = (telling.BLOCKS, charging.BLOCKS, upkeep.BLOCKS, display.BLOCKS, tariffs.BLOCKS, device_model.BLOCKS)
    for make in (*display.FIRST, *chain.from_iterable(blocks)):
        block = make(parts)
        if block is not None:
            parts.add(block)
