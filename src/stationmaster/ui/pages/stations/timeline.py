"""What happened, one line after the other; lines are only ever added."""

from collections.abc import Sequence
from datetime import tzinfo

import msgspec
from nicegui import ui

from stationmaster.ui.formats import moment

_MOST = 100


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """``at`` as the API tells it."""

    at: str
    what: str
    detail: str = ""


class Timeline:
    """``show`` is given all there is, oldest first."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._shown: list[Moment] = []
        self._list = ui.element("ol").classes("w-full m-0 p-0 flex flex-col gap-1").style("list-style:none")
        self._list.props('data-testid="timeline"')

    def clear(self) -> None:
        self._shown = []
        self._list.clear()

    def show(self, moments: Sequence[Moment]) -> None:
        newest = list(moments[-_MOST:])
        if newest[: len(self._shown)] != self._shown:
            self.clear()
        with self._list:
            for one in newest[len(self._shown) :]:
                self._line(one)
        self._shown = newest

    def _line(self, one: Moment) -> None:
        with ui.element("li").classes("flex gap-3 items-baseline flex-wrap"):
            ui.label(moment(one.at, self._zone)).classes("sm-quiet sm-mono")
            ui.label(one.what).classes("font-semibold")
            if one.detail:
                ui.label(one.detail).classes("sm-quiet").style("overflow-wrap:anywhere")
