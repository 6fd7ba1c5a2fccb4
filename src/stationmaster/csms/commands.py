"""Commands to stations: committed before they are sent, sent by the node that holds the station, watched to their end.

The API asks through the bus, so that it need not run where the station is connected.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.csms import subjects
from stationmaster.csms.background import Background
from stationmaster.csms.blocks.remote_control import ACCEPTING, objection
from stationmaster.csms.desk import Desk
from stationmaster.csms.effects import changed
from stationmaster.csms.ports import Bus, Clock, Store, Subscription
from stationmaster.csms.settings import CsmsSettings
from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.command import ANSWERED, Command, CommandState, advance
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    ChangeAvailability,
    CommandAnswer,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.ocpp import codec
from stationmaster.ocpp.salvage import Unreadable
from stationmaster.ocpp.version import Version
from stationmaster.session.failures import (
    AnswerUnreadable,
    CallFailed,
    CallRefused,
    CallTimedOut,
    ConnectionLost,
)
from stationmaster.session.session import Session

log = structlog.get_logger(__name__)

_MAX_INT32 = 2**31 - 1
TAKEN = b"taken"
NOT_HERE = b"not here"
NOT_CONNECTED = "the station did not connect in time"


class RawCall(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the station's own version, as an integrator wrote it."""

    action: str
    payload: dict[str, Any]


class CommandDesk:
    """Takes commands in and tells what became of them. Any node has one."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, settings: CsmsSettings, background: Background) -> None:
        self._journal = store.journal
        self._commands = store.reads
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
    ) -> Command:
        """Store a command, and hand it to the node that holds the station. It waits ``lifetime_s`` for a station
        that is not connected, then times out."""
        key = self._keys.take()
        now = self._clock.now()
        if isinstance(request, RequestStartTransaction) and request.remote_start_id == 0:
            request = msgspec.structs.replace(request, remote_start_id=(key - 1) % _MAX_INT32 + 1)
        command = Command(
            key=key,
            station_key=station_key,
            tenant=tenant,
            kind=type(request).__name__,
            request=msgspec.to_builtins(request),
            created_at=now,
            expires_at=now + timedelta(seconds=lifetime_s or self._settings.command_lifetime_s),
            requested_by=requested_by,
        )
        await self._journal.store([command], [changed(command, now)])
        if not await self._hand_over(command):
            self._background.start(self._expire(command))
        return command

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
            late = advance(current, "timed_out", detail=NOT_CONNECTED)
            await self._journal.store([late], [changed(late, self._clock.now())])

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


class Sending:
    """Carries out commands at the node where the station is."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._journal = store.journal
        self._commands = store.reads
        self._clock = clock
        self._under_way: set[int] = set()

    async def carry_out(self, desk: Desk, key: int) -> None:
        """Send a command, if it is still queued, and store how it ended. Asked for twice, it is sent once.

        Raises StorageFailed when even that was not possible.
        """
        if key in self._under_way:
            return
        self._under_way.add(key)
        try:
            command = await self._commands.load_command(key)
            if command is not None and command.state == "queued":
                await self._carry_out(desk, command)
        finally:
            self._under_way.discard(key)

    async def give_up(self, key: int) -> None:
        """A command that was sent before we stopped: whether the station acted on it, nobody knows."""
        command = await self._commands.load_command(key)
        if command is not None and command.state == "sent" and key not in self._under_way:
            await self._store(advance(command, "unknown", detail="we stopped before the answer came"))

    async def _carry_out(self, desk: Desk, command: Command) -> None:
        now = self._clock.now()
        session = desk.session
        if session is None:
            return
        if command.expires_at <= now:
            await self._store(advance(command, "timed_out", detail=NOT_CONNECTED))
            return
        request = request_of(command)
        meaning = raw_meaning(session.version, request) if isinstance(request, RawCall) else request
        reason = objection(desk.state, meaning)
        if reason is not None:
            await self._store(advance(command, "failed", detail=reason))
            return
        sent = advance(command, "sent", sent_at=now)
        await self._store(sent)
        if isinstance(meaning, TriggerMessage):
            desk.expected.add(meaning.requested)
        if meaning is not None:
            desk.effects.expect(sent, meaning)
        state, changes = await _outcome(session, request)
        if isinstance(meaning, TriggerMessage) and state not in _MAY_STILL_TAKE_EFFECT:
            desk.expected.discard(meaning.requested)
        changes["answered_at"] = self._clock.now()
        await self._conclude(desk, sent, state, changes)

    async def _conclude(self, desk: Desk, sent: Command, state: CommandState, changes: dict[str, Any]) -> None:
        """Store the answer. The effect may have been seen before it: then the answer is only added."""
        early = desk.effects.take_early(sent.key)
        if early is not None:
            await self._store(msgspec.structs.replace(early, **changes))
            return
        done = advance(sent, state, **changes)
        if state in _MAY_STILL_TAKE_EFFECT:
            desk.effects.update(done)
        else:
            desk.effects.forget(done)
        await self._store(done)

    async def _store(self, command: Command) -> None:
        await self._journal.store([command], [changed(command, self._clock.now())])


def request_of(command: Command) -> Request | RawCall:
    """The request that a command was made from."""
    return msgspec.convert(command.request, KINDS[command.kind])


def raw_meaning(version: Version, call: RawCall) -> Request | None:
    """What a raw call means in the domain's words, so that blocks may object and its effect be seen; None where this
    side has no words for it."""
    row = dialect_for(version).incoming.get(call.action)
    if row is None:
        return None
    with suppress(Unreadable, Unattributable):
        reading = codec.read_request(version, call.action, msgspec.json.encode(call.payload))
        return row.read(StationFacts(version=version, role="station"), reading.message)
    return None


async def _outcome(session: Session, request: Request | RawCall) -> tuple[CommandState, dict[str, Any]]:
    try:
        if isinstance(request, RawCall):
            return await _raw(session, request)
        answer = await session.perform(request)
    except Unsupported as unsupported:
        return "unsupported", {"detail": unsupported.reason}
    except CallFailed as failure:
        return _failed(failure), {"detail": str(failure)}
    status = answer.status if isinstance(answer, CommandAnswer) else "Accepted"
    accepted = status in ACCEPTING
    return ("accepted" if accepted else "rejected"), {"status": status, "answer": msgspec.to_builtins(answer)}


async def _raw(session: Session, call: RawCall) -> tuple[CommandState, dict[str, Any]]:
    raw = await session.call_raw(call.action, msgspec.json.encode(call.payload))
    answer = msgspec.json.decode(raw, type=dict[str, Any])
    status = answer.get("status")
    refused = isinstance(status, str) and status not in ACCEPTING and status in _REFUSALS
    return ("rejected" if refused else "accepted"), {
        "status": status if isinstance(status, str) else None,
        "answer": answer,
    }


def _failed(failure: CallFailed) -> CommandState:
    """What never left is known not to have been done."""
    if isinstance(failure, ConnectionLost) and not failure.sent:
        return "failed"
    return _FAILURES[type(failure)]


_FAILURES: dict[type[CallFailed], CommandState] = {
    CallTimedOut: "timed_out",
    CallRefused: "failed",
    AnswerUnreadable: "failed",
    ConnectionLost: "unknown",
}
_MAY_STILL_TAKE_EFFECT: frozenset[CommandState] = frozenset({"accepted", "unknown", "timed_out"})
_REFUSALS = frozenset({"Rejected", "NotSupported", "UnlockFailed", "Failed", "NotImplemented", "Unknown"})

KINDS: dict[str, type[Request] | type[RawCall]] = {
    kind.__name__: kind
    for kind in (
        ChangeAvailability,
        RequestStartTransaction,
        RequestStopTransaction,
        Reset,
        TriggerMessage,
        UnlockConnector,
        RawCall,
    )
}
"""What can be asked of a station, by name."""
