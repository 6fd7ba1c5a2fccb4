"""The events of a transaction, with what is odd about each: late, offline, gaps before it, contradicted."""

from typing import Any

from stationmaster.ui.formats import NONE, duration, moment
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row
from stationmaster.ui.parts.raw import shown_raw
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look

LATE_S = 60
"""From when on it is worth a word that an event came later than it happened."""


def timeline(visit: Visit, transaction: dict[str, Any]) -> None:
    DataTable(
        visit,
        Listing(
            path=f"/transactions/{transaction['key']}/timeline",
            columns=(
                Column(
                    name="at",
                    label="Station's time",
                    sort="timestamp",
                    cell=lambda event: moment(event["timestamp"], visit.zone),
                ),
                Column(
                    name="received",
                    label="Received",
                    cell=lambda event: moment(event["received_at"], visit.zone),
                    wide_only=True,
                ),
                Column(name="number", label="No.", align="right", cell=_number, wide_only=True),
                Column(
                    name="event",
                    label="Event",
                    cell=lambda event: f"{event['event_type']}: {event['trigger_reason']}",
                ),
                Column(name="told", label="Told", cell=told, wide_only=True),
                Column(name="odd", label="Odd", cell=odd),
            ),
            label="Events of the transaction",
            empty="No event of it is stored.",
            kinds=("TransactionUpdated", "TransactionEnded"),
            station_key=transaction["station"],
            sort="-timestamp" if transaction["open"] else "timestamp",
            rows_per_page=10,
        ),
        on_select=lambda event: _open(event, visit),
    )


def _number(event: Row) -> str:
    return NONE if event["seq_no"] is None else str(event["seq_no"])


def told(event: Row) -> str:
    """What changed with it, in the words of the specification."""
    body = event["event"]
    token = (body.get("id_token") or {}).get("value")
    said = [
        body.get("charging_state"),
        body.get("stopped_reason") and f"stopped: {body['stopped_reason']}",
        token and f"token {token}",
        body.get("meter_wh") is not None and f"meter {body['meter_wh']} Wh",
    ]
    return ", ".join(str(word) for word in said if word)


def odd(event: Row) -> Cell:
    """In words; empty where there is nothing."""
    missing = event["missing_before"]
    marks = [
        "told offline" if event["offline"] else "",
        f"came {duration(event['delay_s'])} late" if event["delay_s"] >= LATE_S else "",
        "station's clock is ahead" if event["delay_s"] <= -LATE_S else "",
        f"{missing} {'message' if missing == 1 else 'messages'} missing before" if missing else "",
        "contradicted" if event["contradicted_by"] else "",
    ]
    text = ", ".join(mark for mark in marks if mark)
    return Cell(text=text, look=Look(text, "warn", "warning")) if text else Cell(text="")


def _open(event: Row, visit: Visit) -> None:
    contradictions = [
        (f"Told otherwise at {moment(each['received_at'], visit.zone)}", each["event"])
        for each in event["contradicted_by"]
    ]
    shown_raw(f"{event['event_type']}: {event['trigger_reason']}", [("", event["event"]), *contradictions])
