"""Counts of a station over the restarts of its program."""

import msgspec

from stationmaster.station.program import Program


class Counts(msgspec.Struct, frozen=True):
    connections: int = 0
    messages: int = 0
    started: int = 0
    ended: int = 0


class Tally:
    """Adds the runs that have ended to the one that goes on."""

    def __init__(self) -> None:
        self._before = Counts()
        self._program: Program | None = None

    def follow(self, program: Program) -> None:
        self._program = program

    def stop(self) -> None:
        """The run has ended: keep its counts."""
        self._before = self.now()
        self._program = None

    def now(self) -> Counts:
        if self._program is None:
            return self._before
        link, transactions = self._program.link, self._program.transactions
        return Counts(
            connections=self._before.connections + link.connections,
            messages=self._before.messages + link.messages,
            started=self._before.started + transactions.started,
            ended=self._before.ended + transactions.ended,
        )
