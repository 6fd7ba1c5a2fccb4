"""What a station's page says of it, in words."""

from datetime import UTC
from typing import get_args

import pytest

from stationmaster.domain.occupancy import Occupancy
from stationmaster.domain.standing import Standing
from stationmaster.ui.pages.stations import deed_words as words
from stationmaster.ui.pages.stations.credentials import connection_facts
from stationmaster.ui.pages.stations.evse_card import connector_detail, transaction_facts
from stationmaster.ui.pages.stations.header import clock, connection, told_of_itself
from stationmaster.ui.pages.stations.now import has_a_card
from stationmaster.ui.words import OCCUPANCIES, STATIONS

TRANSACTION = {
    "token": "04A1",
    "authorization": "Accepted",
    "started_at": "2026-05-04T11:00:00Z",
    "told_at": "2026-05-04T12:05:00Z",
    "soc_pct": 63.5,
}
CONNECTOR = {
    "status": "Faulted",
    "since": "2026-05-04T11:00:00Z",
    "error_code": "GroundFailure",
    "vendor_error_code": None,
    "info": "NoError",
    "eid": "DE*ABC*E1",
}


@pytest.mark.parametrize(
    ("skew_s", "said"),
    [(None, "–"), (0.4, "right to the second"), (-12.2, "12 s behind"), (3600, "3,600 s ahead")],
)
def test_how_far_the_clock_is_off(skew_s: float | None, said: str) -> None:
    assert clock(skew_s) == said


def test_since_when_it_is_there() -> None:
    never = {"connected": False, "connected_at": None, "disconnected_at": None, "callback": None}
    assert connection(never, UTC) == "never connected"
    came = never | {"connected": True, "connected_at": "2026-05-04T11:00:00Z"}
    assert connection(came, UTC) == "connected since 2026-05-04 11:00:00"
    left = came | {"connected": False, "disconnected_at": "2026-05-04T12:00:00Z"}
    assert connection(left, UTC) == "disconnected since 2026-05-04 12:00:00"


def test_a_station_without_a_line_is_heard_of_and_may_be_beyond_our_calls() -> None:
    """OCPP in SOAP: one posts to the other, and who can post may be out of reach."""
    came = {"connected": True, "connected_at": "2026-05-04T11:00:00Z", "disconnected_at": None}
    assert connection(came | {"callback": {"reachable": "untried"}}, UTC) == "heard since 2026-05-04 11:00:00"
    lost = came | {"callback": {"reachable": "no"}}
    assert connection(lost, UTC) == "heard since 2026-05-04 11:00:00, cannot be called"
    gone = lost | {"connected": False, "disconnected_at": "2026-05-04T12:00:00Z"}
    assert connection(gone, UTC) == "silent since 2026-05-04 12:00:00, cannot be called"


@pytest.mark.parametrize(("version", "said"), [("1.2", "OCPP 1.2"), ("1.6", "OCPP 1.6"), ("1.6S", "OCPP 1.6 SOAP")])
def test_a_version_is_called_as_people_call_it(version: str, said: str) -> None:
    info = {"vendor": "", "model": "", "serial_number": None, "firmware_version": None}
    assert told_of_itself({"version": version, "info": info})["Version"] == said


def test_what_a_station_is_that_said_little() -> None:
    info = {"vendor": "", "model": "", "serial_number": None, "firmware_version": None}
    assert set(told_of_itself({"version": None, "info": info}).values()) == {"–"}


def test_a_connector_says_what_is_wrong_with_it() -> None:
    assert connector_detail(CONNECTOR, UTC) == "Faulted since 2026-05-04 11:00:00 · GroundFailure · DE*ABC*E1"


def test_a_transaction_says_who_charges_since_when_and_how_full_the_car_is() -> None:
    said = transaction_facts(TRANSACTION, UTC)
    assert said["Who"] == "04A1"
    assert said["Since"] == "2026-05-04 11:00:00 (1 h 05 min)"
    assert said["State of charge"] == "63.5 %"
    assert said["Newest reading"] == "12:05:00"


def test_a_transaction_that_told_little_says_so() -> None:
    little = TRANSACTION | {"token": None, "authorization": "Blocked", "told_at": None, "soc_pct": None}
    said = transaction_facts(little, UTC)
    assert said["Who"] == "nobody named (Blocked)"
    assert said["Since"] == "2026-05-04 11:00:00"
    assert said["State of charge"] == "the car does not tell it"


def test_the_station_as_a_whole_has_a_card_only_for_what_is_at_none_of_its_evses() -> None:
    bare = {"evse_id": 0, "transactions": [], "reservations": []}
    assert not has_a_card(bare)
    assert has_a_card(bare | {"transactions": [TRANSACTION]})
    assert has_a_card(bare | {"evse_id": 1})


def test_every_state_of_the_api_has_its_word() -> None:
    assert set(get_args(Occupancy)) == set(OCCUPANCIES)
    assert set(get_args(Standing)) == set(STATIONS)
    assert set(words.HINTS) < set(OCCUPANCIES)


def test_places_are_named() -> None:
    assert words.place(None) == "the station"
    assert words.place(2) == "EVSE 2"
    assert words.at(0) == "at any EVSE"
    assert words.at(2, 1) == "at EVSE 2, connector 1"


def test_a_station_without_a_password_is_said_to_be_open_to_all() -> None:
    address = {"url": "ws://x/ocpp/A", "base_url": "ws://x/ocpp", "username": "A", "has_password": False, "soap": None}
    assert "anybody" in str(connection_facts(address)["Password"])
    assert connection_facts(address | {"has_password": True})["Password"] == "set"


def test_a_station_that_speaks_soap_has_its_identity_beside_the_url() -> None:
    address = {"url": "ws://x/ocpp/A", "base_url": "ws://x/ocpp", "username": "A", "has_password": True, "soap": None}
    assert not any("SOAP" in name for name in connection_facts(address))
    said = connection_facts(address | {"soap": {"any": "http://x:9001/soap", "1.5": "http://x:9001/soap/v1.5"}})
    assert said["URL, if it speaks SOAP"] == "http://x:9001/soap"
    assert said["chargeBoxIdentity (SOAP)"] == "A"
