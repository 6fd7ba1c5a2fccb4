"""Who was refused, where and why."""

from nicegui import ui

from stationmaster.ui.formats import NONE, moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.tokens.looks import status_cell, tabs
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.period import Period
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.visit import Visit, page

_STATUSES = (
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
)
_PURPOSES = {"authorize": "be let in", "start": "start", "stop": "stop"}


@page("/tokens/refusals", title="Refusals")
def refusals(visit: Visit) -> None:
    page_tabs("Tokens", tabs(visit), "/tokens/refusals")
    with ui.row().classes("items-center gap-3 w-full"):
        token = ui.input("Token").props("dense outlined clearable debounce=400 type=search").classes("w-52")
        with ui.element("div").classes("w-56"):
            station = Picker(visit, STATIONS)
        station.element.props("dense outlined")
        status = ui.select({"": "All", **{each: each for each in _STATUSES}}, value="", label="Status")
        status.props("dense outlined").classes("w-44")
        Period(visit, lambda values: table.filter(**values))
    table = DataTable(
        visit,
        Listing(
            path="/refusals",
            columns=refusal_columns(visit, with_token=True),
            label="Refusals",
            empty="Nobody was refused, as far as that is kept.",
        ),
    )
    token.on_value_change(lambda event: table.filter(token=(event.value or "").strip()))
    station.element.on_value_change(lambda event: table.filter(station=event.value))
    status.on_value_change(lambda event: table.filter(status=event.value))


def refusal_columns(visit: Visit, *, with_token: bool) -> tuple[Column, ...]:
    """``with_token``: the page is about more than one."""
    token = (Column(name="token", label="Token", cell=_token),) if with_token else ()
    return (
        Column(name="at", label="When", cell=lambda refusal: moment(refusal["at"], visit.zone)),
        *token,
        Column(name="status", label="Said", cell=status_cell),
        Column(name="reason", label="Why", cell=lambda refusal: refusal["reason"]),
        Column(name="station", label="Station", cell=_station),
        Column(name="purpose", label="Wanted to", cell=_purpose, wide_only=True),
        Column(name="transaction", label="Transaction", cell=_transaction, wide_only=True),
    )


def _token(refusal: Row) -> str:
    return refusal["token"] if not refusal["token_type"] else f"{refusal['token']} ({refusal['token_type']})"


def _station(refusal: Row) -> Cell:
    place = "" if refusal["evse_id"] is None else f", EVSE {refusal['evse_id']}"
    name = refusal["station_identity"] or f"station {refusal['station']}"
    return Cell(text=f"{name}{place}", href=f"/stations/{refusal['station']}")


def _purpose(refusal: Row) -> str:
    return _PURPOSES.get(refusal["purpose"], shown(refusal["purpose"]))


def _transaction(refusal: Row) -> Cell | str:
    key = refusal["transaction"]
    return NONE if key is None else Cell(text="open it", href=f"/transactions/{key}")
