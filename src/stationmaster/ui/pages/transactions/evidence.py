"""What stands behind a transaction: registers, what the meter signed, the station's own sum, the raw messages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import NONE, duration, energy, moment, money, parsed
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.parts.raw import pretty, shown_raw
from stationmaster.ui.visit import Visit

_GAPS = {
    "register_backwards": "The meter fell",
    "register_jump": "The meter rose by more than the EVSE can deliver",
    "register_gap": "The meter counted energy that is on no transaction",
}
_AROUND = timedelta(minutes=2)
"""Before and after: what led to it, and the answers."""
_MOST_FRAME = 160
"""Characters of a frame in the table; all of it is shown when it is opened."""


def evidence(visit: Visit, transaction: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """The panels, each where there is something for it. What it returns is to be told how the transaction stands."""
    with panel("The meter"):
        meter = _Meter(visit, transaction)
        _signed(visit, transaction)
    _station_cost(visit, transaction)
    with panel("Raw messages"):
        _messages(visit, transaction)
    return meter.show


class _Meter:
    """Registers at start and end, and whether they fit to what was before and after."""

    def __init__(self, visit: Visit, transaction: dict[str, Any]) -> None:
        self._visit, self._key, self._evse = visit, transaction["key"], transaction["evse_id"]
        self._facts = Facts("Register at the start", "Register at the end", "Energy")
        self._gap = ui.label().classes("sm-quiet")
        station = transaction["station"]
        kinds = ("TransactionEnded", "RegisterOdd")
        visit.watch(f"/stations/{station}/registers", self._fit, kinds=kinds, station_key=station, every_s=60.0)

    def show(self, now: dict[str, Any]) -> None:
        self._facts.show(
            {
                "Register at the start": register(now["meter_start_wh"]),
                "Register at the end": register(now["meter_stop_wh"]),
                "Energy": energy(now["energy_wh"]),
            }
        )

    def _fit(self, answer: dict[str, Any]) -> None:
        gaps = [each["gap"] for each in answer["items"] if each["evse_id"] == self._evse and each["gap"]]
        near = [gap for gap in gaps if self._key in (gap["before"], gap["transaction"])]
        self._gap.set_text(" ".join(self._in_words(gap) for gap in near))
        self._gap.visible = bool(near)

    def _in_words(self, gap: dict[str, Any]) -> str:
        zone = self._visit.zone
        when = "before this transaction" if gap["transaction"] == self._key else "after this transaction"
        between = f"between {moment(gap['from_at'], zone)} and {moment(gap['to_at'], zone)}"
        return f"{_GAPS.get(gap['kind'], gap['kind'])} {when}: {energy(gap['wh'])}, {between}."


def register(wh: float | None) -> str:
    """As it stood, to the digit."""
    return NONE if wh is None else f"{wh:,} Wh"


def _signed(visit: Visit, transaction: dict[str, Any]) -> None:
    base = f"/api/v1/transactions/{transaction['key']}"
    with ui.row().classes("items-center gap-4 w-full"):
        ui.link("Meter values as CSV", f"{base}/meter-values?format=csv").classes("sm-link").props("download")
        look = ui.button("Look for signed data", icon="verified").props("outline no-caps")
        said = ui.label().classes("sm-quiet").props("role=status")
        files = ui.row().classes("gap-4")

    async def looked() -> None:
        try:
            found = await visit.api.get(f"/transactions/{transaction['key']}/signed-data")
        except Problem as problem:
            visit.failed(problem)
            return
        count = len(found["values"])
        said.set_text(f"{count} signed values" if count else "The meter has signed nothing of this transaction.")
        files.clear()
        with files:
            for title, form in (("XML for transparency software", "xml"), ("JSON", "json")) if count else ():
                ui.link(title, f"{base}/signed-data?format={form}").classes("sm-link").props("download")

    look.on_click(looked)


def _station_cost(visit: Visit, transaction: dict[str, Any]) -> None:
    with panel("The station's own sum") as card:
        facts = Facts("The station says", "The bill says", "The station says more by", "Energy", "Charging", "Idle")
        note = ui.label().classes("sm-error pl-2")
        parts = PlainTable(
            (
                Column(name="part", label="For", cell=lambda part: part["name"]),
                Column(name="net", label="Net", align="right", cell=lambda part: money(part["net"], None)),
                Column(name="total", label="With tax", align="right", cell=lambda part: money(part["total"], None)),
            ),
            label="The station's own sum, by part",
            empty="",
        )
    card.visible = False

    def show(cost: dict[str, Any]) -> None:
        card.visible = True
        facts.show(
            {
                "The station says": money(cost["total"] or cost["net"], cost["currency"]),
                "The bill says": money(cost["bill_total"], cost["bill_currency"]),
                "The station says more by": money(cost["difference"], cost["currency"]),
                "Energy": energy(cost["energy_wh"]),
                "Charging": duration(cost["charging_s"]),
                "Idle": duration(cost["idle_s"]),
            }
        )
        parts.show([{"name": name, **part} for name, part in cost["parts"].items()])
        failed = f"The station could not reckon it: {cost['failure'] or 'it gave no reason'}." if cost["failed"] else ""
        differs = "They differ by more than rounding explains." if cost["differs"] else ""
        note.set_text(failed or differs)
        note.visible = bool(note.text)

    def absent(problem: Problem) -> None:
        if problem.status != 404:
            visit.failed(problem)

    path = f"/transactions/{transaction['key']}/station-cost"
    kinds = ("BillIssued", "BillHeld")
    visit.watch(path, show, kinds=kinds, station_key=transaction["station"], every_s=60.0, failed=absent)


def _messages(visit: Visit, transaction: dict[str, Any]) -> None:
    if not visit.may("operator"):
        ui.label(f"Messages may name persons: to read them needs the role operator; yours is {visit.who.role}.")
        return
    query = frames_of(transaction)
    with ui.row().classes("items-center gap-4 w-full"):
        shown = ui.button("Show the messages that name it", icon="forum").props("outline no-caps")
        ui.link("Open them in the message log", f"/messages/history?{urlencode(query)}").classes("sm-link")
    place = ui.column().classes("w-full")

    def show() -> None:
        shown.visible = False
        with place:
            DataTable(
                visit,
                Listing(
                    path="/messages",
                    columns=(
                        Column(name="at", label="When", cell=lambda frame: moment(frame["at"], visit.zone)),
                        Column(name="way", label="From", cell=_way),
                        Column(name="action", label="Action", cell=lambda frame: frame["action"] or frame["kind"]),
                        Column(name="frame", label="Frame", cell=_short, wide_only=True),
                    ),
                    label="Messages that name the transaction",
                    empty="The message log has none any more, or it is kept for less long.",
                    filters=query,
                    rows_per_page=10,
                    every_s=15.0,
                ),
                on_select=lambda frame: shown_raw(frame["action"] or frame["kind"], [("", pretty(frame["frame"]))]),
            )

    shown.on_click(show)


def frames_of(transaction: dict[str, Any]) -> dict[str, Any]:
    """Which frames of the message log are about it: of its station, in its time as we received it, with its id."""
    first = parsed(transaction["received_at"])
    last = parsed(transaction["end_received_at"] or transaction["close_decided_at"])
    query: dict[str, Any] = {"station": transaction["station"], "text": transaction["transaction_id"]}
    if first is not None:
        query["from"] = (first - _AROUND).isoformat()
    if last is not None:
        query["to"] = (last + _AROUND).isoformat()
    return query


def _way(frame: Row) -> str:
    return "station" if frame["direction"] == "in" else "us"


def _short(frame: Row) -> str:
    text = frame["frame"]
    return text if len(text) <= _MOST_FRAME else f"{text[:_MOST_FRAME]}…"
