"""Firmware campaigns: how far each is, and drawing one up."""

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.pages.firmware.drawing_up import draw_up
from stationmaster.ui.pages.firmware.looks import CAMPAIGNS, CHANGES, TABS, progress_in_words
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import look_of


@page("/firmware", title="Firmware")
def campaigns(visit: Visit) -> None:
    page_tabs("Firmware", TABS, "/firmware")
    with ui.row().classes("items-center gap-4 w-full"):
        states = {"": "All", **{state: look.label for state, look in CAMPAIGNS.items()}}
        state = ui.select(states, value="", label="Show").props("dense outlined").classes("w-40")
        ui.space()
        allow(visit, ui.button("New campaign", icon="add", on_click=lambda: draw_up(visit)), "administrator")
    listing = Listing(
        path="/firmware-campaigns",
        columns=_columns(visit),
        label="Firmware campaigns",
        empty="No campaign is here. Put an image in under Images, then draw up a campaign for your stations.",
        kinds=CHANGES,
    )
    table = DataTable(visit, listing)
    state.on_value_change(lambda event: table.filter(state=event.value))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="name", label="Campaign", cell=_name),
        Column(name="state", label="State", cell=lambda campaign: badge_cell(look_of(CAMPAIGNS, campaign["state"]))),
        Column(name="progress", label="Stations", cell=lambda campaign: progress_in_words(campaign["progress"])),
        Column(name="version", label="To version", cell=lambda campaign: str(campaign["version"])),
        Column(name="wave", label="Wave", cell=_wave, wide_only=True),
        Column(name="made", label="Drawn up", cell=lambda each: moment(each["created_at"], visit.zone), wide_only=True),
    )


def _name(campaign: Row) -> Cell:
    return Cell(text=campaign["name"], href=f"/firmware/{campaign['key']}")


def _wave(campaign: Row) -> str:
    return f"{campaign['wave']} of {len(campaign['waves'])}"
