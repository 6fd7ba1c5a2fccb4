"""What operators do to stations: admit, change, name. Every node hears of it and corrects what it knows."""

from functools import partial
from typing import Any

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.domain.abilities import abilities_of
from stationmaster.domain.callback import AddressCheck
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import TriggerMessage
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event, EvseName
from stationmaster.domain.station import Station
from stationmaster.security.station_passwords import hash_password

log = structlog.get_logger(__name__)

CHANGED = "StationChanged"


class AlreadyThere(Exception):
    """A station of this identity exists in the tenant."""


class AddressRefused(Exception):
    """Stations are not called there; the text says why."""


class StationDesk:
    """Any node has one. ``check``: of addresses at which stations are to be called."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        directory: Directory,
        commands: CommandDesk,
        pepper: bytes,
        check: AddressCheck,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._directory = directory
        self._commands = commands
        self._pepper = pepper
        self._check = check
        self._being_made: set[StationRef] = set()
        self._has_followed = False

    async def create(self, ref: StationRef, password: str | None = None, **fields: Any) -> Station:
        """Admit a station. Raises AlreadyThere."""
        if self._directory.find(ref) is not None or ref in self._being_made:
            raise AlreadyThere(str(ref))
        station = Station(
            key=self._store.keys.take(),
            tenant=ref.tenant,
            identity=ref.identity,
            created_at=self._clock.now(),
            password_hash=self._hashed(password),
            **fields,
        )
        self._being_made.add(ref)
        try:
            await self._save(station, "created")
        except StorageFailed:
            if await self._store.reads.find_station(ref.tenant, ref.identity) is not None:  # another was faster
                raise AlreadyThere(str(ref)) from None
            raise
        finally:
            self._being_made.discard(ref)
        return station

    async def change(self, station: Station, password: str | None = None, **fields: Any) -> Station:
        """Change what an operator may. A registration that becomes Accepted asks the station to boot again (B02).

        Raises AddressRefused for one at which no station is called.
        """
        override = fields.get("callback_override")
        why_not = None if override is None else self._check(override)
        if why_not is not None:
            raise AddressRefused(why_not)
        if password is not None:
            fields["password_hash"] = self._hashed(password)
        changed = msgspec.structs.replace(station, **fields)
        await self._save(changed, "changed")
        if changed.registration == "Accepted" and station.registration != "Accepted":
            await self._ask_to_boot(changed)
        return changed

    async def _ask_to_boot(self, station: Station) -> None:
        """What cannot be asked boots by itself, in its interval."""
        if abilities_of(station.version).takes_triggers:
            boot = TriggerMessage(requested="BootNotification")
            await self._commands.submit(station.tenant, station.key, boot, requested_by="registration")

    async def name_evse(self, station: Station, evse_id: int, connector_id: int, eid: str | None) -> None:
        """Set the EVSE id by which roaming partners know a Connector (connector 0: the whole EVSE); None takes it away.
        It holds for transactions that begin from now on."""
        name = EvseName(station_key=station.key, evse_id=evse_id, connector_id=connector_id, eid=eid)
        more = {"evse_id": evse_id, "connector_id": connector_id, "eid": eid}
        await self._store.journal.store([name], [self._changed(station, "evse_named", **more)])
        self._name_again(station.key)

    async def follow_changes(self) -> None:
        """Keep this node's directory true to what any node's operator changed. Run again after a failure, it makes up
        for what it missed."""
        changes = self._bus.subscribe(subjects.events(CHANGED))
        if self._has_followed:
            for known in await self._store.reads.all_stations():
                self._directory.add(known)
        self._has_followed = True
        async for message in changes:
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            station = await self._store.reads.station(event.tenant, event.station_key or 0)
            if station is not None:
                self._directory.add(station)
                if event.data.get("what") == "evse_named":
                    self._name_again(station.key)

    async def _save(self, station: Station, what: str) -> None:
        await self._store.journal.store([station], [self._changed(station, what)])
        self._directory.add(station)

    def _changed(self, station: Station, what: str, **more: Any) -> Event:
        data = {"what": what, "identity": station.identity, "registration": station.registration, **more}
        return Event(kind=CHANGED, tenant=station.tenant, station_key=station.key, at=self._clock.now(), data=data)

    def _name_again(self, station_key: int) -> None:
        """In the lane: what is decided from the aggregate until then goes first, and does not overwrite it."""
        desk = self._directory.get(station_key)
        if desk is not None:
            desk.lane.put(partial(self._load_names, desk))

    async def _load_names(self, desk: Desk) -> None:
        try:
            desk.rename(await self._store.reads.evse_names(desk.key))
        except Exception:  # a job in the lane must not raise; the next connection loads them again
            log.exception("EVSE ids not loaded", station=desk.key)

    def _hashed(self, password: str | None) -> str | None:
        return None if password is None else hash_password(password, self._pepper)
