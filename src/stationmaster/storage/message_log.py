"""The message log's rows, written beside the decisions."""

import asyncio
from collections.abc import Sequence

from stationmaster.domain.frame_stretch import Stretch
from stationmaster.storage.bulk import write_rows
from stationmaster.storage.journal import Journal
from stationmaster.storage.statements import STRETCH


class MessageLog:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def write(self, stretches: Sequence[Stretch]) -> "asyncio.Future[None]":
        """Store them with the next batch. Raises StorageFailed once closed; the future raises it otherwise."""
        rows = list(map(STRETCH.to_row, stretches))
        return self._journal.run(lambda writing: write_rows(writing.connection, STRETCH.sql, rows))
