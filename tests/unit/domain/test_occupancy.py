"""How a Connector is used, from its status and the transaction there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.domain.command import Command
from stationmaster.domain.identity import Evse
from stationmaster.domain.occupancy import occupancy
from stationmaster.domain.station import Connector
from stationmaster.domain.transactions.transaction import Register, Transaction

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


@pytest.mark.parametrize("state", ["Idle", None])
def test_a_start_that_waits_for_the_cable_is_neither_finished_nor_charging(state: Any):
    waiting = running(Evse(1), charging_state=state, seq_seen=((0, 0),))
    assert occupancy(connector("Available"), [waiting]) == "authorized"


def test_a_car_that_charged_and_left_has_finished():
    registers = {"first_register": Register(T0, Decimal(5)), "last_register": Register(T0, Decimal(9))}
    left = running(charging_state="Idle", seq_seen=((0, 4),), **registers)
    assert occupancy(connector("Available"), [left]) == "finished"


def start(evse: dict[str, int] | None, after_s: float = 1.0) -> Command:
    """A RequestStartTransaction that was sent ``after_s`` before T0, and answered at once."""
    at = T0 - timedelta(seconds=after_s)
    request = {"id_token": {"value": "T"}} | ({} if evse is None else {"evse": evse})
    times = {"created_at": at, "expires_at": at, "sent_at": at, "answered_at": at}
    return Command(key=1, station_key=1, tenant="t", kind="RequestStartTransaction", request=request, **times)


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        (start({"id": 1}), "authorized"),
        (start(None), "authorized"),
        (start({"id": 2}), "plugged_without_authorization"),
        (start({"id": 1}, after_s=11), "plugged_without_authorization"),
        (start({"id": 1}, after_s=-1), "plugged_without_authorization"),
    ],
    ids=["here", "anywhere", "elsewhere", "long before", "after the car came"],
)
def test_1_6_preparing_may_be_a_start_that_waits_for_the_cable(begun: Command, expected: str):
    preparing = connector("Occupied", charging_state="EVConnected")
    assert occupancy(preparing, (), [begun]) == expected


def test_a_transaction_is_believed_even_where_the_status_still_says_available():
    assert occupancy(connector("Available"), [running()]) == "charging"
    assert occupancy(connector("Available"), ()) == "available"


@pytest.mark.parametrize(
    ("status", "expected"), [("Reserved", "reserved"), ("Unavailable", "unavailable"), ("Faulted", "faulted")]
)
def test_what_the_status_says_by_itself_is_taken_as_it_is(status: str, expected: str):
    assert occupancy(connector(status), [running()]) == expected
