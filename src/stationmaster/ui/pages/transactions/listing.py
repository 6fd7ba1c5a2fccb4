"""All transactions: searched and filtered by the API, live, and as CSV."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE, energy, moment, money, power
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.transactions.looks import TABS, flags_in_words, station_cell, transaction_look
from stationmaster.ui.parts.address import Address
from stationmaster.ui.parts.csv_link import CsvLink
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.period import Period
from stationmaster.ui.visit import Visit, page

CHANGES = ("TransactionStarted", "TransactionEnded", "TransactionClosed", "BillIssued", "BillHeld")
"""Updates of those that run are left to the list's own rhythm: a thousand stations tell some every second."""
_SEARCHED = {"text": "Station", "token": "Token", "transaction_id": "Id on the wire"}
_STATES = {"": "All", "true": "Running", "false": "Ended"}
_MOST_SITES = 1000
_FILTERS = ("text", "token", "transaction_id", "open", "site", "from", "to", "station")


@page("/transactions", title="Transactions")
async def transactions(visit: Visit) -> None:
    page_tabs("Transactions and bills", TABS, "/transactions")
    sites = [site["name"] for site in (await visit.api.get("/sites", {"limit": _MOST_SITES}))["items"]]
    TransactionList(visit, sites)


class TransactionList:
    """The filters stand in the page's address."""

    def __init__(self, visit: Visit, sites: Sequence[str]) -> None:
        self._address = Address(visit)
        self._filters = {name: value for name, value in self._address.values.items() if name in _FILTERS}
        with ui.row().classes("items-center gap-3 w-full"):
            self._search()
            self._select("open", _STATES, "Show", "w-32")
            options = site_options(sites, self._filters.get("site"))
            if len(options) > 1:
                self._select("site", options, "Site", "w-44")
            Period(visit, self._ask, self._filters)
            ui.space()
            self._csv = CsvLink("/transactions", self._filters)
        running = Running(visit)
        self._table = DataTable(
            visit,
            Listing(
                path="/transactions",
                columns=_columns(visit, running.values),
                label="Transactions",
                empty="No transaction matches. They appear here as soon as a station tells of one.",
                kinds=CHANGES,
                filters=self._filters,
                total=True,
            ),
            on_shown=running.follow,
        )
        running.on_change = self._table.redraw

    def _search(self) -> None:
        given = next((name for name in _SEARCHED if name in self._filters), "text")
        inside = ui.select(_SEARCHED, value=given, label="Search in").props("dense outlined").classes("w-36")
        text = ui.input("Search", value=self._filters.get(given, ""))
        text.props("dense outlined clearable debounce=400 type=search").classes("w-56")

        def search() -> None:
            wanted = (text.value or "").strip() or None
            self._ask({name: wanted if name == inside.value else None for name in _SEARCHED})

        inside.on_value_change(search)
        text.on_value_change(search)

    def _select(self, name: str, options: Mapping[str, str], label: str, width: str) -> None:
        value = self._filters.get(name, "")
        select = ui.select(dict(options), value=value if value in options else "", label=label)
        select.props("dense outlined").classes(width)
        select.on_value_change(lambda event: self._ask({name: event.value or None}))

    def _ask(self, values: Mapping[str, str | None]) -> None:
        self._filters = {name: value for name, value in {**self._filters, **values}.items() if value}
        self._address.put(**values)
        self._csv.show(self._filters)
        self._table.filter(**values)


class Running:
    """Power and cost so far of the running transactions that are shown; the API reckons them."""

    def __init__(self, visit: Visit) -> None:
        self.values: dict[int, Row] = {}
        self.on_change: Callable[[], None] = lambda: None
        self._visit = visit
        self._keys: list[int] = []
        self._stop: Callable[[], None] = lambda: None

    def follow(self, items: Sequence[Row]) -> None:
        keys = sorted(item["key"] for item in items if item["open"])
        if keys == self._keys:
            return
        self._stop()
        self._keys = keys
        if keys:
            query = {"keys": ",".join(map(str, keys))}
            self._stop = self._visit.watch("/transactions/running", self._show, query=query, every_s=10.0)

    def _show(self, answer: Any) -> None:
        self.values.clear()
        self.values.update({item["key"]: item for item in answer["items"]})
        self.on_change()


def _columns(visit: Visit, running: Mapping[int, Row]) -> tuple[Column, ...]:
    return (
        Column(name="started", label="Started", cell=lambda transaction: _started(transaction, visit)),
        Column(name="state", label="State", cell=lambda transaction: badge_cell(transaction_look(transaction))),
        Column(name="station", label="Station", cell=station_cell),
        Column(name="evse", label="EVSE", cell=lambda transaction: shown(transaction["evse_id"]), wide_only=True),
        Column(name="token", label="Token", cell=lambda transaction: shown(transaction["token"]), wide_only=True),
        Column(
            name="power",
            label="Power",
            align="right",
            cell=lambda transaction: power_now(transaction, running),
            wide_only=True,
        ),
        Column(name="energy", label="Energy", align="right", cell=lambda transaction: energy(transaction["energy_wh"])),
        Column(name="cost", label="Cost", align="right", cell=lambda transaction: cost_now(transaction, running)),
        Column(
            name="odd", label="Odd", cell=lambda transaction: flags_in_words(transaction["anomalies"]), wide_only=True
        ),
    )


def _started(transaction: Row, visit: Visit) -> Cell:
    at = moment(transaction["started_at"] or transaction["first_event_at"], visit.zone)
    return Cell(text=at, href=f"/transactions/{transaction['key']}")


def site_options(sites: Sequence[str], asked: str | None) -> dict[str, str]:
    """All, each site, and the one that the page's address asks for even if it is none of them."""
    return {"": "All", **{name: name for name in sites}, **({asked: asked} if asked else {})}


def power_now(transaction: Row, running: Mapping[int, Row]) -> str:
    """Of a running one, as the station told it last."""
    now = running.get(transaction["key"])
    return power(transaction["power_w"] if now is None else now["power_w"]) if transaction["open"] else NONE


def cost_now(transaction: Row, running: Mapping[int, Row]) -> str:
    """What the bill says; of a running one, what it comes to so far."""
    if not transaction["open"]:
        return money(transaction["cost"], transaction["currency"])
    now = running.get(transaction["key"])
    return NONE if now is None or now["total"] is None else f"{money(now['total'], now['currency'])} so far"
