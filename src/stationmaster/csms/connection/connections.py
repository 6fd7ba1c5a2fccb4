"""Stations come and go: a connection is let in, becomes the station's newest, and is put away when it ends."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.blocks.change_of_version import having_spoken
from stationmaster.csms.commands.sending import NOT_HERE, TAKEN, Sending
from stationmaster.csms.connection.admission import Admitted, Welcome
from stationmaster.csms.connection.desk import Desk, Ticket
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.connection.frame_log import StationWatch
from stationmaster.csms.connection.message_log import LogBuffer
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import StationRef
from stationmaster.domain.records import Event, Presence
from stationmaster.domain.station import Station
from stationmaster.ocpp.version import Version
from stationmaster.session.ports import Connection, Spoken
from stationmaster.session.session import Session, Side

log = structlog.get_logger(__name__)

REPLACED = (1000, "a newer connection of this station took over")
TRY_LATER = (1013, "try again later")

Ended = Callable[[], None]
S = TypeVar("S", bound=Spoken)


class Connections:
    """Of one node."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        settings: CsmsSettings,
        directory: Directory,
        sending: Sending,
        message_log: LogBuffer | None,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._directory = directory
        self._log = message_log
        self._sending = sending

    def open(self, connection: Connection, welcome: Welcome) -> Session:
        """The session of a connection that was just let in. What it receives waits until the station is loaded."""
        desk = self.desk_of(welcome)

        def make(side: Side, ended: Ended) -> Session:
            return Session(connection, welcome.version, side, lane=desk.lane, on_closed=ended)

        return self.begin(desk, welcome.version, make)

    def desk_of(self, admitted: Admitted) -> Desk:
        """Where a station belongs that was let in."""
        return admitted.desk or self._directory.find(admitted.ref) or self._enrol(admitted.ref)

    def begin(self, desk: Desk, version: Version, make: Callable[[Side, Ended], S]) -> S:
        """A new session of a station, in the place of the one before. ``make`` is given what it is to bring along, and
        whom to tell of its end."""
        ticket = Ticket()
        older, desk.ticket, desk.version = desk.session, ticket, str(version)
        session = make(self._side(desk, ticket, desk.facts), partial(self._ended, desk, ticket))
        desk.session = session
        if older is not None:
            older.close(*REPLACED)
        desk.lane.put(partial(self._take_place, desk, ticket, session))
        return session

    def beside(self, desk: Desk, version: Version) -> Side:
        """For a message in another version than that of the newest connection, which it leaves as it is."""
        return self._side(desk, desk.ticket, lambda: desk.state.facts(str(version)))

    def _side(self, desk: Desk, ticket: Ticket, facts: Callable[[], StationFacts]) -> Side:
        return Side(
            facts=facts,
            handlers=desk.handlers(ticket),
            clock=self._clock,
            watch=self.watch(desk),
            strictness=desk.strictness,
            timeout_s=self._settings.call_timeout_s,
        )

    def heard_of(self, desk: Desk) -> None:
        """It may be that it can be called, too, where it could not be before."""
        self._sending.heard_of(desk)

    def _enrol(self, ref: StationRef) -> Desk:
        """Take in a new station, as registration is open."""
        policy = self._settings.policy(ref.tenant)
        desk = self._directory.add(
            Station(
                key=self._store.keys.take(),
                tenant=ref.tenant,
                identity=ref.identity,
                registration=policy.first_status,
                created_at=self._clock.now(),
            )
        )
        desk.stored = False
        return desk

    def watch(self, desk: Desk) -> StationWatch:
        """Who looks over its sessions."""
        station = desk.state.station
        return StationWatch(
            station.key,
            self._log,
            desk.odd,
            self._clock.now,
            mask_tokens=self._settings.policy(station.tenant).mask_id_tokens,
        )

    async def _take_place(self, desk: Desk, ticket: Ticket, session: Spoken) -> None:
        """First in the lane: from here on only this connection may commit, and the aggregate is what is stored."""
        if desk.ticket is not ticket:
            return
        try:
            await self._load(desk, ticket)
            await self._sending.resume(desk, session.version)
        except StorageFailed as failed:
            log.error("station could not be loaded", station=desk.key, reason=str(failed))
            ticket.is_void = True
            session.close(*TRY_LATER)
            return
        desk.stop_serving()
        desk.stop_serving = await self._bus.serve(subjects.station(desk.key), partial(self._serve, desk))
        self._sending.begin_with_what_waits(desk)

    async def _load(self, desk: Desk, ticket: Ticket) -> None:
        journal, now = self._store.journal, self._clock.now()
        if not desk.stored:
            await self._register(desk)
        station = desk.state.station
        ticket.generation = await journal.register_connection(station.key)
        if ticket.generation != desk.loaded_generation + 1:  # somebody else served it since, or nobody yet
            loaded = await self._store.reads.load(station.key)
            if loaded is not None:
                desk.state, desk.callback = loaded, loaded.station.callback
        desk.loaded_generation = ticket.generation
        desk.state = having_spoken(desk.state, desk.version)
        station = msgspec.structs.replace(desk.state.station, version=desk.version, connected_at=now)
        desk.state = msgspec.structs.replace(desk.state, station=station)
        await journal.store(
            [Presence(station_key=station.key, version=desk.version, connected_at=now, last_seen_at=now)],
            [_told("StationConnected", desk, self._clock, {"version": desk.version})],
        )

    async def _register(self, desk: Desk) -> None:
        """Store a station that was taken in at the door, whichever of its connections gets this far first."""
        station = desk.state.station
        registered = Event(
            kind="StationRegistered",
            tenant=station.tenant,
            station_key=station.key,
            at=self._clock.now(),
            data={"identity": station.identity},
        )
        await self._store.journal.store([station], [registered])
        desk.stored = True

    def _ended(self, desk: Desk, ticket: Ticket) -> None:
        if desk.ticket is ticket:
            desk.session = None
            desk.lane.put(partial(self._put_away, desk, ticket))

    async def _put_away(self, desk: Desk, ticket: Ticket) -> None:
        if desk.ticket is not ticket:
            return
        desk.stop_serving()
        now = self._clock.now()
        gone = Presence(station_key=desk.key, disconnected_at=now, last_seen_at=desk.last_seen_at, skew_s=desk.skew_s)
        try:
            await self._store.journal.store(
                [gone, *desk.take_oddities()], [_told("StationDisconnected", desk, self._clock, {})]
            )
        except StorageFailed as failed:
            log.error("disconnection not stored", station=desk.key, reason=str(failed))

    async def _serve(self, desk: Desk, body: bytes) -> bytes:
        """The command port: another part of the system has a command for this station."""
        if desk.session is None:
            return NOT_HERE
        self._sending.begin(desk, msgspec.json.decode(body, type=int))
        return TAKEN


def _told(kind: str, desk: Desk, clock: Clock, data: dict[str, object]) -> Event:
    station = desk.state.station
    return Event(kind=kind, tenant=station.tenant, station_key=station.key, at=clock.now(), data=data)
