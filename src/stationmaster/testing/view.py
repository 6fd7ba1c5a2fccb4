"""One station of a bench as its operator sees it: what is stored of it, and what is asked of it."""

from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.csms.app import CSMS
from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.command import Command
from stationmaster.domain.device_model.variables import KnownVariable, VariableFilter
from stationmaster.domain.messages import Request
from stationmaster.domain.monitoring.alarms import Alarm, StationEvent
from stationmaster.domain.monitoring.monitors import Monitor
from stationmaster.domain.monitoring.queries import AlarmFilter, StationEventFilter
from stationmaster.domain.queries import OddityFilter, PageRequest, TransactionFilter
from stationmaster.domain.records import Conflict, Event, Oddity, Reading, TransactionEventRecord
from stationmaster.domain.station import Connector, Station
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.domain.transactions.transaction_status import TransactionStatus
from stationmaster.storage.readers import fetch
from stationmaster.storage.rows import to_reading
from stationmaster.storage.schema.core import readings
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.storage.statements import compiled

_ALL = PageRequest(limit=1000)
_READINGS = compiled(
    sa.select(*readings.c[1:])
    .where(readings.c.station_key == sa.bindparam("station_key"))
    .order_by(readings.c.taken_at, readings.c.key)
)


class StationView:
    """Reads from the store, so that what it shows survived the commit. Up to 1000 of anything."""

    def __init__(self, csms: CSMS, storage: SQLiteStorage, station: Station) -> None:
        self.tenant = station.tenant
        self.key = station.key
        self._csms = csms
        self._storage = storage

    # What is stored

    async def station(self) -> Station:
        """The station as it is on disk."""
        found = await self._storage.reads.station(self.tenant, self.key)
        if found is None:
            raise KeyError(self.key)
        return found

    async def connectors(self) -> dict[tuple[int, int], Connector]:
        """By EVSE and connector."""
        found = await self._storage.reads.connectors(self.tenant, self.key)
        return {(connector.evse_id, connector.connector_id): connector for connector in found}

    async def status(self, evse_id: int = 1, connector_id: int = 1) -> str:
        """A Connector's status word. Raises KeyError for one that was never heard of."""
        return (await self.connectors())[evse_id, connector_id].status

    async def transactions(self) -> Sequence[Transaction]:
        """The oldest first."""
        query = TransactionFilter(tenant=self.tenant, station_key=self.key)
        return (await self._storage.reads.transactions(query, _ALL)).items[::-1]

    async def transaction(self, wire_id: str | None = None) -> Transaction:
        """The one with this id, or the only one there is. Raises LookupError."""
        found = [tx for tx in await self.transactions() if wire_id in (None, tx.wire_id)]
        if len(found) != 1:
            raise LookupError(f"{len(found)} transactions {wire_id or ''}")
        return found[0]

    async def told_of(self, transaction: Transaction) -> TransactionStatus | None:
        """What the station said of a transaction when it was asked last; None: it never was."""
        return (await self._storage.reads.transaction_statuses(self.tenant, [transaction.key])).get(transaction.key)

    async def events(self, transaction: Transaction) -> Sequence[TransactionEventRecord]:
        """The evidence, in the order of arrival."""
        return (await self._storage.reads.transaction_events(self.tenant, transaction.key, _ALL)).items

    async def readings(self) -> Sequence[Reading]:
        """In and out of transactions, in the order of the station's time."""
        return await self._storage.journal.run(
            lambda writing: [to_reading(row) for row in fetch(writing.connection, _READINGS, station_key=self.key)]
        )

    async def told(self, kind: str) -> Sequence[Event]:
        """What the outbox holds of this station and kind, the oldest first."""
        committed = await self._storage.outbox.after(0, limit=1000)
        return [entry.event for entry in committed if (entry.event.kind, entry.event.station_key) == (kind, self.key)]

    async def oddities(self, kind: str | None = None) -> Sequence[Oddity]:
        """The newest first; those not yet stored come with the station's next message."""
        query = OddityFilter(tenant=self.tenant, station_key=self.key, kind=kind)
        return [logged.oddity for logged in (await self._storage.reads.oddities(query, _ALL)).items]

    async def variables(self) -> Sequence[KnownVariable]:
        """What is known of its device model, by address."""
        query = VariableFilter(tenant=self.tenant, station_key=self.key)
        return (await self._storage.reads.variables(query, _ALL)).items

    async def monitors(self) -> Sequence[Monitor]:
        """By id."""
        return [known.monitor for known in await self._storage.reads.monitors(self.key)]

    async def alarms(self, *, is_open: bool | None = None) -> Sequence[Alarm]:
        """Open ones first, the worst of them first; then the newest."""
        query = AlarmFilter(tenant=self.tenant, station_key=self.key, open=is_open)
        return [seen.alarm for seen in (await self._storage.reads.alarms(query, _ALL)).items]

    async def station_events(self) -> Sequence[StationEvent]:
        """The oldest first."""
        query = StationEventFilter(tenant=self.tenant, station_key=self.key)
        return [stored.event for stored in (await self._storage.reads.station_events(query, _ALL)).items][::-1]

    async def conflicts(self) -> Sequence[Conflict]:
        """The newest first."""
        found = await self._storage.reads.conflicts(self.tenant, self.key, _ALL)
        return [stored.conflict for stored in found.items]

    # What is asked

    async def ask(self, request: Request | RawCall, *, lifetime_s: float | None = None) -> Command:
        """Submit a command to the station."""
        return await self._csms.commands.submit(self.tenant, self.key, request, lifetime_s=lifetime_s)

    async def outcome(self, command: Command, timeout_s: float = 10.0) -> Command:
        """The command once the station has answered it, or as it is when the time is up."""
        return await self._csms.commands.wait(command, timeout_s)

    async def command(self, command: Command) -> Command:
        """The command as it is now. Raises KeyError."""
        found = await self._csms.commands.get(self.tenant, self.key, command.key)
        if found is None:
            raise KeyError(command.key)
        return found
