from collections.abc import Callable
from typing import Any

import pytest

from stationmaster.dialects.table import Outgoing, WireCall
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer

Drive = Callable[..., tuple[list[WireCall], Answer]]


@pytest.fixture
def drive() -> Drive:
    """Run an outgoing row with the given responses; the calls it made and its answer."""

    def run(outgoing: Outgoing, facts: StationFacts, request: Any, *responses: Any) -> tuple[list[WireCall], Answer]:
        exchange = outgoing(facts, request)
        calls: list[WireCall] = []
        given = iter(responses)
        try:
            calls.append(next(exchange))
            while True:
                calls.append(exchange.send(next(given)))
        except StopIteration as stop:
            return calls, stop.value

    return run
