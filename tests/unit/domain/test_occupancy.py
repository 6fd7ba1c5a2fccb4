"""How a Connector is used, from its status and the transaction there."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.domain.identity import Evse
from stationmaster.domain.occupancy import occupancy
from stationmaster.domain.station import Connector
from stationmaster.domain.transaction import Transaction

T0 = datetime(2030, 1, 1, tzinfo=UTC)


def connector(status: Any, **fields: Any) -> Connector:
    return Connector(station_key=1, evse_id=1, connector_id=2, status=status, since=T0, received_at=T0, **fields)


def running(evse: Evse | None = Evse(1, 2), **fields: Any) -> Transaction:  # noqa: B008 - frozen
    values = {"authorization": "Accepted"} | fields
    return Transaction(
        key=1, tenant="t", station_key=1, wire_id="1", evse=evse, first_event_at=T0, received_at=T0, **values
    )


def test_a_car_that_is_only_plugged_in_is_told_from_one_that_pays():
    assert occupancy(connector("Occupied"), ()) == "plugged_without_authorization"
    assert occupancy(connector("Occupied"), [running()]) == "charging"


@pytest.mark.parametrize("authorization", [None, "Invalid", "ConcurrentTx", "Blocked"])
def test_a_transaction_whose_token_was_not_accepted_does_not_count(authorization: Any):
    found = occupancy(connector("Occupied"), [running(authorization=authorization)])
    assert found == "plugged_without_authorization"


@pytest.mark.parametrize(
    "elsewhere", [Evse(2, 2), Evse(1, 1), None], ids=["another EVSE", "another connector", "nowhere"]
)
def test_a_transaction_elsewhere_does_not_count(elsewhere: Evse | None):
    assert occupancy(connector("Occupied"), [running(elsewhere)]) == "plugged_without_authorization"


def test_a_transaction_that_names_only_the_evse_counts():
    assert occupancy(connector("Occupied"), [running(Evse(1))]) == "charging"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Charging", "charging"),
        ("EVConnected", "suspended"),
        ("SuspendedEV", "suspended"),
        ("SuspendedEVSE", "suspended"),
        ("Idle", "finished"),
    ],
)
def test_the_transactions_charging_state_wins_over_the_connectors(state: Any, expected: str):
    assert occupancy(connector("Occupied", charging_state="Charging"), [running(charging_state=state)]) == expected


def test_the_connectors_charging_state_is_used_where_the_transaction_has_none():
    assert occupancy(connector("Occupied", charging_state="SuspendedEV"), [running()]) == "suspended"


def test_1_6_finishing_is_not_taken_for_a_car_that_waits_for_a_token():
    assert occupancy(connector("Occupied", charging_state="Idle"), ()) == "finished"


def test_a_transaction_is_believed_even_where_the_status_still_says_available():
    assert occupancy(connector("Available"), [running()]) == "charging"
    assert occupancy(connector("Available"), ()) == "available"


@pytest.mark.parametrize(
    ("status", "expected"), [("Reserved", "reserved"), ("Unavailable", "unavailable"), ("Faulted", "faulted")]
)
def test_what_the_status_says_by_itself_is_taken_as_it_is(status: str, expected: str):
    assert occupancy(connector(status), [running()]) == expected
