"""Batteries that drivers brought to a station and took from it (2.1)."""

from collections.abc import Sequence
from typing import Any

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of

STATES: dict[str, Look] = {
    "requested": Look("asked for", "busy", "send"),
    "refused": Look("refused", "bad", "thumb_down"),
    "in": Look("brought, none taken yet", "busy", "login"),
    "out": Look("taken, none brought yet", "busy", "logout"),
    "done": Look("done", "good", "done_all"),
    "out_timeout": Look("not taken in time", "warn", "timer_off"),
}
_FIELDS = (
    Field(path="id_token.value", label="Token"),
    Field(path="id_token.type", label="Type of the token", hint="Such as ISO14443; empty: as it is known"),
)


def batteries(desk: Desk) -> None:
    """The section."""
    with desk.section("Battery swaps") as at:
        with tools():
            at.button("Ask for a swap", "battery_charging_full", lambda: _ask(at))
        listing = Listing(
            path="/battery-swaps",
            columns=_columns(at.visit),
            label="Battery swaps",
            empty="None.",
            kinds=("BatterySwapChanged",),
            station_key=at.key,
            filters={"station": at.key},
            rows_per_page=10,
        )
        DataTable(at.visit, listing)


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="Began", cell=lambda swap: moment(swap["started_at"], visit.zone)),
        Column(name="token", label="Token", cell=lambda swap: str(swap["id_token"])),
        Column(name="state", label="State", cell=lambda swap: badge_cell(look_of(STATES, swap["state"]))),
        Column(name="brought", label="Brought", cell=lambda swap: in_words(swap["brought"])),
        Column(name="taken", label="Taken", cell=lambda swap: in_words(swap["taken"])),
    )


def in_words(some: Sequence[Row]) -> str:
    """Batteries with their state of charge."""
    return text(", ".join(f"{battery['serial_number']} ({battery['soc_pct']} %)" for battery in some))


def _ask(at: Section) -> None:
    async def send(body: dict[str, Any]) -> None:
        await at.post("battery-swaps", body, "Ask for a battery swap")

    ask(at.visit, "Ask for a battery swap", "Ask", _FIELDS, send)
