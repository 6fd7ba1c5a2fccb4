"""The tab "More": what only some stations have, shown where this one has it."""

from collections.abc import Callable
from typing import Any

import msgspec
from nicegui import ui

from stationmaster.ui.navigation import Role
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.pages.stations.more.batteries import batteries
from stationmaster.ui.pages.stations.more.grid import der_alarms, der_controls
from stationmaster.ui.pages.stations.more.network import ask_profile, network_profiles
from stationmaster.ui.pages.stations.more.streams import event_streams
from stationmaster.ui.visit import Visit

__all__ = ["build"]


class Rarity(msgspec.Struct, frozen=True, kw_only=True):
    """``path``: below the station, or from the root, and then with the station as a filter; ``kinds``: the events that
    may bring the first of it."""

    title: str
    path: str
    show: Callable[[Desk], None]
    kinds: tuple[str, ...]
    role: Role = "viewer"
    paged: bool = True


_SECTIONS = (
    Rarity(title="DER control", path="der-controls", show=der_controls, kinds=("DERControlsChanged",)),
    Rarity(title="DER alarms", path="der-alarms", show=der_alarms, kinds=("DERAlarm",)),
    Rarity(title="event streams", path="event-streams", show=event_streams, kinds=("StreamOpened",), paged=False),
    Rarity(title="battery swaps", path="/battery-swaps", show=batteries, kinds=("BatterySwapChanged",)),
    Rarity(
        title="network profiles",
        path="network-profiles",
        show=network_profiles,
        kinds=("NetworkProfileSet",),
        role="operator",
        paged=False,
    ),
)
_LOOK_EVERY_S = 60.0


def build(visit: Visit, station: dict[str, Any]) -> None:
    desk = Desk(visit, station)
    absent = _Absent(desk)
    for section in _SECTIONS:
        if visit.may(section.role):
            _Place(desk, section, absent)
    absent.build()


class _Place:
    """Where a section will stand; it is shown as soon as the station has any of it."""

    def __init__(self, at: Desk, section: Rarity, absent: "_Absent") -> None:
        self._at, self._section, self._absent = at, section, absent
        self._column = ui.column().classes("w-full")
        self._is_shown = False
        query: dict[str, Any] = {"limit": 1} if section.paged else {}
        if section.path.startswith("/"):
            path, query = section.path, {**query, "station": at.key}
        else:
            path = at.path(section.path)
        at.visit.watch(path, self._look, query=query, kinds=section.kinds, station_key=at.key, every_s=_LOOK_EVERY_S)

    def _look(self, answer: Any) -> None:
        found = bool(answer["items"] if self._section.paged else answer)
        self._absent.tell(self._section.title, found=found or self._is_shown)
        if found and not self._is_shown:
            self._is_shown = True
            with self._column:
                self._section.show(self._at)


class _Absent:
    """Says what this station has nothing of, and how to find out more."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._titles: list[str] = []

    def build(self) -> None:
        self._card = ui.column().classes("w-full")
        with self._card, self._desk.section("Not here") as at:
            self._label = ui.label()
            if at.speaks_1x:
                ui.label("They come with OCPP 2.0.1 and 2.1; this station speaks 1.6.").classes("sm-quiet")
            else:
                with tools():
                    at.button("Ask for DER controls", "refresh", lambda: _refresh(at, "der-controls"))
                    at.button("Ask for event streams", "refresh", lambda: _refresh(at, "event-streams"))
                    at.button("Set a network profile", "lan", lambda: ask_profile(at), role="administrator")
        self._show()

    def tell(self, title: str, *, found: bool) -> None:
        self._titles = [each for each in self._titles if each != title] + ([] if found else [title])
        self._show()

    def _show(self) -> None:
        self._label.set_text(f"Nothing is known at this station of: {', '.join(sorted(self._titles))}.")
        self._card.visible = bool(self._titles)


async def _refresh(at: Section, what: str) -> None:
    title = "Ask for the DER controls" if what == "der-controls" else "Ask for the event streams"
    await at.visit.trying(at.post(f"{what}/refresh", None, title))
