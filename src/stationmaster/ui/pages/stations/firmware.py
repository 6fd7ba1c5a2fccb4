"""The tab "Firmware": what runs, the updates there were with all that was told of them, and starting one."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE, moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.pages.stations.firmware_images import ready_images
from stationmaster.ui.pages.stations.publications import publications
from stationmaster.ui.pages.stations.timeline import Moment, Timeline
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of

CHANGES = ("FirmwareStatusChanged", "CommandChanged", "StationBooted")
UPDATES: dict[str, Look] = {
    "queued": Look("waiting for the station", "quiet", "schedule"),
    "requested": Look("sent", "busy", "send"),
    "accepted": Look("accepted", "busy", "check"),
    "under_way": Look("under way", "busy", "downloading"),
    "installed": Look("installed", "good", "done_all"),
    "failed": Look("failed", "bad", "error"),
    "rejected": Look("refused", "bad", "thumb_down"),
    "superseded": Look("replaced by a newer one", "quiet", "skip_next"),
    "expired": Look("never sent", "bad", "timer_off"),
    "unsupported": Look("not supported", "quiet", "block"),
    "unanswered": Look("no answer", "bad", "timer_off"),
    "silent": Look("the station says no more of it", "warn", "hourglass_disabled"),
    "wrong_version": Look("booted with another version", "bad", "difference"),
}
_NO_UPDATE = "No update was asked for here yet."


def build(visit: Visit, station: dict[str, Any]) -> None:
    desk = Desk(visit, station)
    Latest(desk)
    with desk.section("Updates") as at:
        listing = Listing(
            path=at.path("firmware-updates"),
            columns=_columns(visit),
            label="Firmware updates",
            empty="None yet. Update the firmware above, or start a campaign for many stations.",
            kinds=CHANGES,
            station_key=at.key,
        )
        DataTable(visit, listing, on_select=lambda update: _open(at, update))
    if not desk.speaks_1x:
        publications(desk)


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="version", label="To version", cell=lambda update: text(update["version"])),
        Column(name="state", label="State", cell=lambda update: badge_cell(look_of(UPDATES, update["state"]))),
        Column(name="said", label="The station's last word", cell=lambda update: text(update["status"])),
        Column(name="asked", label="Asked for", cell=lambda update: moment(update["created_at"], visit.zone)),
        Column(name="ended", label="Ended", cell=lambda update: moment(update["ended_at"], visit.zone), wide_only=True),
        Column(name="from", label="From version", cell=lambda update: text(update["from_version"]), wide_only=True),
        Column(name="detail", label="Why", cell=lambda update: text(update["detail"]), wide_only=True),
    )


class Latest:
    """What runs, and the newest update, step by step as it happens."""

    def __init__(self, desk: Desk) -> None:
        self._followed: int | None = None
        self._stop: Callable[[], None] = lambda: None
        with desk.section("Firmware") as at:
            self._at = at
            self._facts = Facts("Present version", "Newest update", "From", "To")
            self._badge = StateBadge(look_of(UPDATES, None))
            self._badge.element.visible = False
            self._timeline = Timeline(at.visit.zone)
            with tools():
                at.button("Update the firmware", "system_update_alt", self._ask)
        watch = at.visit.watch
        watch(f"/stations/{at.key}", self._show_station, kinds=("StationBooted",), station_key=at.key)
        watch(at.path("firmware-updates"), self._show_newest, query={"limit": 1}, kinds=CHANGES, station_key=at.key)

    def _show_station(self, station: Row) -> None:
        self._facts.show({"Present version": station["info"]["firmware_version"]})

    def _show_newest(self, page: Any) -> None:
        if not page["items"]:
            self._facts.show({"Newest update": _NO_UPDATE})
            return
        newest = page["items"][0]
        self._facts.show(facts(newest, self._at.visit))
        self._badge.show(look_of(UPDATES, newest["state"]))
        self._badge.element.visible = True
        if newest["key"] != self._followed:
            self._followed = newest["key"]
            self._timeline.clear()
            self._stop()
            path = self._at.path(f"firmware-updates/{newest['key']}")
            self._stop = self._at.visit.watch(path, self._show_statuses, kinds=CHANGES, station_key=self._at.key)

    def _show_statuses(self, answer: Row) -> None:
        if answer["update"]["key"] == self._followed:
            self._timeline.show(moments(answer))

    async def _ask(self) -> None:
        choices = await self._at.visit.trying(ready_images(self._at.visit.api))
        if choices is not None:
            ask_update(self._at, choices)


def facts(update: Row, visit: Visit) -> dict[str, object]:
    """An update in words."""
    detail = f": {update['detail']}" if update["detail"] else ""
    return {
        "Newest update": f"asked for {moment(update['created_at'], visit.zone)}{detail}",
        "From": update["from_version"],
        "To": update["version"],
    }


def moments(answer: Row) -> list[Moment]:
    """All that was told of an update, in order, with what we know ourselves before and after."""
    update = answer["update"]
    own = [(update["created_at"], "Asked for", "")]
    if update["requested_at"]:
        own.append((update["requested_at"], "Sent to the station", ""))
    told = [(entry["at"], entry["status"], "; ".join(_remarks(entry))) for entry in answer["statuses"]]
    end = [(update["confirmed_at"], f"Booted with {update['version']}", "")] if update["confirmed_at"] else []
    return [Moment(at=at, what=what, detail=detail) for at, what, detail in [*own, *told, *end]]


def _remarks(entry: Row) -> list[str]:
    strange = [] if entry["in_order"] else ["does not follow from what was said before"]
    return [*([entry["info"]] if entry["info"] else []), *strange]


def ask_update(at: Section, choices: dict[int, str]) -> None:
    fields = (
        Field(path="image", label="Image", kind="choice", options=choices, value=next(iter(choices), None)),
        Field(path="retrieve_at", label="Fetch it at", kind="moment", hint="Empty: at once"),
        Field(path="install_at", label="Install it at", kind="moment", hint="Empty: as soon as it can be"),
        Field(path="retries", label="Further tries", kind="number", hint="Empty: as the station will"),
        Field(path="allow_unsigned", label="Send it even if it is not signed", kind="check"),
    )

    async def send(body: dict[str, Any]) -> None:
        update = await at.visit.api.post(at.path("firmware-updates"), body)
        await at.follow(update["key"], f"Update the firmware to {update['version'] or NONE}")

    form = ask(at.visit, "Update the firmware", "Update", fields, send)
    if not choices:
        with form:
            ui.label("There is no image yet. An administrator puts one in under Firmware.")
            ui.link("Firmware images", "/firmware").classes("sm-link")
        form.button.disable()


def _open(at: Section, update: Row) -> None:
    """An older update, with all that was told of it."""
    form = FormDialog(at.visit, f"Update to {update['version'] or NONE}", "Close", wide=True)
    with form:
        StateBadge(look_of(UPDATES, update["state"]))
        if update["detail"]:
            ui.label(update["detail"])
        line = Timeline(at.visit.zone)

    async def close() -> None:
        form.close()

    form.on_send(close)
    stop = at.visit.watch(
        at.path(f"firmware-updates/{update['key']}"),
        lambda answer: line.show(moments(answer)),
        kinds=CHANGES,
        station_key=at.key,
    )
    form.dialog.on("hide", stop)
    form.open(once=True)
