"""The row of a request that a version family has no words for."""

from typing import Any

from stationmaster.dialects.table import Exchange, Outgoing, Unsupported
from stationmaster.domain.facts import StationFacts


def unsupported(reason: str) -> Outgoing:
    """An outgoing row that makes no call and raises :class:`Unsupported` when it is driven."""

    def exchange(facts: StationFacts, request: Any) -> Exchange:
        yield from ()
        raise Unsupported(reason)

    return exchange
