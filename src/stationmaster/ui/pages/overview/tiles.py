"""The tiles: a figure each, what it is of, and the way to where it comes from."""

from collections.abc import Callable
from typing import Any

import msgspec
from nicegui import ui

from stationmaster.ui.formats import NONE, count, counted, energy, money, power
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import COLOURS, Tone

Overview = dict[str, Any]


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """``value`` and ``note`` make text of the API's overview. ``alert``: the tone of a value that is not 0."""

    title: str
    icon: str
    href: str
    value: Callable[[Overview, Visit], str]
    note: Callable[[Overview, Visit], str]
    alert: Tone | None = None


def _state(state: str) -> Callable[[Overview, Visit], str]:
    return lambda now, visit: count(now["stations"].get(state, 0))


def _since(now: Overview, visit: Visit) -> str:
    return f"since midnight in {now['zone']}"


def _earned(now: Overview, visit: Visit) -> str:
    return ", ".join(money(each["issued"], each["currency"]) for each in now["money_today"]) or NONE


def _held(now: Overview, visit: Visit) -> str:
    held = [money(each["held"], each["currency"]) for each in now["money_today"] if float(each["held"])]
    return f"{', '.join(held)} more held" if held else "of sessions that ended today"


TILES = (
    Tile(
        title="Online",
        icon="cloud_done",
        href="/stations",
        value=lambda now, visit: count(now["online"]),
        note=lambda now, visit: f"of {counted(now['total'], 'station')}",
    ),
    Tile(
        title="Charging",
        icon="bolt",
        href="/stations?state=charging",
        value=_state("charging"),
        note=lambda now, visit: f"{counted(now['transactions']['running'], 'transaction')} running",
    ),
    Tile(
        title="Faulted",
        icon="error",
        href="/stations?state=faulted",
        value=_state("faulted"),
        note=lambda now, visit: counted(now["connectors"].get("Faulted", 0), "connector"),
        alert="bad",
    ),
    Tile(
        title="Offline",
        icon="cloud_off",
        href="/stations?state=offline",
        value=_state("offline"),
        note=lambda now, visit: f"{count(now['stations'].get('never_seen', 0))} never seen",
        alert="bad",
    ),
    Tile(
        title="Power now",
        icon="speed",
        href="/transactions?open=true",
        value=lambda now, visit: power(now["power_w"]),
        note=lambda now, visit: "of what charges",
    ),
    Tile(
        title="Energy today",
        icon="battery_charging_full",
        href="/transactions",
        value=lambda now, visit: energy(now["energy_today_wh"]),
        note=_since,
    ),
    Tile(title="Money today", icon="payments", href="/transactions/bills", value=_earned, note=_held),
    Tile(
        title="Alarms for somebody",
        icon="notification_important",
        href="/alarms",
        value=lambda now, visit: count(now["unacknowledged"]),
        note=lambda now, visit: f"{count(now['open_alarms'])} open",
        alert="warn",
    ),
)


class Tiles:
    """All of them; ``show`` changes what differs."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with ui.element("ul").classes("sm-tiles"):
            self._shown = [_Shown(tile) for tile in TILES]

    def show(self, now: Overview) -> None:
        for tile in self._shown:
            tile.show(now, self._visit)


class _Shown:
    def __init__(self, tile: Tile) -> None:
        self._tile = tile
        with ui.element("li"), ui.link(target=tile.href).classes("sm-tile no-underline text-inherit"):
            with ui.row().classes("items-center gap-2 no-wrap"):
                self._icon = ui.icon(tile.icon, size="20px").props("aria-hidden=true")
                ui.label(tile.title).classes("sm-quiet")
            self._value = ui.label(NONE).classes("sm-tile-value")
            self._value.props(f'data-testid="{tile.title}"')
            self._note = ui.label("").classes("sm-quiet text-sm")

    def show(self, now: Overview, visit: Visit) -> None:
        value = self._tile.value(now, visit)
        self._value.set_text(value)
        self._note.set_text(self._tile.note(now, visit))
        if self._tile.alert is not None:
            colour = f"text-{COLOURS[self._tile.alert]}"
            self._icon.classes(**({"remove": colour} if value == "0" else {"add": colour}))
