"""What became of a command, step by step, while it becomes: sent, accepted or refused and why, effect seen.

Nothing here waits for a station: the command is stored and shown as queued at once, and what follows is told by a feed.
"""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import clock_time
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import COMMANDS, look_of

_ENDED = frozenset({"rejected", "failed", "unsupported", "effect_seen", "no_effect"})
_MOST = 5


class Outcomes:
    """The commands given from this page, newest first: a line each, that follows its command."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._lines: list[tuple[ui.element, Callable[[], None]]] = []
        self._column = ui.column().classes("w-full gap-1").props('role=status aria-live=polite data-testid="outcomes"')

    async def give(self, station_key: int, command: dict[str, Any], title: str) -> Any:
        """Have a command given, and follow it. Raises Problem where the API refuses to take it."""
        given = await self._visit.api.post(f"/stations/{station_key}/commands", command)
        self.follow(given, title)
        return given

    async def try_give(self, station_key: int, command: dict[str, Any], title: str) -> Any | None:
        """As ``give``; a problem is shown on the page."""
        try:
            return await self.give(station_key, command, title)
        except Problem as problem:
            self._visit.failed(problem)
            return None

    def follow(self, command: dict[str, Any], title: str, told: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Show a command as it is, and as it comes to be. ``told`` is called with it each time as well."""
        with self._column:
            line = ui.row().classes("items-center gap-2 w-full no-wrap").props('data-testid="outcome"')
            line.move(target_index=0)
        with line:
            badge = StateBadge(look_of(COMMANDS, command["state"]))
            ui.label(title).classes("font-semibold")
            detail = ui.label().classes("sm-quiet")

        def show(now: dict[str, Any]) -> None:
            badge.show(look_of(COMMANDS, now["state"]))
            detail.set_text(_in_words(now, self._visit))
            if told is not None:
                told(now)

        show(command)
        path = f"/stations/{command['station']}/commands/{command['key']}"
        stop: Callable[[], None] = lambda: None  # noqa: E731
        if command["state"] not in _ENDED:
            stop = self._visit.watch(path, show, kinds=("CommandChanged",), station_key=command["station"], every_s=5.0)
        self._lines.insert(0, (line, stop))
        for old, end in self._lines[_MOST:]:
            end()
            old.delete()
        del self._lines[_MOST:]


def _in_words(command: dict[str, Any], visit: Visit) -> str:
    at = command["effect_at"] or command["answered_at"] or command["sent_at"] or command["created_at"]
    said = [word for word in (command["status"], command["detail"]) if word]
    if command["state"] == "queued":
        said.append(f"waits until {clock_time(command['expires_at'], visit.zone)}")
    return " · ".join([clock_time(at, visit.zone), *said])
