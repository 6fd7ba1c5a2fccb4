"""One transaction: what it is doing or did, what it costs and why, and all the evidence."""

from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from stationmaster.ui.formats import NONE, duration, energy, moment, money, power
from stationmaster.ui.pages.transactions.charging_chart import ChargingChart
from stationmaster.ui.pages.transactions.deeds import Deeds
from stationmaster.ui.pages.transactions.evidence import evidence
from stationmaster.ui.pages.transactions.looks import flags_in_words, transaction_look
from stationmaster.ui.pages.transactions.price import Price
from stationmaster.ui.pages.transactions.timeline import timeline
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.outcome import Outcomes
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit, page, refusal

CHANGES = (
    "TransactionUpdated",
    "TransactionEnded",
    "TransactionClosed",
    "TransactionReopened",
    "BillIssued",
    "BillHeld",
)
_LIMITS = {
    "wished": "not told to the station yet",
    "sent": "told to the station",
    "confirmed": "the station keeps to it",
    "not_supported": "this system stops it",
    "reached": "reached",
}
_SOURCES = {
    "signed_registers": "signed registers at start and end",
    "registers": "registers at start and end",
    "last_sample": "the register so far",
    "samples": "samples of the register",
    "intervals": "energy of intervals",
    "power": "samples of power",
}


@page("/transactions/{transaction_key}", title="Transaction")
async def transaction(visit: Visit, transaction_key: str) -> None:
    if not transaction_key.isdecimal():
        refusal("There is no such transaction.")
        return
    found = await visit.api.get(f"/transactions/{transaction_key}")
    ui.page_title(f"Transaction {found['transaction_id'] or found['key']} · Stationmaster")
    meanings = {each["flag"]: each["meaning"] for each in (await visit.api.get("/bill-holds"))["flags"]}
    header = Header(visit, found)
    outcomes = Outcomes(visit)
    deeds = Deeds(visit, found, outcomes, header.deeds)
    with ui.element("div").classes("grid grid-cols-1 lg:grid-cols-2 gap-4 w-full items-start"):
        with panel("Power and energy", classes="w-full lg:col-span-2"):
            ChargingChart(visit, found)
        with panel("What it is"):
            facts = TransactionFacts(visit)
        with panel("Price"):
            price = Price(visit, found, meanings)
        with panel("What happened", classes="w-full lg:col-span-2"):
            timeline(visit, found)
        with ui.element("div").classes("w-full lg:col-span-2 flex flex-col gap-4"):
            show_evidence = evidence(visit, found)

    def show(now: dict[str, Any]) -> None:
        header.show(now)
        facts.show(now)
        deeds.show(now)
        price.show(now)
        show_evidence(now)

    show(found)
    path = f"/transactions/{found['key']}"
    visit.watch(path, show, kinds=CHANGES, station_key=found["station"], every_s=10.0)


class Header:
    """State, where, and the buttons."""

    def __init__(self, visit: Visit, found: dict[str, Any]) -> None:
        with ui.row().classes("items-center gap-4 w-full"):
            self._badge = StateBadge(transaction_look(found))
            ui.link(
                found["station_identity"] or f"station {found['station']}", f"/stations/{found['station']}"
            ).classes("sm-link text-lg")
            self._now = ui.label().classes("sm-tile-value").props('data-testid="now"')
            ui.space()
            self.deeds = ui.row().classes("items-center gap-2")
        self._odd = ui.label().classes("sm-error pl-2").props("role=status")

    def show(self, now: dict[str, Any]) -> None:
        self._badge.show(transaction_look(now))
        charged = energy(now["energy_wh"])
        self._now.set_text(f"{power(now['power_w'])} · {charged}" if now["power_w"] is not None else charged)
        self._odd.set_text(f"Odd about it: {flags_in_words(now['anomalies'])}." if now["anomalies"] else "")
        self._odd.visible = bool(now["anomalies"])


class TransactionFacts:
    """All that is known of it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._facts = Facts(
            "Id on the wire",
            "EVSE, connector",
            "Token",
            "Authorization",
            "Stopped by",
            "Started",
            "Ended",
            "Told offline",
            "Reason of the end",
            "Closed",
            "Energy from",
            "Limit",
            "Station's own word",
            "Reservation",
            "Contract",
        )
        self._token = ui.link("Look at its token").classes("sm-link")

    def show(self, now: dict[str, Any]) -> None:
        zone = self._visit.zone
        self._token.visible = now["token"] is not None
        self._token.props["href"] = f"/tokens?{urlencode({'text': now['token'] or ''})}"
        self._token.update()
        place = [str(each) for each in (now["evse_id"], now["connector_id"]) if each is not None]
        contract = [each for each in (now["party_id"], now["contract_issuer"]) if each]
        self._facts.show(
            {
                "Id on the wire": now["transaction_id"],
                "EVSE, connector": ", ".join(place),
                "Token": _token(now["token"], now["token_type"]),
                "Authorization": now["authorization"],
                "Stopped by": now["stop_token"],
                "Started": moment(now["started_at"], zone),
                "Ended": moment(now["ended_at"], zone),
                "Told offline": now["offline"],
                "Reason of the end": now["stopped_reason"],
                "Closed": f"as of {moment(now['closed_at'], zone)}: {now['closed_detail']}"
                if now["closed_at"]
                else None,
                "Energy from": _SOURCES.get(now["energy_source"] or "", now["energy_source"]),
                "Limit": limit_in_words(now),
                "Station's own word": _told(now, self._visit),
                "Reservation": now["reservation_id"],
                "Contract": ", ".join(contract),
            }
        )


def _token(value: str | None, kind: str | None) -> str:
    return NONE if value is None else f"{value} ({kind})" if kind else value


def limit_in_words(now: dict[str, Any]) -> str:
    """How far it is to go, and who sees to it."""
    limits = [
        energy(now["limit_max_energy_wh"]) if now["limit_max_energy_wh"] is not None else "",
        duration(now["limit_max_time_s"]) if now["limit_max_time_s"] is not None else "",
        money(now["limit_max_cost"], None) if now["limit_max_cost"] is not None else "",
        f"{now['limit_max_soc_pct']} % charged" if now["limit_max_soc_pct"] is not None else "",
    ]
    named = " or ".join(limit for limit in limits if limit)
    if not named:
        return NONE
    state = now["limit_state"]
    return f"{named}: {_LIMITS.get(state, state)}" if state else named


def _told(now: dict[str, Any], visit: Visit) -> str:
    """What GetTransactionStatus brought."""
    if now["status_told_at"] is None:
        return NONE
    going_on = {True: "goes on", False: "is over", None: ""}[now["ongoing_at_station"]]
    waiting = {True: "messages wait there", False: "no message waits there", None: ""}[now["messages_in_queue"]]
    said = ", ".join(word for word in (going_on, waiting) if word)
    return f"{said} ({moment(now['status_told_at'], visit.zone)})"
