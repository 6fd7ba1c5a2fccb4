"""What a station said to each of the values it was asked for or told, and why."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from nicegui import ui

from stationmaster.ui.pages.stations.configuration.values import Setting
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.words import Look, look_of

STATUSES: dict[str, Look] = {
    "Accepted": Look("Accepted", "good", "check"),
    "RebootRequired": Look("Accepted, counts after a restart", "warn", "restart_alt"),
    "Rejected": Look("Rejected", "bad", "thumb_down"),
    "NotSupported": Look("The station does not know it", "bad", "help"),
    "UnknownComponent": Look("No such component", "bad", "help"),
    "UnknownVariable": Look("No such variable", "bad", "help"),
    "NotSupportedAttributeType": Look("No such attribute", "bad", "help"),
    "NoAnswer": Look("No answer", "bad", "timer_off"),
}
_MOST = 50


class Answers:
    """Shown once a station has answered; the newest answer replaces the one before."""

    def __init__(self) -> None:
        with panel("What the station said") as card:
            self._lines = ui.column().classes("w-full gap-1").props('data-testid="answers"')
        self._card = card
        self._card.visible = False

    def show(self, command: dict[str, Any], asked: Sequence[Setting]) -> None:
        """``asked``: in the order in which they went into the command, which is that of the answers."""
        results = (command["answer"] or {}).get("results")
        if not results:
            return
        self._lines.clear()
        with self._lines:
            for result, setting in zip_longest(results[:_MOST], asked[:_MOST]):
                if result is not None and setting is not None:
                    _line(result, setting)
            if len(results) > _MOST:
                ui.label(f"and {len(results) - _MOST} more; the table shows them").classes("sm-quiet")
        self._card.visible = True


def _line(result: dict[str, Any], setting: Setting) -> None:
    with ui.row().classes("items-center gap-2 w-full"):
        StateBadge(look_of(STATUSES, result.get("status")))
        ui.label(setting.name).classes("font-semibold").style("overflow-wrap:anywhere")
        ui.label(in_words(result)).classes("sm-quiet").style("overflow-wrap:anywhere")


def in_words(result: dict[str, Any]) -> str:
    """The value, and the reason, as far as there are any."""
    value = result.get("value")
    said = [word for word in (result.get("reason"), result.get("info")) if word]
    return " · ".join([*([f"= {value}"] if value is not None else []), *said])
