"""How tokens are worded wherever they stand."""

from collections.abc import Mapping
from typing import Any

from stationmaster.ui.formats import NONE, counted
from stationmaster.ui.parts.data_table import Cell, Row, badge_cell
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import TOKENS, look_of

STATUSES = {"Accepted": "Accepted", "Blocked": "Blocked", "Invalid": "Invalid", "NoCredit": "NoCredit"}
TYPES = {
    "": "Whatever type",
    "ISO14443": "ISO14443 (RFID card)",
    "ISO15693": "ISO15693 (RFID card)",
    "eMAID": "eMAID (contract of a car)",
    "KeyCode": "KeyCode (PIN)",
    "Central": "Central (app)",
    "Local": "Local",
    "MacAddress": "MacAddress (Autocharge)",
    "NoAuthorization": "NoAuthorization",
    "EVCCID": "EVCCID (Autocharge)",
    "VIN": "VIN",
    "DirectPayment": "DirectPayment (card terminal)",
}
_PERIODS = {"day": "day", "week": "week", "month": "month"}


def tabs(visit: Visit) -> tuple[tuple[str, str], ...]:
    """The pages around tokens that a person may open."""
    money = (("Prepaid accounts", "/tokens/accounts"),) if visit.may("operator") else ()
    return (("Tokens", "/tokens"), ("Groups", "/tokens/groups"), *money, ("Refusals", "/tokens/refusals"))


def status_cell(item: Row) -> Cell:
    return badge_cell(look_of(TOKENS, item["status"]))


def rules_in_words(rules: Mapping[str, Any] | None, stations: Mapping[int, str]) -> list[str]:
    """A sentence for each; ``stations``: what those in the rules are called."""
    if not rules:
        return []
    said = []
    if rules["places"]:
        said.append("Only at " + ", ".join(_place(place, stations) for place in rules["places"]))
    kinds = rules["kinds"] or {}
    if kinds.get("currents"):
        said.append("Only " + " or ".join(kinds["currents"]))
    if kinds.get("connector_types"):
        said.append("Only with " + ", ".join(kinds["connector_types"]))
    said += [f"{', '.join(window['days'])} from {window['from']} to {window['to']}" for window in rules["windows"]]
    if rules["quota"]:
        said.append(f"At most {counted(rules['quota']['starts'], 'start')} a {rules['quota']['period']}")
    if rules["windows"] or rules["quota"]:
        said.append(f"Times are those of {rules['time_zone']}")
    return said


def _place(place: Mapping[str, Any], stations: Mapping[int, str]) -> str:
    name = stations.get(place["station"], f"station {place['station']}")
    evses = ", ".join(map(str, place["evse_ids"]))
    return f"{name} (EVSE {evses})" if evses else name


def left_out(value: object) -> str:
    """Of a limit: none."""
    return NONE if value is None else str(value)
