"""How much the process of the pages leaves to others where processors are scarce. Stations come first.

A task of lower priority still keeps its processor for some milliseconds once it has it, which is longer than most
answers to stations take; only an idle one gives it up at once. But what is idle gets next to nothing while others want
all there is: so the process starts as a low one, and becomes idle once it is up, unless it is told not to.
"""

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import structlog

if TYPE_CHECKING:  # else all that it brings would be loaded before standing back
    from stationmaster.csms.ports import Clock

log = structlog.get_logger(__name__)

Priority = Literal["idle", "low"]
NICENESS = 10
EVERY_S = 1.0
LATE_S = 3.0
"""Whoever wakes so late waits for a processor."""
TOLD_EVERY_S = 600.0


def stand_back() -> None:
    """While it starts: a tenth of what others get where all want more than there is, and no turn out of order."""
    os.nice(NICENESS)
    _schedule("SCHED_BATCH")


def stand_back_further() -> None:
    """Only what nobody else wants. There is no way back without privileges."""
    _schedule("SCHED_IDLE")


def _schedule(policy: str) -> None:
    with suppress(AttributeError, OSError):  # Linux has them
        os.sched_setscheduler(0, getattr(os, policy), os.sched_param(0))


async def tell_of_lateness(clock: "Clock") -> None:
    """Say so, for ever, where others leave no processor for the pages."""
    told_at = -TOLD_EVERY_S
    while True:
        began = clock.monotonic()
        await clock.sleep(EVERY_S)
        late_s = clock.monotonic() - began - EVERY_S
        if late_s >= LATE_S and began >= told_at + TOLD_EVERY_S:
            told_at = began
            log.warning("pages wait for a processor", late_s=round(late_s, 1), remedy='pages_priority = "low"')
