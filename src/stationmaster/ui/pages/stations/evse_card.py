"""One EVSE as it is now: its connectors, who charges, what is reserved; and what can be done there."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE, clock_time, duration, energy, moment, money, parsed, power, text
from stationmaster.ui.pages.stations import deed_words as words
from stationmaster.ui.pages.stations.deeds import Deeds
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.heading import heading, named
from stationmaster.ui.parts.keyed import Keyed
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import CONNECTORS, OCCUPANCIES, TRANSACTIONS, look_of

MOST = 8
"""Of anything at one EVSE: whatever a station tells, a page stays a page."""


class EvseCard:
    """``show`` takes an EVSE of the API's /now."""

    def __init__(self, visit: Visit, deeds: Deeds, evse: dict[str, Any]) -> None:
        self._visit, self._deeds = visit, deeds
        evse_id = self._evse_id = int(evse["evse_id"])
        self._is_named = evse_id > 0
        with ui.card().classes("sm-card w-full gap-2").props('data-testid="evse"') as self.element:
            with ui.row().classes("items-center gap-2 w-full"):
                heading(f"EVSE {evse_id}" if evse_id else "At no EVSE that was named", 3)
                self._status = StateBadge(look_of(CONNECTORS, evse["status"]))
            self._connectors = self._keyed(lambda item: _ConnectorLine(visit, deeds, evse_id, item))
            self._transactions = self._keyed(lambda item: _TransactionBlock(visit, deeds, evse_id, item))
            self._more = ui.link(
                "More transactions are open here", f"/transactions?station={deeds.station_key}&open=true"
            ).classes("sm-link")
            self._reservations = self._keyed(lambda item: _ReservationLine(visit, deeds, item))
            self._hint = ui.label().classes("sm-quiet text-sm")
            if self._is_named:
                self._buttons()
        self.show(evse)

    def _keyed(self, make: Any) -> Keyed:
        return Keyed(ui.column().classes("w-full gap-2"), make, MOST)

    def _buttons(self) -> None:
        evse_id, deeds = self._evse_id, self._deeds
        with ui.row().classes("w-full gap-2"):
            start = ui.button("Start", icon="play_arrow", on_click=lambda: deeds.start(evse_id))
            reserve = ui.button("Reserve", icon="event_available", on_click=lambda: deeds.reserve(evse_id))
            service = ui.button("Service", icon="build", on_click=lambda: deeds.availability(evse_id))
        for button, name in ((start, "Start"), (reserve, "Reserve"), (service, "Service")):
            named(button, f"{name} at EVSE {evse_id}")
            allow(self._visit, button.props("outline no-caps"), "operator")

    def show(self, evse: dict[str, Any]) -> None:
        self._status.show(look_of(CONNECTORS, evse["status"]))
        self._status.element.visible = evse["status"] is not None
        self._connectors.show(evse["connectors"], "connector_id")
        self._more.visible = bool(self._transactions.show(evse["transactions"], "key"))
        self._reservations.show(evse["reservations"], "key")
        hints = {words.HINTS[each["occupancy"]] for each in evse["connectors"] if each["occupancy"] in words.HINTS}
        self._hint.set_text(" ".join(sorted(hints)))
        self._hint.visible = bool(hints)


class _ConnectorLine:
    def __init__(self, visit: Visit, deeds: Deeds, evse_id: int, connector: dict[str, Any]) -> None:
        self._visit = visit
        number = int(connector["connector_id"])
        with ui.row().classes("items-center gap-2 w-full").props('data-testid="connector"') as self.element:
            ui.label(f"Connector {number}").classes("font-semibold")
            self._badge = StateBadge(look_of(CONNECTORS, None))
            self._detail = ui.label().classes("sm-quiet")
            ui.space()
            unlock = ui.button("Unlock", icon="lock_open", on_click=lambda: deeds.unlock(evse_id, number))
            named(unlock, f"Unlock connector {number} of EVSE {evse_id}")
            allow(visit, unlock.props("flat dense no-caps"), "operator")

    def show(self, connector: dict[str, Any]) -> None:
        self._badge.show(look_of(OCCUPANCIES, connector["occupancy"]))
        self._detail.set_text(connector_detail(connector, self._visit.zone))


class _TransactionBlock:
    def __init__(self, visit: Visit, deeds: Deeds, evse_id: int, transaction: dict[str, Any]) -> None:
        self._visit, self._deeds, self._evse_id = visit, deeds, evse_id
        self._shown = transaction
        key = transaction["key"]
        with ui.column().classes("w-full gap-2").props('data-testid="transaction"') as self.element:
            with ui.row().classes("items-center gap-2 w-full"):
                ui.link(f"Transaction {key}", f"/transactions/{key}").classes("sm-link")
                self._badge = StateBadge(look_of(TRANSACTIONS, None))
                ui.space()
                stop = ui.button("Stop", icon="stop", on_click=lambda: deeds.stop(self._shown, evse_id))
                named(stop, f"Stop transaction {key}")
                allow(visit, stop.props("outline no-caps color=negative"), "operator")
            with ui.row().classes("w-full gap-6"):
                self._power = _tile("Power")
                self._energy = _tile("Energy")
                self._cost = _tile("Cost so far")
            self._facts = Facts("Who", "Since", "State of charge", "Newest reading")

    def show(self, transaction: dict[str, Any]) -> None:
        self._shown = transaction
        self._badge.show(look_of(TRANSACTIONS, transaction["charging_state"] or "open"))
        self._power.set_text(power(transaction["power_w"]))
        self._energy.set_text(energy(transaction["energy_wh"]))
        self._cost.set_text(money(transaction["total"], transaction["currency"]))
        self._facts.show(transaction_facts(transaction, self._visit.zone))


class _ReservationLine:
    def __init__(self, visit: Visit, deeds: Deeds, reservation: dict[str, Any]) -> None:
        self._visit = visit
        self._shown = reservation
        with ui.row().classes("items-center gap-2 w-full").props('data-testid="reservation"') as self.element:
            ui.icon("event_available", size="20px").props("aria-hidden=true")
            self._label = ui.label()
            ui.space()
            cancel = ui.button("Cancel", icon="close", on_click=lambda: deeds.cancel(self._shown))
            named(cancel, f"Cancel reservation {reservation['key']}")
            allow(visit, cancel.props("flat dense no-caps"), "operator")

    def show(self, reservation: dict[str, Any]) -> None:
        self._shown = reservation
        until = moment(reservation["expires_at"], self._visit.zone)
        asked = "" if reservation["state"] == "active" else f" ({reservation['state']})"
        self._label.set_text(f"Reserved for {reservation['token']} until {until}{asked}")


def _tile(name: str) -> ui.label:
    with ui.column().classes("gap-0"):
        ui.label(name).classes("sm-quiet text-sm")
        return ui.label(NONE).classes("sm-tile-value")


def connector_detail(connector: dict[str, Any], zone: Any) -> str:
    """What the station said of it, since when, and its name among roaming partners."""
    said = connector["status"]
    codes = [connector["error_code"], connector["vendor_error_code"], connector["info"]]
    codes = [code for code in codes if code and code != "NoError"]
    parts = [f"{said} since {moment(connector['since'], zone)}", *codes]
    if connector["eid"]:
        parts.append(connector["eid"])
    return " · ".join(parts)


def transaction_facts(transaction: dict[str, Any], zone: Any) -> dict[str, object]:
    """The station's own times, so that they fit together."""
    since, told = parsed(transaction["started_at"]), parsed(transaction["told_at"])
    lasted = f" ({duration(told - since)})" if since is not None and told is not None and told >= since else ""
    soc = transaction["soc_pct"]
    who = transaction["token"] or "nobody named"
    if transaction["authorization"] not in (None, "Accepted"):
        who += f" ({transaction['authorization']})"
    return {
        "Who": who,
        "Since": f"{moment(since, zone)}{lasted}",
        "State of charge": "the car does not tell it" if soc is None else f"{text(soc)} %",
        "Newest reading": NONE if told is None else clock_time(told, zone),
    }
