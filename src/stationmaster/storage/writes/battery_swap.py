"""How battery swaps are written."""

from typing import Any

import msgspec

from stationmaster.domain.battery_swap import Swap
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.battery_swap import battery_swaps
from stationmaster.storage.statements import Write, upsert

_encode = msgspec.json.Encoder().encode


def swap_row(swap: Swap) -> tuple[Any, ...]:
    return (swap.key, swap.tenant, swap.station_key, swap.state, micros(swap.started_at), _encode(swap).decode())


WRITES: dict[type, tuple[Write, ...]] = {
    Swap: (Write(upsert(battery_swaps, ("key",), keep=("tenant", "station_key", "started_at")), swap_row),),
}
