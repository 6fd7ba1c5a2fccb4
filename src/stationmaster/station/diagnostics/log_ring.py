"""Lines of a log that survive a loss of power: a ring of portions in memory, of which only the newest is rewritten."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from stationmaster.station.ports import Memory

PORTION = 100
PORTIONS = 10


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """``kind`` is a word by which lines are told apart, such as a security event's type."""

    at: datetime
    kind: str
    text: str | None = None

    def __str__(self) -> str:
        return f"{self.at.isoformat().replace('+00:00', 'Z')} {self.kind}" + (f" {self.text}" if self.text else "")


_decode = msgspec.json.Decoder(list[Line]).decode


class LogRing:
    """Keeps the newest PORTION * (PORTIONS - 1) lines, and at most a portion more."""

    def __init__(self, memory: Memory, name: str) -> None:
        self._memory = memory
        self._name = name
        kept = memory.get(name)
        self._newest = 0 if kept is None else int(kept)
        self._lines = self._portion(self._newest)

    def add(self, line: Line) -> None:
        """On disk when this returns."""
        if len(self._lines) >= PORTION:
            self._newest, self._lines = self._newest + 1, []
            self._memory.delete(self._key(self._newest - PORTIONS))
            self._memory.put(self._name, str(self._newest).encode())
        self._lines.append(line)
        self._memory.put(self._key(self._newest), msgspec.json.encode(self._lines))

    def lines(self) -> Iterator[Line]:
        """The oldest first."""
        for number in range(self._newest - PORTIONS + 1, self._newest):
            yield from self._portion(number)
        yield from self._lines

    def _portion(self, number: int) -> list[Line]:
        kept = self._memory.get(self._key(number))
        return [] if kept is None else _decode(kept)

    def _key(self, number: int) -> str:
        return f"{self._name}.{number}"
