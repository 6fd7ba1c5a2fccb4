"""Money that came past the bills: payments on web pages and at kiosks, and what was settled with the provider."""

from functools import partial
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import duration, energy, moment, money
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.tariffs.words import tabs_of
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.heading import heading
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import Look, look_of

_PAYMENTS = {
    "open": Look("waits to be paid", "busy", "hourglass_top"),
    "expired": Look("not paid in time", "quiet", "timer_off"),
    "cancelled": Look("cancelled", "quiet", "close"),
    "paid": Look("paid, starting", "busy", "payments"),
    "started": Look("paid and started", "good", "check_circle"),
    "refused": Look("paid, but refused", "bad", "error"),
}
_SETTLEMENTS = {
    "Settled": Look("settled", "good", "check_circle"),
    "Canceled": Look("cancelled", "quiet", "close"),
    "Rejected": Look("rejected", "bad", "thumb_down"),
    "Failed": Look("failed", "bad", "error"),
}


@page("/tariffs/_/payments", title="Payments", role="operator")
def payments(visit: Visit) -> None:
    page_tabs("Tariffs", tabs_of(visit), "/tariffs/_/payments")
    heading("On web pages and at kiosks", 2)
    DataTable(
        visit,
        Listing(
            path="/web-payments",
            columns=_payment_columns(visit),
            label="Web payments",
            empty="Nobody has paid on a web page yet. Set a station up for it, or have your page ask the API.",
            kinds=("WebPaymentChanged", "PaymentSettled"),
        ),
        on_select=lambda payment: _open(visit, payment),
    )
    heading("Settled with the provider", 2)
    reference = ui.input("Search by the provider's reference").props("clearable debounce=300").classes("w-72")
    table = DataTable(
        visit,
        Listing(
            path="/settlements",
            columns=_settlement_columns(visit),
            label="Settlements",
            empty="Nothing was settled yet. Stations with a terminal tell of it, and your payment page records it.",
            kinds=("PaymentSettled",),
        ),
    )
    reference.on_value_change(lambda event: table.filter(psp_ref=event.value))


def _payment_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="opened", label="Opened", cell=lambda each: moment(each["opened_at"], visit.zone)),
        Column(name="state", label="State", cell=lambda each: badge_cell(look_of(_PAYMENTS, each["state"]))),
        Column(name="station", label="Station", cell=_station),
        Column(
            name="amount", label="At most", align="right", cell=lambda each: money(each["amount"], each["currency"])
        ),
        Column(name="bill", label="Bill", align="right", cell=lambda each: money(each["bill_total"], each["currency"])),
        Column(name="session", label="Session", cell=_session, wide_only=True),
    )


def _settlement_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="When", cell=lambda each: moment(each["at"], visit.zone)),
        Column(name="status", label="State", cell=lambda each: badge_cell(look_of(_SETTLEMENTS, each["status"]))),
        Column(name="station", label="Station", cell=_station),
        Column(name="amount", label="Amount", align="right", cell=partial(_amount, "amount")),
        Column(
            name="more", label="More than the bill", align="right", cell=partial(_amount, "difference"), wide_only=True
        ),
        Column(name="reference", label="Reference", cell=lambda each: each["psp_ref"], wide_only=True),
        Column(name="session", label="Session", cell=_session),
    )


def _amount(name: str, item: Row) -> str:
    return money(item[name], item["currency"])


def _station(item: Row) -> Cell:
    return Cell(text=item["station_identity"] or str(item["station"]), href=f"/stations/{item['station']}")


def _session(item: Row) -> Cell | str:
    key = item["transaction"]
    return shown(None) if key is None else Cell(text=str(key), href=f"/transactions/{key}")


def _open(visit: Visit, payment: dict[str, Any]) -> None:
    form = FormDialog(visit, f"Payment at {payment['station_identity'] or payment['station']}", "Cancel the payment")
    with form:
        facts = Facts("State", "Opened", "Until", "EVSE", "At most", "Energy", "Time", "Reference", "Paid", "Reason")
        facts.show(
            {
                "State": look_of(_PAYMENTS, payment["state"]).label,
                "Opened": moment(payment["opened_at"], visit.zone),
                "Until": moment(payment["until"], visit.zone),
                "EVSE": payment["evse_id"],
                "At most": money(payment["amount"] or payment["limit_max_cost"], payment["currency"]),
                "Energy": energy(payment["limit_max_energy_wh"]),
                "Time": duration(payment["limit_max_time_s"]),
                "Reference": payment["psp_ref"],
                "Paid": moment(payment["paid_at"], visit.zone),
                "Reason": payment["reason"],
            }
        )

    async def cancel() -> None:
        await visit.api.post(f"/web-payments/{payment['key']}/cancel")
        ui.notify("Cancelled: others may have the place", type="positive")

    form.on_send(cancel)
    form.button.visible = payment["state"] == "open"
    allow(visit, form.button, "operator")
    form.open(once=True)
