"""The tab "Local list": the tokens that the station knows by itself."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, tools
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of

CHANGES = ("LocalListChanged", "CommandChanged")
STATES: dict[str, Look] = {
    "off": Look("not kept", "quiet", "block"),
    "unknown": Look("not known", "quiet", "help"),
    "unsupported": Look("the station has no local list", "quiet", "block"),
    "in_sync": Look("in step with ours", "good", "done_all"),
    "stale": Look("to be sent", "busy", "schedule_send"),
    "partial": Look("not all of it fits", "warn", "rule"),
    "refused": Look("refused by the station", "bad", "thumb_down"),
}
_KEPT = {"": "As for all stations", "true": "Kept", "false": "Not kept"}
_ANSWERS = {"": None, "true": True, "false": False}


def build(visit: Visit, station: dict[str, Any]) -> None:
    LocalList(Desk(visit, station))


class LocalList:
    """The tab."""

    def __init__(self, at: Desk) -> None:
        self._at = at
        with panel("Local list"):
            self._badge = StateBadge(look_of(STATES, None))
            self._facts = Facts("Version", "Entries", "Sent", "Looked at", "Next look", "What is wrong", "Left out")
            with tools():
                at.button("Send what changed", "sync", lambda: self._sync(full=False))
                at.button("Send the whole list", "cloud_upload", lambda: self._sync(full=True))
                self._kept = ui.select(_KEPT, value="", label="Kept for this station").classes("w-52")
                if not at.visit.may("operator"):
                    self._kept.disable()
        if at.visit.may("operator"):
            self._entries()
        at.visit.watch(at.path("local-list"), self._show, kinds=CHANGES, station_key=at.key)
        self._kept.on_value_change(self._keep)

    def _entries(self) -> None:
        with panel("Entries"):
            listing = Listing(
                path=self._at.path("local-list/entries"),
                columns=_columns(self._at.visit),
                label="Entries of the local list",
                empty="None: tokens that may charge here come onto the list once it is kept and sent.",
                kinds=CHANGES,
                station_key=self._at.key,
                key=lambda entry: f"{entry['type']} {entry['value']}",
            )
            DataTable(self._at.visit, listing)

    def _show(self, standing: Row) -> None:
        self._badge.show(look_of(STATES, standing["state"]))
        self._facts.show(facts(standing, self._at.visit))
        said = standing["kept"]
        self._kept.value = "" if said is None else str(said).lower()

    async def _sync(self, *, full: bool) -> None:
        asked = self._at.visit.api.post(self._at.path("local-list/sync"), {"full": full})
        standing = await self._at.visit.trying(asked)
        if standing is not None:
            self._show(standing)
            ui.notify("Asked for. What becomes of it stands above.", type="positive")

    async def _keep(self, event: Any) -> None:
        shown = await self._at.visit.trying(self._at.visit.api.get(self._at.path("local-list")))
        wanted = _ANSWERS[event.value]
        if shown is None or shown["kept"] == wanted:
            return
        standing = await self._at.visit.trying(self._at.visit.api.put(self._at.path("local-list"), {"kept": wanted}))
        if standing is not None:
            self._show(standing)


def facts(standing: Row, visit: Visit) -> dict[str, object]:
    """How the list stands, in words."""
    left_out = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in standing["left_out"].items())
    return {
        "Version": standing["version"],
        "Entries": standing["entries"],
        "Sent": moment(standing["sent_at"], visit.zone),
        "Looked at": moment(standing["checked_at"], visit.zone),
        "Next look": moment(standing["resync_at"], visit.zone),
        "What is wrong": standing["problem"],
        "Left out": left_out,
    }


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="token", label="Token", cell=lambda entry: str(entry["value"])),
        Column(name="type", label="Type", cell=lambda entry: text(entry["type"])),
        Column(name="status", label="Status", cell=lambda entry: str(entry["status"])),
        Column(name="group", label="Group", cell=lambda entry: text(entry["group"]), wide_only=True),
        Column(name="until", label="Until", cell=lambda entry: moment(entry["expires_at"], visit.zone), wide_only=True),
        Column(
            name="where",
            label="EVSEs",
            cell=lambda entry: ", ".join(map(str, entry["evse_ids"])) or "all",
            wide_only=True,
        ),
    )
