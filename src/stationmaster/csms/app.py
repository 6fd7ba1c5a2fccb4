"""The CSMS put together: which block serves which request, which engine fulfils which port."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from stationmaster.csms.admission import Caller, Door, NoVersion, TurnedAway, Welcome
from stationmaster.csms.background import Background
from stationmaster.csms.blocks.authorization import AuthorizeBlock, Judgement
from stationmaster.csms.blocks.availability import notify_event, status_notification
from stationmaster.csms.blocks.matching import Matcher
from stationmaster.csms.blocks.metering import MeterValuesBlock
from stationmaster.csms.blocks.provisioning import BootNotificationBlock, heartbeat
from stationmaster.csms.blocks.transactions import TransactionEventBlock
from stationmaster.csms.commands import CommandDesk
from stationmaster.csms.connections import Connections
from stationmaster.csms.desk import Blocks, Desk
from stationmaster.csms.directory import Directory
from stationmaster.csms.hooks import Hooks
from stationmaster.csms.message_log import LogBuffer
from stationmaster.csms.operations import StationDesk
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.csms.relay import Relay
from stationmaster.csms.sending import Sending
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import (
    Authorize,
    BootNotification,
    Heartbeat,
    MeterValues,
    NotifyEvent,
    StatusNotification,
    TransactionEvent,
)
from stationmaster.domain.records import Presence, Record, UnknownCaller
from stationmaster.domain.station import Station
from stationmaster.transport.handshake import Admission, Refusal, UpgradeRequest
from stationmaster.transport.ports import Connection, Receiver

log = structlog.get_logger(__name__)

NO_COMMON_VERSION = (1002, "no OCPP version in common")
GOING_AWAY = (1001, "the system is shutting down")
UNKNOWN_EVERY = timedelta(seconds=10)
MAX_UNKNOWN = 10_000


def blocks(store: Store, settings: CsmsSettings) -> Blocks:
    """Who decides what."""
    judgement = Judgement(store.reads, settings)
    return {
        BootNotification: BootNotificationBlock(settings),
        Heartbeat: heartbeat,
        StatusNotification: status_notification,
        NotifyEvent: notify_event,
        Authorize: AuthorizeBlock(judgement),
        TransactionEvent: TransactionEventBlock(Matcher(store.reads, store.keys), judgement),
        MeterValues: MeterValuesBlock(store.reads),
    }


def hooks(store: Store, settings: CsmsSettings) -> Hooks:
    """What is done about commands, beside sending them."""
    return {}


class CSMS:
    """One node. ``admit`` and ``connected`` are for transports; ``commands`` and ``stations`` for the API."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, settings: CsmsSettings, pepper: bytes) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._background = Background()
        self._unknown: dict[StationRef, datetime] = {}
        self._relay = Relay(bus)
        self.message_log = LogBuffer(store.message_log, clock) if settings.message_log else None
        self.directory = Directory(blocks(store, settings), store.journal, clock, settings, self._relay.pass_on)
        self.door = Door(self.directory, settings, pepper, self._note_unknown, clock.now)
        sending = Sending(store, clock, hooks(store, settings), self._background)
        self.connections = Connections(store, bus, clock, settings, self.directory, sending, self.message_log)
        self.commands = CommandDesk(store, bus, clock, settings, self._background)
        self.stations = StationDesk(store, bus, clock, self.directory, self.commands, pepper)

    async def start(self) -> None:
        """Know every station, and take up what was under way when the last run ended."""
        self._store.journal.on_committed = self._relay.put
        stations = await self._store.reads.all_stations()
        for station in stations:
            self.directory.add(station)
        await self._note_interrupted(stations)
        await self.commands.take_up()
        self._background.start(self._relay.run())
        if self.message_log is not None:
            self._background.start(self.message_log.run())
        self._background.start(self._keep_presence())
        self._background.start(self.stations.follow_changes())

    async def stop(self) -> None:
        """Close every connection; what was received by then is handled, stored and, where possible, answered."""
        for desk in self.directory:
            if desk.session is not None:
                desk.session.close(*GOING_AWAY)
        for desk in self.directory:
            await desk.lane.drained()
        await self._background.stop()
        if self.message_log is not None:
            await self.message_log.flush()

    def admit(self, request: UpgradeRequest) -> Admission | Refusal:
        """A transport's question at the door."""
        username, password = request.basic_auth or (None, None)
        answer = self.door.answer(
            Caller(
                ref=StationRef(request.tenant, request.identity),
                subprotocols=request.subprotocols,
                username=username,
                password=password,
                credentials_broken=request.authorization_malformed,
                address=request.remote_address,
            )
        )
        if isinstance(answer, TurnedAway):
            return Refusal(status=answer.status, reason=answer.reason)
        if isinstance(answer, NoVersion):
            return Admission(close_at_once=NO_COMMON_VERSION)
        return Admission(subprotocol=answer.subprotocol, context=answer)

    def connected(self, connection: Connection, welcome: Welcome) -> Receiver:
        return self.connections.open(connection, welcome)

    async def _note_interrupted(self, stations: Sequence[Station]) -> None:
        """Those that a crash of ours cut off are not connected, whatever is stored of them."""
        now = self._clock.now()
        cut_off = [station for station in stations if station.is_connected]
        await self._store.journal.store([Presence(station_key=s.key, disconnected_at=now) for s in cut_off])

    def _note_unknown(self, caller: UnknownCaller) -> None:
        """List a caller for the operator to admit; one that knocks all the time is written down now and then."""
        ref = StationRef(caller.tenant, caller.identity)
        last = self._unknown.get(ref)
        if last is not None and caller.at - last < UNKNOWN_EVERY:
            return
        if len(self._unknown) >= MAX_UNKNOWN:
            self._unknown.clear()
        self._unknown[ref] = caller.at
        self._background.start(self._store.journal.store([caller]))

    async def _keep_presence(self) -> None:
        """Heartbeats touch memory only; now and then what they tell is written for all stations together."""
        written: dict[int, datetime] = {}
        while True:
            await self._clock.sleep(self._settings.presence_interval_s)
            seen = [desk for desk in self.directory if desk.last_seen_at not in (None, written.get(desk.key))]
            records: list[Record] = [_presence(desk) for desk in seen]
            for desk in self.directory:
                records += desk.take_oddities()
            try:
                await self._store.journal.store(records)
            except StorageFailed as failed:
                log.error("presence not stored", reason=str(failed))
            else:
                written.update((desk.key, desk.last_seen_at) for desk in seen if desk.last_seen_at)


def _presence(desk: Desk) -> Presence:
    return Presence(station_key=desk.key, last_seen_at=desk.last_seen_at, skew_s=desk.skew_s)
