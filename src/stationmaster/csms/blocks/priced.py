"""Where a tenant has no prices, nothing about money is asked around its stations' messages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stationmaster.csms.blocks import Block
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import Request
from stationmaster.domain.station import StationState


@dataclass(frozen=True, slots=True)
class OnlyWithPrices:
    """Two ways to one block; ``bills`` says of a tenant whether it has any tariff, as it is asked of each message."""

    plain: Block
    priced: Block
    bills: Callable[[str], bool]

    def __call__(self, state: StationState, request: Any, at: datetime) -> Decision | Awaitable[Decision]:
        return (self.priced if self.bills(state.station.tenant) else self.plain)(state, request, at)


def only_with_prices(
    plain: Mapping[type[Request], Block], priced: Mapping[type[Request], Block], bills: Callable[[str], bool]
) -> dict[type[Request], Block]:
    """The priced blocks, each beside the plain one that it stands around; what is only about money has none."""
    return {
        kind: block if plain.get(kind, block) is block else OnlyWithPrices(plain[kind], block, bills)
        for kind, block in priced.items()
    }
