"""What transactions and bills are worded like."""

from datetime import UTC
from typing import Any

import pytest

from stationmaster.ui.formats import NONE
from stationmaster.ui.pages.transactions.charging_chart import drawn_points
from stationmaster.ui.pages.transactions.corrections import corrected_in_words
from stationmaster.ui.pages.transactions.evidence import frames_of, register
from stationmaster.ui.pages.transactions.listing import cost_now, power_now, site_options
from stationmaster.ui.pages.transactions.looks import transaction_look
from stationmaster.ui.pages.transactions.one import limit_in_words
from stationmaster.ui.pages.transactions.price import quantity, unit_price, what
from stationmaster.ui.pages.transactions.timeline import odd, told

RUNNING = {"key": 7, "open": True, "charging_state": "Charging", "power_w": 7360, "cost": None, "currency": None}
ENDED = {"key": 7, "open": False, "charging_state": "Charging", "closed_at": None, "cost": "12.5", "currency": "EUR"}
NO_LIMIT = dict.fromkeys(("limit_max_energy_wh", "limit_max_time_s", "limit_max_cost", "limit_max_soc_pct"))
LINE = {"kind": "energy", "text": "", "quantity": 1.23456, "unit": "kWh", "of_which": False, "price": "0.4321"}
EVENT: dict[str, Any] = {"offline": False, "delay_s": 1, "missing_before": 0, "contradicted_by": [], "event": {}}


@pytest.mark.parametrize(
    ("transaction", "label"),
    [
        (RUNNING, "charging"),
        (RUNNING | {"charging_state": None}, "running"),
        (RUNNING | {"charging_state": "SomethingNew"}, "SomethingNew"),
        (ENDED, "ended"),
        (ENDED | {"closed_at": "2030-01-01T00:00:00Z"}, "closed without an end"),
    ],
)
def test_the_state_of_a_transaction(transaction: dict[str, Any], label: str) -> None:
    assert transaction_look(transaction).label == label


def test_power_and_cost_are_those_of_now_while_it_runs_and_of_the_bill_then() -> None:
    now = {7: {"power_w": 11000, "total": "3.4", "currency": "EUR"}}
    assert (power_now(RUNNING, {}), cost_now(RUNNING, {})) == ("7.36 kW", NONE)
    assert (power_now(RUNNING, now), cost_now(RUNNING, now)) == ("11.00 kW", "3.40 EUR so far")
    assert (power_now(ENDED, now), cost_now(ENDED, now)) == (NONE, "12.50 EUR")
    assert cost_now(RUNNING, {7: {"total": None, "currency": None, "power_w": None}}) == NONE


@pytest.mark.parametrize(
    ("sites", "asked", "names"),
    [([], None, [""]), (["A", "B"], "B", ["", "A", "B"]), (["A"], "Beyond", ["", "A", "Beyond"])],
)
def test_the_site_of_the_address_can_be_chosen_whether_it_is_listed_or_not(
    sites: list[str], asked: str | None, names: list[str]
) -> None:
    assert list(site_options(sites, asked)) == names


def test_a_limit_names_all_that_it_says_and_who_sees_to_it() -> None:
    assert limit_in_words({**NO_LIMIT, "limit_state": None}) == NONE
    limited = {**NO_LIMIT, "limit_max_energy_wh": 40000, "limit_max_soc_pct": 80, "limit_state": "confirmed"}
    assert limit_in_words(limited) == "40.00 kWh or 80 % charged: the station keeps to it"


def test_a_line_of_a_bill() -> None:
    assert (what(LINE), quantity(LINE)) == ("Energy", "1.235 kWh")
    assert unit_price(LINE | {"currency": "EUR"}) == "0.4321 EUR per kWh"
    tax = {"kind": "tax", "text": "VAT 19 %", "quantity": 1, "unit": "", "of_which": True, "price": None}
    assert (what(tax), quantity(tax), unit_price(tax)) == ("Tax, in the amounts above: VAT 19 %", NONE, NONE)


def test_what_is_odd_about_an_event_is_said_in_words() -> None:
    assert odd(EVENT).text == ""
    assert (
        odd(EVENT | {"missing_before": 1, "delay_s": -70}).text == "station's clock is ahead, 1 message missing before"
    )
    worst = EVENT | {"offline": True, "delay_s": 7200, "missing_before": 2, "contradicted_by": [{}]}
    assert odd(worst).text == "told offline, came 2 h 00 min late, 2 messages missing before, contradicted"


def test_what_an_event_told() -> None:
    body = {"charging_state": "Charging", "id_token": {"value": "A1"}, "meter_wh": 0}
    assert told(EVENT | {"event": body}) == "Charging, token A1, meter 0 Wh"


def test_points_without_a_value_are_not_drawn() -> None:
    points = [{"at": "2030-01-01T00:00:00Z", "power_w": 1500.0}, {"at": "2030-01-01T00:01:00Z", "power_w": None}]
    assert drawn_points(points, "power_w", 1000) == [(1893456000000.0, 1.5)]


def test_the_messages_are_looked_for_in_the_time_as_we_received_it() -> None:
    transaction = {"station": 3, "transaction_id": "w", "received_at": "2030-01-01T10:00:00Z"}
    going_on = frames_of(transaction | {"end_received_at": None, "close_decided_at": None})
    assert going_on == {"station": 3, "text": "w", "from": "2030-01-01T09:58:00+00:00"}
    ended = frames_of(transaction | {"end_received_at": "2030-01-01T11:00:00Z", "close_decided_at": None})
    assert ended["to"] == "2030-01-01T11:02:00+00:00"


def test_a_register_is_told_to_the_digit() -> None:
    assert (register(None), register(18836.299), register(1000)) == (NONE, "18,836.299 Wh", "1,000 Wh")


def test_a_correction_in_words() -> None:
    change = {"kind": "times", "started_at": "2030-01-01T10:00:00Z", "ended_at": None}
    assert corrected_in_words(change, UTC) == "Its start or end: started 2030-01-01 10:00:00"
    stated = {"kind": "register", "stated": [{"at": "2030-01-01T10:00:00Z", "wh": 5}], "without": []}
    assert corrected_in_words(stated, UTC) == "What the meter stood at: stated 2030-01-01 10:00:00: 5 Wh"
    assert corrected_in_words({"kind": "payer", "payer": "The Town"}, UTC) == "Somebody else pays: payer The Town"
    assert corrected_in_words({"kind": "waive"}, UTC) == "Nothing is to be paid"
