"""Does the CSMS have what it answered for? Its books, read beside the running server, mostly in plain SQL."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from crash_deals import Deal
from crash_station import RecordingStation

from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.domain.queries import MAX_PAGE, PageRequest, TransactionFilter
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.readers import PooledReaders
from stationmaster.storage.reads import Reads

ALL = PageRequest(limit=MAX_PAGE)
EPOCH = datetime.fromtimestamp(0, UTC)
_TRANSACTION = """
SELECT transactions.key FROM transactions JOIN stations ON stations.key = transactions.station_key
WHERE stations.tenant = ? AND stations.identity = ? AND transactions.wire_id = ?
"""
_EVENTS = "SELECT event_type, timestamp FROM transaction_events WHERE transaction_key = ?"
_READINGS = "SELECT taken_at, register_wh FROM readings WHERE transaction_key = ?"


class Books:
    """``lost``, ``doubled`` and ``wrong`` tell of every fault found."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._seen: dict[int, int] = {}
        self.lost: list[str] = []
        self.doubled: list[str] = []
        self.wrong: list[str] = []

    async def check_answered(self, stations: Iterable[RecordingStation]) -> None:
        """Look up every message that was answered since the last look."""
        answered = [(deal, deal.answered) for station in stations for deal in station.deals]
        news = [(deal, count) for deal, count in answered if self._seen.get(id(deal), 0) < count]
        await asyncio.to_thread(self._check_all, news)
        self._seen.update((id(deal), count) for deal, count in news)

    def _check_all(self, answered: list[tuple[Deal, int]]) -> None:
        with closing(sqlite3.connect(self._database)) as connection:
            for deal, count in answered:
                self._check(connection, deal, count)

    def _check(self, connection: sqlite3.Connection, deal: Deal, answered: int) -> None:
        key = connection.execute(_TRANSACTION, (DEFAULT_TENANT, deal.station, deal.wire_id)).fetchone()
        if key is None:
            self.lost.append(f"{deal.station}: transaction {deal.wire_id} with {answered} answered messages")
            return
        events = Counter(connection.execute(_EVENTS, key).fetchall())
        readings = Counter((at, Decimal(wh)) for at, wh in connection.execute(_READINGS, key))
        for said in deal.messages[:answered]:
            label = f"{deal.station}: {said.action} of {deal.wire_id} at {said.at.isoformat()}"
            if said.event is not None and (said.event, _micros(said.at)) not in events:
                self.lost.append(label)
            if said.reading and (_micros(said.at), Decimal(said.register_wh)) not in readings:
                self.lost.append(f"{label}: the meter values")
        for what, times in (*events.items(), *readings.items()):
            if times > 1:
                self.doubled.append(f"{deal.station}: {deal.wire_id} has {what} {times} times")

    async def check_whole(self, stations: Iterable[RecordingStation]) -> None:
        """At the end, when every message was answered: no transaction but those that were begun, each with all of its
        events and the right energy."""
        for station in stations:
            stored = {transaction.wire_id: transaction for transaction in await self.transactions(station.identity)}
            begun = {deal.wire_id: deal for deal in station.deals}
            self.lost += [f"{station.identity}: transaction {wire_id}" for wire_id in begun.keys() - stored.keys()]
            self.doubled += [f"{station.identity}: transaction {wire_id}" for wire_id in stored.keys() - begun.keys()]
            for wire_id in begun.keys() & stored.keys():
                self.wrong += [
                    f"{station.identity}: {wire_id}: {fault}" for fault in faults(begun[wire_id], stored[wire_id])
                ]

    async def transactions(self, identity: str) -> list[Transaction]:
        """All that are stored of a station, as operators are shown them."""
        readers = PooledReaders(str(self._database))
        with closing(readers):
            reads = Reads(readers)
            station = await reads.find_station(DEFAULT_TENANT, identity)
            assert station is not None, f"{identity} is not known"
            query, request = TransactionFilter(tenant=DEFAULT_TENANT, station_key=station.key), ALL
            found: list[Transaction] = []
            while True:
                page = await reads.transactions(query, request)
                found += page.items
                if page.next_cursor is None:
                    return found
                request = PageRequest(limit=MAX_PAGE, cursor=page.next_cursor)


def faults(deal: Deal, transaction: Transaction) -> list[str]:
    """What is wrong with a transaction that has been told to its end."""
    evidence = energy(transaction)
    odd = anomalies(transaction)
    return [
        *(["it is open"] if transaction.is_open else []),
        *([f"{evidence} Wh, not {deal.energy_wh}"] if evidence is None or evidence[0] != deal.energy_wh else []),
        *([f"odd: {odd}"] if odd else []),
        *([f"named {deal.named}"] if len(deal.named) > 1 else []),
    ]


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)
