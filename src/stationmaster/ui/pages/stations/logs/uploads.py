"""Logs that a station is asked for, followed to their files."""

from typing import Any

from stationmaster.ui.formats import NONE, moment, size, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of, word_of

STATES: dict[str, Look] = {
    "queued": Look("waiting for the station", "quiet", "schedule"),
    "requested": Look("sent", "busy", "send"),
    "accepted": Look("accepted", "busy", "check"),
    "uploading": Look("uploading", "busy", "upload"),
    "uploaded": Look("uploaded", "good", "done_all"),
    "rejected": Look("refused", "bad", "thumb_down"),
    "failed": Look("failed", "bad", "error"),
    "unsupported": Look("not supported", "quiet", "block"),
    "canceled": Look("given up for a newer one", "quiet", "skip_next"),
    "silent": Look("the station says no more of it", "warn", "hourglass_disabled"),
}
LOGS = {
    "DiagnosticsLog": "Diagnostics",
    "SecurityLog": "Security",
    "DataCollectorLog": "Data collector (2.1)",
}
_FIELDS = (
    Field(path="log_type", label="Log", kind="choice", options=LOGS, value="DiagnosticsLog"),
    Field(path="from", label="From", kind="moment", hint="Empty: as far back as there is"),
    Field(path="to", label="To", kind="moment", hint="Empty: until now"),
    Field(path="retries", label="Further tries", kind="number", hint="Empty: as the station will"),
)


def uploads(desk: Desk) -> None:
    """The section."""
    with desk.section("Logs") as at:
        with tools():
            at.button("Request a log", "description", lambda: _ask(at))
        listing = Listing(
            path=at.path("log-uploads"),
            columns=_columns(at.visit),
            label="Logs",
            empty="None yet: request one, and its file can be downloaded here.",
            kinds=("LogUploadChanged", "FileReceived", "CommandChanged"),
            station_key=at.key,
            rows_per_page=10,
        )
        DataTable(at.visit, listing)


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="log", label="Log", cell=lambda upload: word_of(LOGS, upload["log_type"])),
        Column(name="state", label="State", cell=lambda upload: badge_cell(look_of(STATES, upload["state"]))),
        Column(name="file", label="File", cell=file_cell),
        Column(name="asked", label="Asked for", cell=lambda upload: moment(upload["created_at"], visit.zone)),
        Column(name="heard", label="Last word", cell=lambda u: moment(u["heard_at"], visit.zone), wide_only=True),
        Column(name="detail", label="Why", cell=lambda upload: text(upload["detail"]), wide_only=True),
    )


def file_cell(upload: Row) -> Cell:
    """A link that saves the file, once it is there."""
    file = upload["file"]
    if file is None:
        return Cell(text=NONE)
    name = file["name"] or upload["filename"] or f"log {upload['key']}"
    href = f"/api/v1/stations/{upload['station']}/log-uploads/{upload['key']}/file"
    return Cell(text=f"{name}, {size(file['size_bytes'])}", href=href)


def _ask(at: Section) -> None:
    async def send(body: dict[str, Any]) -> None:
        upload = await at.visit.api.post(at.path("log-uploads"), body)
        await at.follow(upload["key"], f"Request the log: {word_of(LOGS, upload['log_type'])}")

    ask(at.visit, "Request a log", "Request", _FIELDS, send)
