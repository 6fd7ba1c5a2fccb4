"""What a station knows of a person (2.x): have it told, or erased. For administrators."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.parts.raw import shown_raw
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of

STATES: dict[str, Look] = {
    "queued": Look("waiting for the station", "quiet", "schedule"),
    "requested": Look("sent", "busy", "send"),
    "accepted": Look("accepted", "busy", "check"),
    "complete": Look("complete", "good", "done_all"),
    "rejected": Look("refused", "bad", "thumb_down"),
    "failed": Look("failed", "bad", "error"),
    "unsupported": Look("not supported", "quiet", "block"),
}
_FIELDS = (
    Field(path="identifier", label="Customer's identifier", hint="Give this or a token"),
    Field(path="id_token.value", label="Customer's token"),
    Field(path="id_token.type", label="Type of the token", hint="Such as ISO14443; empty: as it is known"),
    Field(path="report", label="Have the station tell what it knows", kind="check", value=True),
    Field(path="clear", label="Have the station erase it", kind="check"),
)


def customers(desk: Desk) -> None:
    """The section."""
    with desk.section("What the station knows of a person") as at:
        with tools():
            at.button("Ask about a person", "person_search", lambda: _ask(at), role="administrator")
        listing = Listing(
            path=at.path("customer-information"),
            columns=_columns(at.visit),
            label="Questions about persons",
            empty="Nobody was asked about yet.",
            kinds=("CustomerInformationReceived", "CommandChanged"),
            station_key=at.key,
            rows_per_page=10,
        )
        DataTable(at.visit, listing, on_select=lambda report: _open(at, report))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="Asked", cell=lambda report: moment(report["created_at"], visit.zone)),
        Column(name="state", label="State", cell=lambda report: badge_cell(look_of(STATES, report["state"]))),
        Column(name="what", label="For", cell=_purpose),
        Column(name="by", label="Named by", cell=lambda report: text(report["asked"]), wide_only=True),
        Column(name="detail", label="Why", cell=lambda report: text(report["detail"]), wide_only=True),
    )


def _purpose(report: Row) -> str:
    return " and ".join(
        word for word, is_meant in (("report", report["report"]), ("erase", report["clear"])) if is_meant
    )


def _ask(at: Section) -> None:
    async def send(body: dict[str, Any]) -> None:
        report = await at.visit.api.post(at.path("customer-information"), body)
        await at.follow(report["key"], "Ask about a person")

    ask(at.visit, "Ask about a person", "Ask", _FIELDS, send, role="administrator")


async def _open(at: Section, report: Row) -> None:
    whole = await at.visit.trying(at.visit.api.get(at.path(f"customer-information/{report['key']}")))
    if whole is None:
        return
    if not whole["text"]:
        ui.notify("The station told nothing." if report["state"] == "complete" else "Nothing was told yet.")
        return
    gaps = "Parts of it are missing." if whole["gaps"] else ""
    shown_raw("What the station knows", [(gaps, whole["text"])])
