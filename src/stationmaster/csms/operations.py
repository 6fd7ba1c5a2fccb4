"""What operators do to stations: admit, change, remove. Every node hears of it and corrects its directory."""

from typing import Any

import msgspec

from stationmaster.csms import subjects
from stationmaster.csms.commands import CommandDesk
from stationmaster.csms.directory import Directory
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import TriggerMessage
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event
from stationmaster.domain.station import Station
from stationmaster.security.station_passwords import hash_password

CHANGED = "StationChanged"


class AlreadyThere(Exception):
    """A station of this identity exists in the tenant."""


class StationDesk:
    """Any node has one."""

    def __init__(
        self, store: Store, bus: Bus, clock: Clock, directory: Directory, commands: CommandDesk, pepper: bytes
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._directory = directory
        self._commands = commands
        self._pepper = pepper

    async def create(self, ref: StationRef, password: str | None = None, **fields: Any) -> Station:
        """Admit a station. Raises AlreadyThere."""
        if self._directory.find(ref) is not None:
            raise AlreadyThere(str(ref))
        station = Station(
            key=self._store.keys.take(),
            tenant=ref.tenant,
            identity=ref.identity,
            created_at=self._clock.now(),
            password_hash=self._hashed(password),
            **fields,
        )
        await self._save(station, "created")
        return station

    async def change(self, station: Station, password: str | None = None, **fields: Any) -> Station:
        """Change what an operator may. A registration that becomes Accepted asks the station to boot again (B02)."""
        if password is not None:
            fields["password_hash"] = self._hashed(password)
        changed = msgspec.structs.replace(station, **fields)
        await self._save(changed, "changed")
        if changed.registration == "Accepted" and station.registration != "Accepted":
            boot = TriggerMessage(requested="BootNotification")
            await self._commands.submit(changed.tenant, changed.key, boot, requested_by="registration")
        return changed

    async def follow_changes(self) -> None:
        """Keep this node's directory true to what any node's operator changed."""
        async for message in self._bus.subscribe(subjects.events(CHANGED)):
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            station = await self._store.reads.station(event.tenant, event.station_key or 0)
            if station is not None:
                self._directory.add(station)

    async def _save(self, station: Station, what: str) -> None:
        now = self._clock.now()
        data = {"what": what, "identity": station.identity, "registration": station.registration}
        event = Event(kind=CHANGED, tenant=station.tenant, station_key=station.key, at=now, data=data)
        await self._store.journal.store([station], [event])
        self._directory.add(station)

    def _hashed(self, password: str | None) -> str | None:
        return None if password is None else hash_password(password, self._pepper)
