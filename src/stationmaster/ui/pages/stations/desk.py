"""What the parts of a tab work with: who looks, at which station, and where the outcomes of deeds are shown."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from stationmaster.ui.navigation import Role
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.visit import Visit

Command = dict[str, Any]
Told = Callable[[Command], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """Of a tab. ``station`` is the API's StationResource, as it was when the page was opened."""

    visit: Visit
    station: dict[str, Any]

    @property
    def key(self) -> int:
        return int(self.station["key"])

    @property
    def speaks_1x(self) -> bool:
        return str(self.station["version"] or "").startswith("1.")

    def path(self, rest: str) -> str:
        return f"/stations/{self.key}/{rest}"

    def button(
        self, label: str, icon: str, do: Callable[[], Awaitable[Any] | None], role: Role = "operator"
    ) -> ui.button:
        """A button that is disabled for who may not use it."""
        return allow(self.visit, ui.button(label, icon=icon, on_click=do).props("outline no-caps"), role)

    @contextmanager
    def section(self, title: str) -> Iterator["Section"]:
        """A panel; what becomes of the deeds that are done in it is shown below its heading."""
        with panel(title):
            yield Section(self.visit, self.station, Outcomes(self.visit))


@dataclass(frozen=True, slots=True)
class Section(Desk):
    """Of a section of a tab."""

    outcomes: Outcomes

    async def command(self, body: Command, title: str, told: Told | None = None) -> None:
        """Give the station a command, and follow it. Raises Problem."""
        self.outcomes.follow(await self.visit.api.post(self.path("commands"), body), title, told)

    async def post(self, rest: str, body: Any, title: str) -> None:
        """As ``command``, where a path of its own answers with the command. Raises Problem."""
        self.outcomes.follow(await self.visit.api.post(self.path(rest), body), title)

    async def put(self, rest: str, body: Any, title: str) -> None:
        self.outcomes.follow(await self.visit.api.put(self.path(rest), body), title)

    async def delete(self, rest: str, title: str, query: dict[str, Any] | None = None) -> None:
        self.outcomes.follow(await self.visit.api.delete(self.path(rest), query), title)

    async def follow(self, command_key: int, title: str) -> None:
        """Follow a command that is known by its key only."""
        self.outcomes.follow(await self.visit.api.get(self.path(f"commands/{command_key}")), title)


def tools() -> ui.row:
    """A row for a section's buttons."""
    return ui.row().classes("items-center gap-2 w-full")
