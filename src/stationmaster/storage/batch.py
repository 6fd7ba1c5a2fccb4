"""Writing what many have decided in one transaction: the part that runs in the writer's thread.

How it goes: BEGIN, look at each item in turn (is its connection still the newest, do its claims hold) and gather its
records by type; then one ``executemany`` for each type, COMMIT. A claim must see all that was decided before it, so
what is gathered is written before a claim is looked at. If a record cannot be stored, the transaction is rolled back
and done again with a savepoint around each item, so that one bad record harms nobody else. If the database itself
fails, nobody's item is stored, and each is told so.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StaleGeneration, StorageFailed
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event, TokenRemoved
from stationmaster.storage.bulk import write_gathered, write_rows
from stationmaster.storage.claims import holds
from stationmaster.storage.statements import GENERATIONS, NEXT_GENERATION, OUTBOX
from stationmaster.storage.writes.table import WRITES

log = structlog.get_logger(__name__)

Work = Callable[["Writing"], Any]


class Item:
    """One caller's part of a batch: a decision or other work, what became of it, and who is told."""

    __slots__ = ("decision", "done", "error", "generation", "result", "station_key", "work")

    def __init__(
        self,
        done: Callable[[Any], None],
        decision: Decision | None = None,
        station_key: int | None = None,
        generation: int = 0,
        work: Work | None = None,
    ) -> None:
        self.done = done
        self.decision = decision
        self.station_key = station_key
        self.generation = generation
        self.work = work
        self.result: Any = None
        self.error: Exception | None = None


class Writing:
    """One transaction under way. ``connection`` is for work that writes by itself."""

    def __init__(self, connection: sqlite3.Connection, generations: dict[int, int], sequence: int) -> None:
        self.connection = connection
        self.sequence = sequence
        self.events: list[CommittedEvent] = []
        self.generations: dict[int, int] = {}
        """Those that changed in this transaction."""
        self._known_generations = generations
        self._records: defaultdict[type, list[Any]] = defaultdict(list)
        self._outbox: list[CommittedEvent] = []

    def add(self, item: Item) -> None:
        """Take one item in; what it raises is the item's failure."""
        item.error = None  # of a first try that was rolled back
        if item.work is not None:
            self.flush()
            item.result = item.work(self)
            return
        decision, station_key = item.decision, item.station_key
        assert decision is not None
        if station_key is not None and item.generation < self._generation(station_key):
            item.error = StaleGeneration(f"station {station_key}: generation {item.generation} is over")
            return
        if decision.checks:
            decision = self._what_holds(decision)
        item.result = decision
        records = self._records
        for record in decision.records:
            kind = type(record)
            if kind is TokenRemoved:
                self.flush()  # the same token may stand before and after it
                records[kind].append(record)
                self.flush()
            else:
                records[kind].append(record)
        for event in decision.events:
            self._add_to_outbox(event)

    def _generation(self, station_key: int) -> int:
        return self.generations.get(station_key) or self._known_generations.get(station_key, 0)

    def flush(self) -> None:
        """Write what was gathered."""
        for kind, records in self._records.items():
            for write in WRITES[kind]:
                rows = map(write.to_row, records if write.of is None else filter(write.of, records))
                if write.gathered:
                    write_gathered(self.connection, write.sql, rows)
                else:
                    write_rows(self.connection, write.sql, dict.fromkeys(rows) if write.once else rows)
        self._records.clear()
        if self._outbox:
            write_rows(self.connection, OUTBOX.sql, map(OUTBOX.to_row, self._outbox))
            self._outbox = []

    def add_alone(self, item: Item) -> None:
        """As :meth:`add`, within a savepoint, and written at once: a failure leaves no trace but the item's error."""
        sequence, events, generations = self.sequence, len(self.events), dict(self.generations)
        self.connection.execute("SAVEPOINT item")
        try:
            self.add(item)
            self.flush()
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            self._records.clear()
            self._outbox = []
            self.sequence, self.generations = sequence, generations
            del self.events[events:]
            self.connection.execute("ROLLBACK TO item")
            item.error = _failure(error)
            tell = log.warning if isinstance(error, sqlite3.IntegrityError) else log.error
            tell("storage.item_failed", station_key=item.station_key, reason=str(item.error))
        self.connection.execute("RELEASE item")

    def next_generation(self, station_key: int) -> int:
        """Count the station's generation up. Raises LookupError for a station that is not stored."""
        self.flush()
        cursor = self.connection.execute(NEXT_GENERATION.text, NEXT_GENERATION.arguments(station_key=station_key))
        row = cursor.fetchall()
        if not row:
            raise LookupError(f"no station {station_key}")
        generation = int(row[0][0])
        self.generations[station_key] = generation
        return generation

    def _what_holds(self, decision: Decision) -> Decision:
        self.flush()
        failed = (check for check in decision.checks if not holds(self.connection, check.claim))
        first = next(failed, None)
        return decision if first is None else first.otherwise

    def _add_to_outbox(self, event: Event) -> None:
        self.sequence += 1
        committed = CommittedEvent(self.sequence, event)
        self.events.append(committed)
        self._outbox.append(committed)


class BatchWriter:
    """Owns the writing connection, and what memory must know to judge an item."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._generations: dict[int, int] = dict(connection.execute(GENERATIONS.text).fetchall())
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        self._sequence: int = row[0] if row else 0

    def write(self, items: Sequence[Item]) -> list[CommittedEvent]:
        """Store the items, or set the error of those that are not; returns what may now be told. Never raises."""
        try:
            return self._transaction(items, alone=False)
        except sqlite3.OperationalError as error:
            return _fail_all(items, error)
        except Exception as error:
            log.warning("storage.batch_again", items=len(items), reason=repr(error))
        try:
            return self._transaction(items, alone=True)
        except Exception as error:
            return _fail_all(items, error)

    def _transaction(self, items: Sequence[Item], *, alone: bool) -> list[CommittedEvent]:
        execute = self.connection.execute
        writing = Writing(self.connection, self._generations, self._sequence)
        add = writing.add_alone if alone else writing.add
        execute("BEGIN IMMEDIATE")
        try:
            for item in items:
                add(item)
            writing.flush()
            execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:  # a full disk ends it by itself
                execute("ROLLBACK")
            raise
        self._generations.update(writing.generations)
        self._sequence = writing.sequence
        return writing.events


def _fail_all(items: Sequence[Item], error: Exception) -> list[CommittedEvent]:
    log.error("storage.failed", items=len(items), reason=repr(error))
    for item in items:
        item.error = _failure(error)
    return []


def _failure(error: Exception) -> Exception:
    failure = StorageFailed(f"{type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure
