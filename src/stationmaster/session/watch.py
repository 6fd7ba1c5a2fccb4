"""Who looks over a session's shoulder: the message log, counters, tests."""

from collections.abc import Sequence
from typing import Literal, Protocol

from stationmaster.ocpp.violations import Violation

Direction = Literal["in", "out"]


class Watch(Protocol):
    """Told of everything, may change nothing, must return at once and must not raise."""

    def frame(self, direction: Direction, data: bytes, action: str | None, message_id: str | None) -> None:
        """One frame as it stands on the wire; ``action`` is known for answers too, where they belong to a call."""
        ...

    def violations(self, action: str, direction: Direction, found: Sequence[Violation]) -> None:
        """A message that its version's schema does not allow."""
        ...

    def oddity(self, kind: str, action: str | None, detail: str) -> None: ...


class Unwatched:
    """Nobody looks."""

    def frame(self, direction: Direction, data: bytes, action: str | None, message_id: str | None) -> None: ...
    def violations(self, action: str, direction: Direction, found: Sequence[Violation]) -> None: ...
    def oddity(self, kind: str, action: str | None, detail: str) -> None: ...
