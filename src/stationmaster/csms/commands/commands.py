"""Commands to stations: committed before they are sent, sent by the node that holds the station, watched to their end.

The API asks through the bus, so that it need not run where the station is connected.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

import msgspec

from stationmaster.clock.timeouts import within
from stationmaster.csms import subjects
from stationmaster.csms.background import Background
from stationmaster.csms.commands.effects import changed
from stationmaster.csms.commands.hooks import NO_HOOK, Hooks
from stationmaster.csms.commands.kinds import RawCall
from stationmaster.csms.commands.sending import NOT_CONNECTED, TAKEN
from stationmaster.csms.connection.masking import fit_to_keep
from stationmaster.csms.ports import Bus, Clock, Store, Subscription, Tokens
from stationmaster.csms.settings import CsmsSettings
from stationmaster.csms.unhurried import unhurried
from stationmaster.domain.command import ANSWERED, Command, advance, number_of
from stationmaster.domain.identity import READER_TYPE, IdToken
from stationmaster.domain.messages import Request
from stationmaster.domain.records import Event, Record


class Wanted(NamedTuple):
    """A command that is to be given. ``key`` was taken for it before."""

    station_key: int
    request: Request | RawCall
    key: int


class CommandDesk:
    """Takes commands in and tells what became of them. Any node has one."""

    def __init__(
        self, store: Store, bus: Bus, clock: Clock, settings: CsmsSettings, background: Background, hooks: Hooks
    ) -> None:
        self._hooks = hooks
        self._journal = store.journal
        self._commands = store.reads
        self._tokens: Tokens = store.reads
        self._keys = store.keys
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._background = background

    async def take_up(self) -> None:
        """After a start: see to the end of those that still wait for their station."""
        for command in await self._commands.unfinished_commands():
            if command.state == "queued":
                self._background.start(self._expire(command))

    async def submit(
        self,
        tenant: str,
        station_key: int,
        request: Request | RawCall,
        *,
        requested_by: str | None = None,
        lifetime_s: float | None = None,
        key: int | None = None,
    ) -> Command:
        """Store a command, and hand it to the node that holds the station. It waits ``lifetime_s`` for a station
        that is not connected, then times out. ``key``: one that was taken for it before."""
        wanted = Wanted(station_key, request, self._keys.take() if key is None else key)
        (command,) = await self.submit_together(tenant, [wanted], requested_by=requested_by, lifetime_s=lifetime_s)
        return command

    async def submit_together(
        self,
        tenant: str,
        wanted: Sequence[Wanted],
        *,
        requested_by: str | None = None,
        lifetime_s: float | None = None,
        records: Sequence[Record] = (),
        events: Sequence[Event] = (),
    ) -> tuple[Command, ...]:
        """As ``submit``, for commands that are parts of one thing: all of them are stored at once, with the
        ``records`` and ``events`` that tell of it, and only then handed over, one after the other. Raises
        StorageFailed; then there is none of them."""
        now = self._clock.now()
        expires_at = now + timedelta(seconds=lifetime_s or self._settings.command_lifetime_s)
        commands: list[Command] = []
        opened: list[Record] = []
        async for station_key, given, key in unhurried(wanted, self._clock):
            request = await self._typed(tenant, _numbered(given, number_of(key)))
            command = Command(
                key=key,
                station_key=station_key,
                tenant=tenant,
                kind=type(request).__name__,
                request=msgspec.to_builtins(request),
                created_at=now,
                expires_at=expires_at,
                requested_by=requested_by,
            )
            hook = self._hooks.get(type(request), NO_HOOK)
            opened += hook.opens(request, command) if hook.opens is not None else ()
            commands.append(command)
        told = [changed(command, now) for command in commands]
        await self._journal.store([*commands, *opened, *records], [*told, *events])
        async for command in unhurried(commands, self._clock):
            if not await self._hand_over(command):
                self._background.start(self._expire(command))
        return tuple(commands)

    async def _typed(self, tenant: str, request: Request | RawCall) -> Request | RawCall:
        """The request with the type that its token is known by, where none was given: without one 2.x would call it
        Central, and the station would take the card at its reader for another token, and tell of one that nobody
        knows. A token that is known without a type is the same card as on local lists."""
        id_token = getattr(request, "id_token", None)
        if not isinstance(id_token, IdToken) or id_token.type is not None:
            return request
        known = await self._tokens.find_token(tenant, id_token)
        if known is None:
            return request
        typed = msgspec.structs.replace(id_token, type=known.id_token.type or READER_TYPE)
        return msgspec.structs.replace(request, id_token=typed)

    async def _hand_over(self, command: Command) -> bool:
        """Whether a node took it; if none did, it waits for the station to connect."""
        try:
            answer = await self._bus.request(
                subjects.station(command.station_key), msgspec.json.encode(command.key), timeout_s=5.0
            )
        except (LookupError, TimeoutError):
            return False
        return answer == TAKEN

    async def _expire(self, command: Command) -> None:
        await self._clock.sleep(max(0.0, (command.expires_at - self._clock.now()).total_seconds()))
        current = await self._commands.load_command(command.key)
        if current is not None and current.state == "queued":
            late = advance(current, "timed_out", detail=current.detail or NOT_CONNECTED)
            await self._journal.store([fit_to_keep(late)], [changed(late, self._clock.now())])

    async def get(self, tenant: str, station_key: int, key: int) -> Command | None:
        command = await self._commands.load_command(key)
        if command is None or (command.tenant, command.station_key) != (tenant, station_key):
            return None
        return command

    async def wait(self, command: Command, timeout_s: float) -> Command:
        """The command once it is answered, or as it is when the time is up."""
        heard = self._bus.subscribe(subjects.event("CommandChanged", command.station_key))
        try:
            with suppress(TimeoutError):
                await within(self._clock, timeout_s, self._answered(command.key, heard))
        finally:
            await heard.aclose()
        return await self._commands.load_command(command.key) or command

    async def _answered(self, key: int, heard: Subscription) -> None:
        current = await self._commands.load_command(key)
        while current is None or current.state not in ANSWERED:
            await anext(heard)
            current = await self._commands.load_command(key)


def _numbered(request: Request | RawCall, number: int) -> Request | RawCall:
    """The request with a number of its own wherever it has a place for one and none is in it."""
    unset = {name: number for name in _NUMBERS if getattr(request, name, None) == 0}
    return msgspec.structs.replace(request, **unset) if unset else request


_NUMBERS = ("remote_start_id", "request_id", "reservation_id")
