"""Rows for what came with 2.1 and has no words before it."""

from typing import Any

from stationmaster.dialects.table import Exchange, Outgoing, Unsupported
from stationmaster.domain.facts import StationFacts


def with_21(what: str, row: Outgoing) -> Outgoing:
    """The row, for stations of 2.1; others are told that ``what`` needs it."""

    def exchange(facts: StationFacts, request: Any) -> Exchange:
        if facts.version != "2.1":
            raise Unsupported(f"{what} needs OCPP 2.1, the station speaks {facts.version}")
        return (yield from row(facts, request))

    return exchange
