"""Images that a local controller offers to the stations behind it (2.x)."""

from typing import Any

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.pages.stations.firmware_images import ready_images
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of

STATES: dict[str, Look] = {
    "queued": Look("waiting for the station", "quiet", "schedule"),
    "requested": Look("sent", "busy", "send"),
    "accepted": Look("accepted", "busy", "check"),
    "under_way": Look("under way", "busy", "downloading"),
    "published": Look("published", "good", "campaign"),
    "unpublished": Look("taken back", "quiet", "undo"),
    "rejected": Look("refused", "bad", "thumb_down"),
    "failed": Look("failed", "bad", "error"),
}


def publications(desk: Desk) -> None:
    """The section."""
    with desk.section("Published for other stations") as at:
        with tools():
            at.button("Have an image published", "campaign", lambda: _ask(at))
        listing = Listing(
            path=at.path("publications"),
            columns=_columns(at.visit),
            label="Publications",
            empty="None. Only local controllers publish images, for the stations behind them.",
            kinds=("PublicationChanged", "CommandChanged"),
            station_key=at.key,
            rows_per_page=10,
        )
        DataTable(at.visit, listing, on_select=lambda publication: _open(at, publication))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="image", label="Checksum", cell=lambda item: str(item["checksum"])),
        Column(name="state", label="State", cell=lambda item: badge_cell(look_of(STATES, item["state"]))),
        Column(name="where", label="Where", cell=lambda item: text(", ".join(item["locations"]))),
        Column(name="detail", label="Why", cell=lambda item: text(item["detail"]), wide_only=True),
        Column(name="at", label="Asked for", cell=lambda item: moment(item["created_at"], visit.zone), wide_only=True),
    )


async def _ask(at: Section) -> None:
    choices = await at.visit.trying(ready_images(at.visit.api))
    if choices is None:
        return
    fields = (
        Field(path="image", label="Image", kind="choice", options=choices, value=next(iter(choices), None)),
        Field(path="retries", label="Further tries", kind="number", hint="Empty: as the station will"),
    )

    async def send(body: dict[str, Any]) -> None:
        publication = await at.visit.api.post(at.path("publications"), body)
        await at.follow(publication["key"], "Publish an image")

    ask(at.visit, "Have an image published", "Publish", fields, send)


def _open(at: Section, publication: Row) -> None:
    form = FormDialog(at.visit, f"Publication {publication['checksum']}", "Publish it no more", danger=True)

    async def end() -> None:
        given = await at.visit.api.delete(at.path(f"publications/{publication['key']}"))
        await at.follow(given["command"], "Publish an image no more")

    form.on_send(end)
    allow(at.visit, form.button, "operator")
    if publication["state"] != "published":
        form.button.disable()
    form.open(once=True)
