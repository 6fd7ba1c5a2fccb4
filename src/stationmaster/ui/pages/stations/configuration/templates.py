"""Templates of settings beside a station: where it has drifted from them, bringing it back, and making one of it."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import counted, text
from stationmaster.ui.pages.stations.configuration.values import Setting, full_name
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow, confirm
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of

STATES: dict[str, Look] = {
    "in_line": Look("in line", "good", "check"),
    "differs": Look("differs", "bad", "difference"),
    "unknown": Look("not known", "quiet", "help"),
}
_MOST = 50
_EMPTY = "No template takes this station in. Tick settings above and keep them as one, to see where they drift."
_COLUMNS = (
    Column(name="name", label="Template", cell=lambda item: str(item["name"])),
    Column(name="state", label="The station", cell=lambda item: badge_cell(look_of(STATES, item["state"]))),
    Column(name="items", label="Not in line", align="right", cell=lambda i: f"{len(i['items'])} of {i['settings']}"),
)


class Templates:
    """``ticked`` tells the settings that are chosen in the table above."""

    def __init__(self, visit: Visit, station: dict[str, Any], ticked: Callable[[], Sequence[Setting]]) -> None:
        self._visit, self._station, self._ticked = visit, station, ticked
        listing = Listing(
            path=f"/stations/{station['key']}/setting-templates",
            columns=_COLUMNS,
            label="Templates of settings",
            empty=_EMPTY,
            kinds=("CommandChanged", "ReportReceived"),
            station_key=station["key"],
            every_s=30.0,
            key="template",
        )
        with panel("Templates of settings"):
            self._outcomes = Outcomes(visit)
            keep = ui.button("Keep ticked as a template", icon="library_add", on_click=self._keep)
            allow(visit, keep.props("outline no-caps"), "operator")
            self._table = DataTable(visit, listing, on_select=self._open)

    def _open(self, item: Row) -> None:
        form = FormDialog(self._visit, item["name"], "Apply to this station", wide=True)
        with form:
            if not item["items"]:
                ui.label("All of its settings are as the template says, by what the station told last.")
            for drift in item["items"][:_MOST]:
                with ui.column().classes("gap-0"):
                    ui.label(full_name(drift)).classes("font-semibold").style("overflow-wrap:anywhere")
                    ui.label(f"is {text(drift['actual'])}, should be {drift['wanted']}").classes("sm-mono")
            if len(item["items"]) > _MOST:
                ui.label(f"and {len(item['items']) - _MOST} more").classes("sm-quiet")

        async def apply() -> None:
            body = {"stations": [self._station["key"]]}
            applied = await self._visit.api.post(f"/setting-templates/{item['template']}/apply", body)
            for given in applied["commands"]:
                path = f"/stations/{given['station']}/commands/{given['command']}"
                self._outcomes.follow(await self._visit.api.get(path), f"Apply {item['name']}")

        async def remove() -> None:
            await self._visit.api.delete(f"/setting-templates/{item['template']}")
            form.close()
            self._table.refresh()

        def ask_to_remove() -> None:
            question = f"Remove {item['name']}? It is a template of every station that it takes in."
            with self._visit.client:  # not in the form, which goes with the template
                confirm(self._visit, question, "Remove", remove, danger=True)

        form.on_send(apply)
        allow(self._visit, form.button, "operator")
        with form:
            allow(
                self._visit, ui.button("Remove the template", on_click=ask_to_remove).props("flat no-caps"), "operator"
            )
        form.open(once=True)

    def _keep(self) -> None:
        chosen = [s for s in self._ticked() if s.is_writable and s.value is not None]
        if not chosen:
            ui.notify("Tick rows whose values can be set and are known first.", type="warning")
            return
        form = FormDialog(self._visit, f"Keep {counted(len(chosen), 'setting')} as a template", "Keep")
        with form:
            name = form.field("name", ui.input("Name").props("maxlength=200").classes("w-full"))
            whom = ui.select(self._wholes(), value="station", label="For").classes("w-full")
            ui.label("It changes no station until it is applied.").classes("sm-quiet")

        async def keep() -> None:
            settings = [{**setting.address, "value": setting.value} for setting in chosen]
            body = {"name": name.value, "settings": settings, "stations": self._selection(str(whom.value))}
            await self._visit.api.post("/setting-templates", body)
            self._table.refresh()

        form.on_send(keep)
        form.open(once=True)

    def _wholes(self) -> dict[str, str]:
        info = self._station["info"]
        return {
            "station": "this station only",
            "model": f"all of this model: {info['vendor']} {info['model']}",
            "all": "all stations",
        }

    def _selection(self, whom: str) -> dict[str, Any]:
        info = self._station["info"]
        return {
            "station": {"stations": [self._station["key"]]},
            "model": {"vendor": info["vendor"], "model": info["model"]},
            "all": {},
        }[whom]
