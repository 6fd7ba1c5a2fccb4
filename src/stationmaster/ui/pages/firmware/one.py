"""One campaign: how far each wave is, what became of each station and why, and what to do with it."""

from functools import partial
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import counted, duration, moment, text
from stationmaster.ui.pages.firmware.looks import (
    CAMPAIGNS,
    CHANGES,
    DEEDS,
    MEMBERS,
    Deed,
    progress_in_words,
    share_of,
)
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow, confirm
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.parts.keyed import Keyed
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import look_of

_FACTS = ("Image", "Drawn up", "Started", "Ended", "Under way at once", "Attempts for each")
_MOST_WAVES = 50


@page("/firmware/{campaign_key:int}", title="Firmware campaign")
async def campaign(visit: Visit, campaign_key: int) -> None:
    Head(visit, await visit.api.get(f"/firmware-campaigns/{campaign_key}"))
    _waves(visit, campaign_key)
    _stations(visit, campaign_key)


class Head:
    """The campaign as a whole, and the buttons that fit its state."""

    def __init__(self, visit: Visit, found: Row) -> None:
        self._visit = visit
        self._path = f"/firmware-campaigns/{found['key']}"
        with panel(found["name"]):
            with ui.row().classes("items-center gap-3 w-full"):
                self._badge = StateBadge(look_of(CAMPAIGNS, found["state"]))
                self._detail = ui.label()
            self._facts = Facts(*_FACTS)
            with ui.row().classes("items-center gap-2"):
                self._buttons = [(deed, self._button(deed)) for deed in DEEDS]
                self._throw_away = ui.button("Throw the draft away", icon="delete", on_click=self._ask_to_throw_away)
                allow(visit, self._throw_away.props("outline no-caps"), "administrator")
        self._show(found)
        visit.watch(self._path, self._show, kinds=CHANGES)

    def _button(self, deed: Deed) -> ui.button:
        button = ui.button(deed.label, icon=deed.icon, on_click=partial(self._do, deed)).props("outline no-caps")
        return allow(self._visit, button, "administrator")

    async def _do(self, deed: Deed) -> None:
        if deed.question:
            confirm(self._visit, deed.question, deed.label, partial(self._send, deed), danger=deed.word == "abort")
        else:
            await self._visit.trying(self._send(deed))

    async def _send(self, deed: Deed) -> None:
        self._show(await self._visit.api.post(f"{self._path}/{deed.word}"))

    def _ask_to_throw_away(self) -> None:
        async def send() -> None:
            await self._visit.api.delete(self._path)
            ui.navigate.to("/firmware")

        confirm(self._visit, "Throw this draft away?", "Throw away", send, danger=True)

    def _show(self, campaign: Row) -> None:
        self._badge.show(look_of(CAMPAIGNS, campaign["state"]))
        self._detail.set_text(campaign["detail"] or progress_in_words(campaign["progress"]))
        zone = self._visit.zone
        self._facts.show(
            {
                "Image": f"version {campaign['version']}",
                "Drawn up": moment(campaign["created_at"], zone),
                "Started": moment(campaign["started_at"], zone),
                "Ended": moment(campaign["ended_at"], zone),
                "Under way at once": campaign["parallel"],
                "Attempts for each": campaign["attempts"],
            }
        )
        for deed, button in self._buttons:
            button.visible = campaign["state"] in deed.states
        self._throw_away.visible = campaign["state"] == "draft"


def _waves(visit: Visit, campaign_key: int) -> None:
    with panel("Waves"):
        place = ui.column().classes("w-full gap-4")
    bars = Keyed(place, WaveBar, _MOST_WAVES)

    def show(answer: Any) -> None:
        bars.show(answer["items"], "wave")

    visit.watch(f"/firmware-campaigns/{campaign_key}/waves", show, kinds=CHANGES)


class WaveBar:
    """A wave's progress: what is done, and behind it what is under way."""

    def __init__(self, wave: Row) -> None:
        with ui.column().classes("w-full gap-1") as self.element:
            with ui.row().classes("items-baseline gap-3"):
                heading(f"Wave {wave['wave']}", 3)
                ui.label(plan_in_words(wave["plan"])).classes("sm-quiet")
            self._bar = ui.linear_progress(0, show_value=False, size="14px", color="positive")
            named(self._bar, f"Wave {wave['wave']}, how much is done")
            self._told = ui.label()

    def show(self, wave: Row) -> None:
        progress = wave["progress"]
        self._bar.value = round(share_of(progress, "done", "skipped"), 4)
        self._bar.props["buffer"] = share_of(progress, "done", "skipped", "under_way")
        self._told.set_text(progress_in_words(progress))


def plan_in_words(plan: Row) -> str:
    """What a wave bears, and what follows it."""
    borne = plan["max_failures"]
    failures = f"bears {counted(borne, 'failure')}" if borne else "bears no failure"
    return failures + (f", then waits {duration(plan['soak_s'])}" if plan["soak_s"] else "")


def _stations(visit: Visit, campaign_key: int) -> None:
    with panel("Stations"):
        states: dict[str, Any] = {"": "All", **{state: look.label for state, look in MEMBERS.items()}}
        state = ui.select(states, value="", label="Show").props("dense outlined").classes("w-48")
        listing = Listing(
            path=f"/firmware-campaigns/{campaign_key}/stations",
            columns=_columns(visit),
            label="Stations of the campaign",
            empty="No station is in this state.",
            kinds=CHANGES,
            key="station",
        )
        table = DataTable(visit, listing)
    state.on_value_change(lambda event: table.filter(state=event.value))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="station", label="Station", cell=_station),
        Column(name="state", label="State", cell=lambda member: badge_cell(look_of(MEMBERS, member["state"]))),
        Column(name="why", label="Why", cell=lambda member: text(member["detail"])),
        Column(name="said", label="Its last word", cell=lambda member: text(member["status"])),
        Column(name="version", label="Runs", cell=lambda member: text(member["firmware_version"])),
        Column(name="wave", label="Wave", align="right", cell=lambda member: str(member["wave"]), wide_only=True),
        Column(name="tries", label="Tries", align="right", cell=lambda member: str(member["attempts"]), wide_only=True),
        Column(name="at", label="Since", cell=lambda each: moment(each["updated_at"], visit.zone), wide_only=True),
    )


def _station(member: Row) -> Cell:
    return Cell(text=member["identity"], href=f"/stations/{member['station']}?tab=firmware")
