"""One station's place on this node: its aggregate, its lane, its connection, and how its requests are decided.

*Decide in memory, write together, answer after*: a request is decided from the aggregate, the decision is committed
with those of other stations, and only then are the aggregate replaced and the station answered. If the commit fails
the aggregate stays as it was, and the station is told to try again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec
import structlog

from stationmaster.csms.blocks import Block
from stationmaster.csms.commands.effects import Effects
from stationmaster.csms.connection.clock_watch import ClockWatch
from stationmaster.csms.connection.gate import Triggered, has_registered, refused
from stationmaster.csms.ports import Clock, Journal
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.decision import Decision, Passing, with_more
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.failures import StaleGeneration
from stationmaster.domain.messages import Answer, Request
from stationmaster.domain.records import Event, Oddity, Record
from stationmaster.domain.station import Place, Station, StationState, Strictness
from stationmaster.ocpp.errors import ErrorKind, OCPPError, Unavailable
from stationmaster.session.lane import Lane
from stationmaster.session.later import Later
from stationmaster.session.ports import Spoken
from stationmaster.session.responder import Handler

log = structlog.get_logger(__name__)

Blocks = Mapping[type[Request], Block]
Decide = Callable[[StationState, datetime], Decision | None]
_MAX_ODDITIES = 50
_TAKEN_OVER = "a newer connection of this station has taken over; send it again"
"""Who spoke over a line does not hear it any more; who posted it, does."""


class Ticket:
    """What one connection of a station may do while it is the newest. Its generation is known once it is on disk; void
    is one for which the station could not be loaded."""

    __slots__ = ("generation", "is_void")

    def __init__(self) -> None:
        self.generation = 0
        self.is_void = False


def _nothing() -> None:
    """Nothing is served while no connection is there."""


class Desk:
    """Lives as long as the node knows the station; holds a session only while it is connected."""

    __slots__ = (
        "_blocks",
        "_clock",
        "_clock_watch",
        "_facts",
        "_journal",
        "_learned",
        "_oddities",
        "_pass_on",
        "_settings",
        "callback",
        "effects",
        "expected",
        "key",
        "lane",
        "last_seen_at",
        "loaded_generation",
        "session",
        "state",
        "stop_serving",
        "stored",
        "ticket",
        "version",
    )

    def __init__(
        self,
        state: StationState,
        blocks: Blocks,
        journal: Journal,
        clock: Clock,
        settings: CsmsSettings,
        pass_on: Callable[[int, Passing], None],
    ) -> None:
        self.state = state
        self.key = state.key
        self.lane = Lane()
        self.session: Spoken | None = None
        self.ticket = Ticket()
        self.version = state.station.version or ""
        self.last_seen_at: datetime | None = None
        self.callback = state.station.callback
        self.loaded_generation = -1
        self.stop_serving: Callable[[], None] = _nothing
        self.stored = True
        self.effects = Effects()
        self.expected = Triggered()
        self._blocks = blocks
        self._journal = journal
        self._pass_on = pass_on
        self._clock = clock
        self._facts = StationFacts(version="", role="csms")
        self._learned: Mapping[str, str] = {}
        self._settings = settings
        self._clock_watch = ClockWatch(settings.skew_warning_s)
        self._oddities: list[Oddity] = []

    @property
    def is_loaded(self) -> bool:
        """Whether the aggregate is what is stored; until the station has been here it is its name alone."""
        return self.loaded_generation >= 0

    @property
    def skew_s(self) -> float | None:
        return self._clock_watch.skew_s

    def facts(self) -> StationFacts:
        learned = self.state.learned
        if learned is not self._learned or self._facts.version != self.version:
            self._facts, self._learned = self.state.facts(self.version), learned
        return self._facts

    def strictness(self) -> Strictness:
        return self.state.station.strictness or self._settings.strictness

    def refresh(self, station: Station) -> None:
        """Take over what an operator changed; not while a decision is under way, which would undo it."""
        if self.lane.idle:
            self._refresh(station)
        else:
            self.lane.put(partial(self._refresh_in_turn, station))

    async def _refresh_in_turn(self, station: Station) -> None:
        self._refresh(station)

    def _refresh(self, station: Station) -> None:
        """What only this desk knows (boot, version) is kept."""
        known = self.state.station
        station = msgspec.structs.replace(
            station, info=known.info, boot_reason=known.boot_reason, booted_at=known.booted_at, version=known.version
        )
        self.state = msgspec.structs.replace(self.state, station=station)

    def rename(self, eids: Mapping[Place, str]) -> None:
        """Take over what an operator calls the EVSEs. Only from within the lane."""
        self.state = msgspec.structs.replace(self.state, eids=eids)

    async def settle(self, decide: Decide, records: Sequence[Record] = (), events: Sequence[Event] = ()) -> None:
        """Decide something of our own in the lane, and commit it together with more. Raises StorageFailed."""
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lane.put(partial(self._settle, decide, tuple(records), tuple(events), settled))
        await settled

    async def _settle(
        self, decide: Decide, records: tuple[Record, ...], events: tuple[Event, ...], settled: asyncio.Future[None]
    ) -> None:
        try:
            decision = decide(self.state, self._clock.now()) or Decision()
            await self._journal.store((*decision.records, *records), (*decision.events, *events))
            if decision.state is not None:
                self.state = decision.state
        except Exception as error:  # a job in the lane must not raise: it is whoever waits who is told
            if not settled.done():
                settled.set_exception(error)
        else:
            if not settled.done():
                settled.set_result(None)

    def handlers(self, ticket: Ticket) -> dict[type[Request], Handler]:
        """What a session does with each request: the block decides, this desk commits."""
        return {kind: partial(self._handle, ticket, block) for kind, block in self._blocks.items()}

    def odd(self, oddity: Oddity) -> None:
        """Stored with the next decision; beyond a bound only the newest are kept."""
        self._oddities.append(oddity)
        del self._oddities[:-_MAX_ODDITIES]

    def take_oddities(self) -> tuple[Oddity, ...]:
        taken, self._oddities = tuple(self._oddities), []
        return taken

    def _handle(self, ticket: Ticket, block: Block, request: Request) -> Answer | Later | Awaitable[Answer]:
        at = self._clock.now()
        self.last_seen_at = at
        self._look_at(ticket, request, at)
        decision = block(self.state, request, at)
        if isinstance(decision, Decision):  # nearly always: memory knew enough
            return self._commit(ticket, request, decision, at)
        return self._commit_when_decided(ticket, request, decision, at)

    async def _commit_when_decided(
        self, ticket: Ticket, request: Request, decision: Awaitable[Decision], at: datetime
    ) -> Answer:
        outcome = self._commit(ticket, request, await decision, at)
        return await outcome if isinstance(outcome, Later) else outcome

    def _commit(self, ticket: Ticket, request: Request, decision: Decision, at: datetime) -> Answer | Later:
        if self.effects.pending:
            decision = self.effects.seen_in(decision, request, at)
        if self._oddities:
            decision = with_more(decision, self.take_oddities())
        if not (decision.records or decision.events):
            if decision.passing is not None:
                self._pass_on(self.key, decision.passing)
            return decision.answer
        later = Later()
        done = partial(self._committed, later)
        self._journal.submit(decision, done, station_key=self.key, generation=ticket.generation)
        return later

    def _committed(self, later: Later, outcome: Decision | Exception) -> None:
        if isinstance(outcome, Exception):
            later.settle(self._refusal(outcome))
            return
        if outcome.state is not None:
            self.state = outcome.state
        if outcome.passing is not None:
            self._pass_on(self.key, outcome.passing)
        later.settle(outcome.answer)

    def _refusal(self, error: Exception) -> OCPPError:
        if isinstance(error, StaleGeneration):
            return Unavailable(_TAKEN_OVER)
        log.error("not stored", station=self.key, reason=str(error))
        return Unavailable("the message could not be stored; send it again")

    def _look_at(self, ticket: Ticket, request: Request, at: datetime) -> None:
        """Refuse what may not be sent now, and note how far the station's clock is off."""
        if ticket is not self.ticket:
            raise Unavailable(_TAKEN_OVER)
        if ticket.is_void:
            raise Unavailable("the station could not be loaded; send it again")
        if not has_registered(self.state.station):
            self._refuse_too_early(request, at)
        oddity = self._clock_watch.look(self.key, request, at)
        if oddity is not None:
            self.odd(oddity)

    def _refuse_too_early(self, request: Request, at: datetime) -> None:
        reason = refused(self.state, request, self.expected, self.strictness(), at)
        if reason is not None:
            self.odd(Oddity(station_key=self.key, at=at, kind="too_early", action=None, detail=reason))
            raise OCPPError(ErrorKind.SECURITY, reason)
