"""How every record is written: each block's own table of statements, put together."""

from stationmaster.storage.statements import CORE, Write

WRITES: dict[type, tuple[Write, ...]] = {**CORE}
