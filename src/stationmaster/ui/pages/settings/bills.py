"""Which oddities make a bill wait for somebody to look."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.pages.settings.tabs import tabs
from stationmaster.ui.parts.form import allow, confirm
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.visit import Visit, page


@page("/settings/bills", title="Settings")
async def bills(visit: Visit) -> None:
    page_tabs("Settings", tabs(visit), "/settings/bills")
    holds = BillHolds(visit)
    holds.show(await visit.api.get("/bill-holds"))


class BillHolds:
    """A tick for each thing that may be odd."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._ticks: dict[str, ui.checkbox] = {}
        with panel("Which bills wait for somebody to look"):
            ui.label(
                "A bill of which one of the ticked things is true is made, but held until somebody releases it. It is "
                "for bills that are made from now on."
            ).classes("sm-quiet")
            self._said = ui.label().props('role=status data-testid="holds"')
            self._list = ui.column().classes("w-full gap-1")
            with ui.row().classes("gap-2"):
                save = ui.button("Save", on_click=self._save).props("no-caps")
                back = ui.button("As the program has it", on_click=self._ask_back).props("flat no-caps")
            self._back = back
            for button in (save, back):
                allow(visit, button, "administrator")

    def show(self, found: Mapping[str, Any]) -> None:
        self._said.set_text("You have said which." if found["own"] else "As the program has it.")
        self._list.clear()
        self._ticks = {}
        with self._list:
            for flag in found["flags"]:
                tick = ui.checkbox(flag["meaning"], value=flag["holds"])
                tick.set_enabled(self._visit.may("administrator"))
                self._ticks[flag["flag"]] = tick

    async def _save(self) -> None:
        wanted = [flag for flag, tick in self._ticks.items() if tick.value]
        try:
            self.show(await self._visit.api.put("/bill-holds", {"flags": wanted}))
        except Problem as problem:
            self._visit.failed(problem)
            return
        ui.notify("It holds for bills from now on", type="positive")

    def _ask_back(self) -> None:
        async def put_back() -> None:
            await self._visit.api.delete("/bill-holds")
            self.show(await self._visit.api.get("/bill-holds"))

        with self._visit.client:
            confirm(self._visit, "Let the program say which bills wait?", "Let it", put_back)
