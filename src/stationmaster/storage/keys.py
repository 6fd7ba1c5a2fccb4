"""Surrogate keys from ranges that are reserved in the database, so that drawing one while deciding costs nothing."""

import asyncio
from collections import deque

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.sqlite import insert

from stationmaster.domain.failures import StorageFailed
from stationmaster.storage.batch import Writing
from stationmaster.storage.journal import Journal
from stationmaster.storage.schema.core import key_ranges
from stationmaster.storage.statements import compiled

log = structlog.get_logger(__name__)

BLOCK = 20_000
_NAME = "surrogate"
_ONE_BLOCK: sa.ColumnElement[int] = sa.literal_column(str(BLOCK))
_RESERVE = compiled(
    insert(key_ranges)
    .values(name=_NAME, next_key=1 + BLOCK)
    .on_conflict_do_update(index_elements=["name"], set_={"next_key": key_ranges.c.next_key + _ONE_BLOCK})
    .returning(key_ranges.c.next_key)
)


def reserve(writing: Writing) -> range:
    """Take a block out of the database: nobody else gets it, also not after a crash."""
    row = writing.connection.execute(_RESERVE.text, _RESERVE.arguments()).fetchall()[0]
    return range(row[0] - BLOCK, row[0])


class KeyRanges:
    """Keys are unique, positive and growing; those of a block that is not used up at the end are left out."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._blocks: deque[range] = deque()
        self._next = 0
        self._end = 0
        self._left = 0
        self._refilling = False

    async def open(self) -> None:
        """Reserve the first block; :meth:`take` needs it."""
        self._add(await self._journal.run(reserve))

    def take(self) -> int:
        """The next key. Raises StorageFailed where the database gave no new block for 20,000 keys."""
        if self._next == self._end:
            self._next_block()
        key = self._next
        self._next += 1
        self._left -= 1
        if self._left < BLOCK // 2 and not self._refilling:
            self._refill()
        return key

    def _next_block(self) -> None:
        if not self._blocks:
            self._refill()
            raise StorageFailed("no keys are left, and the database reserves no more")
        block = self._blocks.popleft()
        self._next, self._end = block.start, block.stop

    def _refill(self) -> None:
        if not self._refilling:
            self._refilling = True
            self._journal.run(reserve).add_done_callback(self._refilled)

    def _refilled(self, reserved: "asyncio.Future[range]") -> None:
        self._refilling = False
        if reserved.cancelled():
            return
        error = reserved.exception()
        if error is None:
            self._add(reserved.result())
        else:
            log.error("storage.no_keys", left=self._left, reason=str(error))  # the next take tries again

    def _add(self, block: range) -> None:
        self._blocks.append(block)
        self._left += len(block)
