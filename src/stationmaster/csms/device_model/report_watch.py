"""Reports whose rest does not come are given up, so that nobody waits for them."""

import structlog

from stationmaster.csms.blocks.reports import closed
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Clock
from stationmaster.domain.failures import StorageFailed

log = structlog.get_logger(__name__)

_EVERY_S = 60.0


async def give_up_reports(directory: Directory, clock: Clock) -> None:
    """Look at every station's reports once a minute. Runs until it is cancelled."""
    while True:
        await clock.sleep(_EVERY_S)
        for desk in directory:
            if desk.state.reports and closed(desk.state, clock.now()) is not None:
                try:
                    await desk.settle(closed)
                except StorageFailed as failed:
                    log.error("reports not given up", station=desk.key, reason=str(failed))
