"""Carrying out commands where the station is: what speaks against them, what they cause, what became of them."""

from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
import structlog

from stationmaster.csms.background import Background
from stationmaster.csms.blocks.remote_control import ACCEPTING, agrees, is_fulfilled, objection
from stationmaster.csms.commands.effects import LONGEST_PATIENCE, changed
from stationmaster.csms.commands.hooks import NO_HOOK, Hooks, Objection
from stationmaster.csms.commands.kinds import KINDS, RawCall
from stationmaster.csms.commands.retries import Retries
from stationmaster.csms.connection.desk import Decide, Desk
from stationmaster.csms.connection.masking import fit_to_keep
from stationmaster.csms.ports import Clock, Store
from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.command import AWAITS_EFFECT, Command, CommandState, advance
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer, CommandAnswer, Request, TriggerMessage
from stationmaster.ocpp import codec
from stationmaster.ocpp.salvage import Unreadable
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation
from stationmaster.session.failures import (
    AnswerUnreadable,
    CallFailed,
    CallRefused,
    CallTimedOut,
    ConnectionLost,
    Unreachable,
)
from stationmaster.session.ports import Spoken

log = structlog.get_logger(__name__)

TAKEN = b"taken"
NOT_HERE = b"not here"
NOT_CONNECTED = "the station did not connect in time"


class Sending:
    """Carries out commands at the node where the station is."""

    def __init__(self, store: Store, clock: Clock, hooks: Hooks, background: Background) -> None:
        self._hooks = hooks
        self._background = background
        self._journal = store.journal
        self._commands = store.reads
        self._clock = clock
        self._under_way: set[int] = set()
        self._retries: Retries[Desk] = Retries(clock, background, self.begin_with_what_waits)

    def begin(self, desk: Desk, key: int) -> None:
        """Carry out a command; nobody waits for it."""
        self._background.start(self.carry_out(desk, key))

    def begin_with_what_waits(self, desk: Desk) -> None:
        """Carry out the commands that were queued while the station was away."""
        self._background.start(self._send_what_waits(desk))

    def heard_of(self, desk: Desk) -> None:
        """A station showed a sign of life: what could not be sent to it may be tried again at once."""
        if self._retries.pauses(desk):
            self.begin_with_what_waits(desk)

    def call_again(self, desk: Desk) -> None:
        """A station is called at another address from now on: what was wrong with the one before counts no more."""
        self._retries.reached(desk)
        self.begin_with_what_waits(desk)

    async def _send_what_waits(self, desk: Desk) -> None:
        reachable = True
        for command in await self._commands.unfinished_commands(desk.key):
            if command.state == "queued" and (reachable or command.expires_at <= self._clock.now()):
                reachable = await self.carry_out(desk, command.key) and reachable

    async def carry_out(self, desk: Desk, key: int) -> bool:
        """Send a command, if it is still queued, and store how it ended. Asked for twice, it is sent once. False: the
        station cannot be reached, and it waits.

        Raises StorageFailed when even that was not possible.
        """
        if key in self._under_way:
            return True
        self._under_way.add(key)
        try:
            command = await self._commands.load_command(key)
            return command is None or command.state != "queued" or await self._carry_out(desk, command)
        finally:
            self._under_way.discard(key)

    async def resume(self, desk: Desk, version: Version) -> None:
        """Know again what a station was asked before this connection. Only from within the lane, before its first
        message is handled: that one may be the effect.

        A command that was sent before we stopped is not repeated: whether the station acted on it, nobody knows until
        its effect is seen. What is stored is the truth of all but those that are under way here.
        """
        busy = set(self._under_way)
        found = await self._commands.commands_in_hand(desk.key, self._clock.now() - LONGEST_PATIENCE)
        busy |= self._under_way
        desk.effects.forget_others(busy)
        for command in found:
            if command.key not in busy and command.sent_at is not None:
                await self._expect_again(desk, version, command)

    async def _expect_again(self, desk: Desk, version: Version, command: Command) -> None:
        if command.state == "sent":
            command = advance(command, "unknown", detail="we stopped before the answer came")
            await self._store(command)
        try:
            meaning = meaning_of(version, request_of(command))
        except (LookupError, msgspec.ValidationError) as error:
            log.warning("a stored command is not understood", command=command.key, reason=str(error))
            return
        if meaning is not None:
            _look_out_for(desk, command, meaning)

    async def _carry_out(self, desk: Desk, command: Command) -> bool:
        """See ``carry_out``."""
        if command.expires_at <= self._clock.now():
            await self._store(advance(command, "timed_out", detail=command.detail or NOT_CONNECTED))
            return True
        session = desk.session
        if session is None:
            if command.detail is not None:  # nobody else sees to it that it ends in its time
                self._retries.unreachable(desk)
            return True
        request = request_of(command)
        meaning = meaning_of(session.version, request)
        hook = self._hooks.get(type(meaning), NO_HOOK)
        reason = _outdated(session, request) or objection(desk.state, meaning) or hook.objects(desk.state, meaning)
        if reason is not None:
            await self._store(advance(command, "failed", detail=reason))
            return True
        if not await self._can_leave(desk, session, command):
            return False
        await self._send(desk, session, command, request, meaning)
        return True

    async def _send(
        self, desk: Desk, session: Spoken, command: Command, request: Request | RawCall, meaning: Request | None
    ) -> None:
        hook = self._hooks.get(type(meaning), NO_HOOK)
        sent = advance(command, "sent", sent_at=self._clock.now(), detail=None)
        try:
            await self._settle(desk, sent, hook.before and partial(hook.before, request=meaning, command=sent))
        except Objection as objected:
            await self._store(advance(command, "failed", detail=str(objected)))
            return
        if meaning is not None:
            _look_out_for(desk, sent, meaning)
        if hook.complete is not None and not isinstance(request, RawCall):
            request = hook.complete(desk.state, request, sent)
        state, changes, answer = await _outcome(session, desk.facts(), request, meaning)
        if isinstance(meaning, TriggerMessage) and state not in AWAITS_EFFECT:
            desk.expected.withdraw(meaning)
        changes["answered_at"] = self._clock.now()
        if state == "accepted" and meaning is not None and is_fulfilled(desk.state, meaning, answer):
            state, changes["effect_at"] = "effect_seen", changes["answered_at"]
        learn = None
        if hook.after is not None and answer is not None:
            learn = partial(hook.after, request=meaning, answer=answer, command=sent)
        elif hook.unanswered is not None and answer is None:
            learn = partial(hook.unanswered, request=meaning, command=sent, outcome=state)
        await self._conclude(desk, sent, state, changes, learn)

    async def _can_leave(self, desk: Desk, session: Spoken, command: Command) -> bool:
        """Whether a call can leave; else the command stays queued, and is taken up again after a while, or when the
        station is heard of."""
        try:
            await session.ready()
        except Unreachable as unreachable:
            why = f"the station cannot be reached: {unreachable}"
            if command.detail != why:
                await self._store(msgspec.structs.replace(command, detail=why))
            self._retries.unreachable(desk)
            return False
        self._retries.reached(desk)
        return desk.session is session

    async def _conclude(
        self, desk: Desk, sent: Command, state: CommandState, changes: dict[str, Any], learn: Decide | None
    ) -> None:
        """Store the answer. The effect may have been seen before it: then the answer is only added."""
        early = desk.effects.take_early(sent.key)
        if early is not None:
            await self._settle(desk, msgspec.structs.replace(early, **changes), learn)
            return
        why = desk.effects.take_in_vain(sent.key)
        done = advance(sent, state, **changes)
        if why is not None and state == "accepted":
            done = advance(done, "no_effect", detail=why)
        if state in AWAITS_EFFECT:
            desk.effects.update(done)
        else:
            desk.effects.forget(done)
        await self._settle(desk, done, learn)

    async def _settle(self, desk: Desk, command: Command, decide: Decide | None) -> None:
        """Store the command's new state, together with what a block makes of it."""
        if decide is None:
            await self._store(command)
        else:
            await desk.settle(decide, [fit_to_keep(command)], [changed(command, self._clock.now())])

    async def _store(self, command: Command) -> None:
        await self._journal.store([fit_to_keep(command)], [changed(command, self._clock.now())])


def _outdated(session: Spoken, request: Request | RawCall) -> str | None:
    """Why a message must not go to a station that has changed its version since it was written."""
    if not isinstance(request, RawCall) or request.version in (None, str(session.version)):
        return None
    return f"it was written for OCPP {request.version}, and the station speaks OCPP {session.version}"


def _look_out_for(desk: Desk, sent: Command, meaning: Request) -> None:
    """From now on the station may show that it does what it was asked."""
    desk.effects.expect(sent, meaning)
    if isinstance(meaning, TriggerMessage) and sent.sent_at is not None:
        desk.expected.expect(meaning, sent.sent_at)


def request_of(command: Command) -> Request | RawCall:
    """The request that a command was made from. Raises KeyError and msgspec.ValidationError for one that another
    release of ours has stored."""
    return msgspec.convert(command.request, KINDS[command.kind])


def meaning_of(version: Version, request: Request | RawCall) -> Request | None:
    """What is asked, in the domain's words, so that blocks may object and its effect be seen; None for a raw call that
    this side has no words for."""
    return _raw_meaning(version, request) if isinstance(request, RawCall) else request


def _raw_meaning(version: Version, call: RawCall) -> Request | None:
    row = dialect_for(version).incoming.get(call.action)
    if row is None:
        return None
    with suppress(Unreadable, Unattributable):
        reading = codec.read_request(version, call.action, msgspec.json.encode(call.payload))
        return row.read(StationFacts(version=version, role="station"), reading.message)
    return None


_Outcome = tuple[CommandState, dict[str, Any], Answer | None]
"""The command's next state, what else changes of it, and the answer in the domain's words."""


async def _outcome(
    session: Spoken, facts: StationFacts, request: Request | RawCall, meaning: Request | None
) -> _Outcome:
    try:
        if isinstance(request, RawCall):
            return await _raw(session, facts, request, meaning)
        broken: list[Violation] = []
        answer = await session.perform(request, broken=broken)
    except Unsupported as unsupported:
        return "unsupported", {"detail": unsupported.reason}, None
    except CallFailed as failure:
        return _failed(failure), {"detail": str(failure)}, None
    status = answer.status if isinstance(answer, CommandAnswer) else "Accepted"
    told = {"status": status, "answer": msgspec.to_builtins(answer)}
    if broken:  # the status may be what was made of it, not what the station said
        told["detail"] = f"the answer breaks the schema: {broken[0].path}: {broken[0].detail}"
    return ("accepted" if agrees(type(request).__name__, status) else "rejected"), told, answer


async def _raw(session: Spoken, facts: StationFacts, call: RawCall, meaning: Request | None) -> _Outcome:
    raw = await session.call_raw(call.action, msgspec.json.encode(call.payload))
    answer = msgspec.json.decode(raw, type=dict[str, Any])
    status = answer.get("status")
    refused = isinstance(status, str) and status not in ACCEPTING and status in _REFUSALS
    told = {"status": status if isinstance(status, str) else None, "answer": answer}
    understood = _understood(session.version, facts, call.action, meaning, raw) if meaning is not None else None
    return ("rejected" if refused else "accepted"), told, understood


def _understood(version: Version, facts: StationFacts, action: str, meaning: Request, raw: bytes) -> Answer | None:
    """The answer to a raw call in the domain's words, where its request is one call of this side's own."""
    row = dialect_for(version).outgoing.get(type(meaning))
    if row is None:
        return None
    exchange = row(facts, meaning)
    try:
        if next(exchange).action == action:
            exchange.send(codec.read_response(version, action, raw).message)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    except (Unreadable, Unsupported):
        return None
    finally:
        exchange.close()
    return None


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
    Unreachable: "failed",
}
_REFUSALS = frozenset(
    {
        *("Rejected", "NotSupported", "UnlockFailed", "Failed", "NotImplemented", "Unknown"),
        *("InvalidCertificate", "RevokedCertificate", "NoFirmware", "DownloadOngoing"),
    }
)
