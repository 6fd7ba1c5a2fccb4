"""TariffCostCtrlr.Problem: whether the station fails to reckon with the tariffs that it is given (I08, I12)."""

from collections.abc import Callable
from typing import Protocol

import structlog

from stationmaster.domain.messages import EventData
from stationmaster.station.ports import Clock, Memory

log = structlog.get_logger(__name__)

COMPONENT, VARIABLE = "TariffCostCtrlr", "Problem"
_KEY = "cost_problem"


class Events(Protocol):
    """See ``event_queue.EventQueue``."""

    def next_id(self) -> int: ...
    def add(self, event: EventData) -> None: ...


class CostProblem:
    """``watched``: whether a Delta monitor tells of it (I08.FR.36, .37; I12.FR.19, .44), as ``look`` makes it do."""

    def __init__(self, memory: Memory, clock: Clock, events: Callable[[], Events]) -> None:
        self._memory = memory
        self._clock = clock
        self._events = events
        self.watched: Callable[[], bool] = lambda: False
        self.look: Callable[[], None] = lambda: None

    @property
    def is_there(self) -> bool:
        return self._memory.get(_KEY) is not None

    def appeared(self, code: str, info: str) -> None:
        """``code``: a reason code of the specification's."""
        log.warning("cost cannot be reckoned", code=code, info=info)
        if not self.is_there:
            self._memory.put(_KEY, b"true")
            self._tell("true", code, info)

    def solved(self) -> None:
        if self.is_there:
            self._memory.delete(_KEY)
            self._tell("false", None, None)

    def _tell(self, value: str, code: str | None, info: str | None) -> None:
        if self.watched():
            self.look()
            return
        self._events().add(
            EventData(
                event_id=self._events().next_id(),
                timestamp=self._clock.now(),
                trigger="Alerting",
                component=COMPONENT,
                variable=VARIABLE,
                actual_value=value,
                notification_type="HardWiredNotification",
                tech_code=code,
                tech_info=info,
                cleared=value == "false",
            )
        )
