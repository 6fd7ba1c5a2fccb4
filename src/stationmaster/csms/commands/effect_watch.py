"""Commands whose effect is not seen in its time are told so, so that nobody waits for them."""

from datetime import datetime
from functools import partial

import structlog

from stationmaster.csms.blocks.remote_control import shows
from stationmaster.csms.commands.effects import LONGEST_PATIENCE, NOTHING_SEEN, PATIENCE, changed, is_overdue
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.connection.masking import fit_to_keep
from stationmaster.csms.ports import Clock, Store
from stationmaster.domain.command import advance

log = structlog.get_logger(__name__)

_EVERY_S = 60.0
_LOOKED_BACK = LONGEST_PATIENCE + PATIENCE


async def give_up_effects(store: Store, directory: Directory, clock: Clock) -> None:
    """Look once a minute; the first time, at what is left of earlier runs too. Runs until it is cancelled."""
    since: datetime | None = None
    settled: set[int] = set()
    while True:
        await clock.sleep(_EVERY_S)
        now = clock.now()
        found = await store.reads.accepted_commands(since, now - PATIENCE)
        settled &= {key for key, _ in found}
        for key, station_key in found:
            desk = directory.get(station_key)
            if desk is not None and key not in settled:
                desk.lane.put(partial(_give_up, store, desk, key, now, settled))
        since = now - _LOOKED_BACK


async def _give_up(store: Store, desk: Desk, key: int, at: datetime, settled: set[int]) -> None:
    """In the lane, so that no effect is just being stored. What a raw call means is known only while it is watched.
    ``settled`` gets those of which nothing is to be seen."""
    try:
        command = await store.reads.load_command(key)
        if command is None or command.state != "accepted" or not is_overdue(command, at):
            return
        if key in desk.effects.pending or shows(command.kind, command.request):
            desk.effects.forget(command)
            gone = advance(command, "no_effect", detail=NOTHING_SEEN)
            await store.journal.store([fit_to_keep(gone)], [changed(gone, at)])
        else:
            settled.add(key)
    except Exception:  # a job in the lane must not raise
        log.exception("effect not given up", command=key)
