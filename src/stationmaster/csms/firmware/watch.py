"""Sees to it that an update comes to an end although its command failed, or nothing more is heard of it."""

from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.blocks import publishing
from stationmaster.csms.blocks.firmware import changed
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.firmware.updates import PATIENCE, FirmwareUpdate, Publication, UpdateState, ended, overdue
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.station import StationState

log = structlog.get_logger(__name__)

EVERY_S = 20.0
DOUBT = timedelta(seconds=30)
"""A station that was sent an update when we were killed may never have got it. One that has, tells of it before so long
after it was due."""
_KINDS = frozenset({"UpdateFirmware", "PublishFirmware", "RawCall"})


class FirmwareWatch:
    """Of one node."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, directory: Directory) -> None:
        self._commands = store.reads
        self._rows = store.reads
        self._bus = bus
        self._clock = clock
        self._directory = directory

    def start(self, background: Background) -> None:
        """Until the background ends."""
        background.start(kept_up(self._follow, self._clock))
        background.start(kept_up(self._sweep, self._clock))

    async def _follow(self) -> None:
        """Commands that ended without an answer."""
        async for message in self._bus.subscribe(subjects.events("CommandChanged")):
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            if event.data.get("kind") not in _KINDS or event.data.get("state") not in _ENDS:
                continue
            command = await self._commands.load_command(event.data["command"])
            if command is not None:
                await self._conclude(command)

    async def _sweep(self) -> None:
        """At the start, and now and then: what nobody told of."""
        while True:
            try:
                for update in await self._rows.open_firmware_updates():
                    await self._look_at(update)
            except StorageFailed as failed:
                log.error("firmware updates not looked at", reason=str(failed))
            await self._clock.sleep(EVERY_S)

    async def _look_at(self, update: FirmwareUpdate) -> None:
        if overdue(update, self._clock.now()) is not None:
            await self._settle(update.station_key, partial(_late, update=update))
        elif update.state in ("queued", "requested"):
            command = await self._commands.load_command(update.key)
            if command is not None and (command.state in _ENDS or is_lost(command, update, self._clock.now())):
                await self._conclude(command)

    async def _conclude(self, command: Command) -> None:
        update = await self._rows.firmware_update(command.tenant, command.key)
        if update is not None:
            await self._settle(command.station_key, partial(_unanswered, update=update, command=command))
            return
        publication = await self._rows.publication(command.tenant, command.key)
        if publication is not None:
            decide = partial(_unpublished, publication=publication, detail=command.detail)
            await self._settle(command.station_key, decide)

    async def _settle(self, station_key: int, decide: "partial[Decision | None]") -> None:
        desk = self._directory.get(station_key)
        if desk is None:
            return
        try:
            await desk.settle(decide)
        except StorageFailed as failed:
            log.error("the end of a firmware update is not stored", station=station_key, reason=str(failed))


_ENDS: dict[str, UpdateState] = {"unsupported": "unsupported", "failed": "failed", "timed_out": "unanswered"}
"""The states of a command that had no answer, and what they make of its update."""


def is_lost(command: Command, update: FirmwareUpdate, now: datetime) -> bool:
    """Whether it was under way when we were killed, and its station says nothing although it is due."""
    if command.state != "unknown" or command.sent_at is None or update.state != "requested":
        return False
    return now >= max(command.sent_at, update.silent_at - PATIENCE) + DOUBT


def _known(state: StationState, update: FirmwareUpdate) -> FirmwareUpdate:
    """As it stands now; one whose command was never sent is not in memory."""
    return next((known for known in state.updates if known.key == update.key), update)


def _unanswered(state: StationState, at: datetime, *, update: FirmwareUpdate, command: Command) -> Decision | None:
    now = _known(state, update)
    if now.state not in ("queued", "requested"):
        return None
    end = _ENDS.get(command.state, "unanswered")
    if end == "unanswered" and command.sent_at is None:
        end = "expired"
    return changed(state, (ended(now, end, at, command.detail),), at)


def _late(state: StationState, at: datetime, *, update: FirmwareUpdate) -> Decision | None:
    late = overdue(_known(state, update), at)
    return None if late is None else changed(state, (late,), at)


def _unpublished(state: StationState, at: datetime, *, publication: Publication, detail: str | None) -> Decision | None:
    return publishing.concluded(state, publication, at, detail)
