"""Refused tokens in the program's log: once they are stored, whoever or whatever refused them."""

from collections.abc import Callable, Sequence

import structlog

from stationmaster.csms.blocks.refusals import REFUSED
from stationmaster.domain.queries import CommittedEvent

log = structlog.get_logger(__name__)

Tell = Callable[[Sequence[CommittedEvent]], None]


def logging_refusals(tell: Tell) -> Tell:
    """What is told of committed events, with a line in the log for each refusal; without the token."""

    def tell_and_log(events: Sequence[CommittedEvent]) -> None:
        for committed in events:
            event = committed.event
            if event.kind == REFUSED:
                said = {name: event.data[name] for name in ("evse_id", "status", "reason", "source")}
                log.info("authorization.refused", station=event.station_key, **said)
        tell(events)

    return tell_and_log
