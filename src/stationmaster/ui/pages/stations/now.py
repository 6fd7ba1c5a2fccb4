"""What a station is doing now, and what it can be asked to do."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.stations.deeds import Deeds
from stationmaster.ui.pages.stations.evse_card import EvseCard
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.heading import heading
from stationmaster.ui.parts.keyed import Keyed
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.panel import empty
from stationmaster.ui.parts.raw import shown_raw
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import COMMANDS, CONNECTORS, look_of

MOST = 60
"""EVSEs that are shown."""
_CHANGES = (
    *("ConnectorStatusChanged", "TransactionStarted", "TransactionUpdated", "TransactionEnded", "TransactionClosed"),
    *("TransactionReopened", "MeterValues", "ReservationChanged", "StationConnected", "StationDisconnected"),
)
_AWAY = "The station is not connected. What is shown is what it told last; what you ask for now waits until it is back."


async def build(visit: Visit, station: dict[str, Any]) -> None:
    now = Now(visit, station)
    await now.begin()


class Now:
    """Follows the station while the page is open."""

    def __init__(self, visit: Visit, station: dict[str, Any]) -> None:
        self._visit = visit
        self._station = station
        self._away = ui.label(_AWAY).classes("sm-error pl-2").props("role=status")
        self._away.visible = not station["connected"]
        bar = ui.row().classes("w-full gap-2")
        with ui.row().classes("items-center gap-2") as self._whole:
            ui.label("The station as a whole")
            self._whole_status = StateBadge(look_of(CONNECTORS, None))
        self._whole.visible = False
        self._grid = ui.element("div").classes("sm-grid")
        self._beyond = ui.label().classes("sm-quiet")
        self._nothing = empty(
            "The station has not told of its connectors yet.",
            "Trigger a StatusNotification, or start charging at whichever EVSE is free.",
        )
        self._nothing.visible = False
        heading("Commands", 3)
        self._commands()
        with ui.element("div").classes("sm-tray"):
            self._outcomes = Outcomes(visit)
        self._deeds = Deeds(visit, station, self._outcomes)
        with bar:
            self._buttons()
        self._evses = Keyed(self._grid, lambda evse: EvseCard(visit, self._deeds, evse), MOST)
        key = station["key"]
        visit.watch(f"/stations/{key}/now", self._show, kinds=_CHANGES, station_key=key)

    async def begin(self) -> None:
        """Follow what waits for the station or its answer already."""
        key = self._station["key"]
        for state in ("queued", "sent"):
            found = await self._visit.api.get(f"/stations/{key}/commands", {"state": state, "limit": 3})
            for command in reversed(found["items"]):
                self._outcomes.follow(command, command["type"])

    def _buttons(self) -> None:
        deeds = self._deeds
        offered = (
            ("Start …", "play_arrow", lambda: deeds.start(None)),
            ("Reserve …", "event_available", lambda: deeds.reserve(None)),
            ("Service …", "build", lambda: deeds.availability(None)),
            ("Trigger a message …", "campaign", deeds.trigger),
            ("Reset …", "restart_alt", deeds.reset),
        )
        for title, icon, do in offered:
            button = ui.button(title, icon=icon, on_click=do).props("outline no-caps dense padding=4px\\ 10px")
            allow(self._visit, button, "operator")

    def _show(self, now: dict[str, Any]) -> None:
        self._away.visible = not now["connected"]
        self._deeds.connected = now["connected"]
        self._deeds.evses = tuple(evse["evse_id"] for evse in now["evses"] if evse["evse_id"])[:MOST]
        self._show_whole(now["evses"])
        beyond = self._evses.show([evse for evse in now["evses"] if has_a_card(evse)], "evse_id")
        self._beyond.set_text(f"{beyond} more EVSEs are not shown." if beyond else "")
        self._nothing.visible = not now["evses"]

    def _show_whole(self, evses: list[dict[str, Any]]) -> None:
        status = next((evse["status"] for evse in evses if evse["evse_id"] == 0), None)
        self._whole_status.show(look_of(CONNECTORS, status))
        self._whole.visible = status is not None

    def _commands(self) -> None:
        """All that it was asked for, by whomever."""
        key = self._station["key"]
        listing = Listing(
            path=f"/stations/{key}/commands",
            columns=_columns(self._visit),
            label="Commands",
            empty="The station was not asked for anything yet.",
            kinds=("CommandChanged",),
            station_key=key,
            rows_per_page=10,
        )
        DataTable(self._visit, listing, on_select=_open)


def has_a_card(evse: dict[str, Any]) -> bool:
    """Of the station as a whole only what is at none of its EVSEs is worth one."""
    return bool(evse["evse_id"] or evse["transactions"] or evse["reservations"])


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="type", label="What", cell=lambda command: command["type"]),
        Column(name="state", label="State", cell=lambda command: badge_cell(look_of(COMMANDS, command["state"]))),
        Column(name="said", label="Said", cell=_said),
        Column(name="at", label="When", cell=lambda command: moment(command["created_at"], visit.zone)),
        Column(name="by", label="By", cell=lambda command: shown(command["requested_by"]), wide_only=True),
    )


def _said(command: Row) -> str:
    return shown(" · ".join(word for word in (command["status"], command["detail"]) if word))


def _open(command: Row) -> None:
    shown_raw(command["type"], (("Asked", command["request"]), ("Answered", command["answer"])))
