"""The step of a migration that fills in the columns of the station list and the overview: as if they had been there."""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from stationmaster.domain.cost.sites import PlaceFacts
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import StationInfo
from stationmaster.domain.station import Connector, Station
from stationmaster.domain.transactions.transaction import Closing, Register, Transaction, Weighed
from stationmaster.storage import migrate
from stationmaster.storage.batch import Item, Writing
from stationmaster.storage.engine import connect
from stationmaster.storage.migrations.backfill_v0006 import fill

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
INFO = StationInfo(vendor="Acme", model="X", serial_number="SN1", firmware_version="2")
STATIONS = (
    {"connected_at": None},
    {"registration": "Rejected"},
    {"disconnected_at": LATER},
    {"registration": "Pending"},
    {"info": INFO},
    {},
    {},
    {},
    {},
    {},
    {},
    {},
)
PLACES: dict[int, dict[int, Any]] = {
    5: {1: "Available"},
    6: {1: "Faulted", 2: "Available"},
    7: {1: ("Occupied", "Charging")},
    8: {1: ("Occupied", "SuspendedEV")},
    9: {1: "Reserved"},
    10: {0: "Unavailable", 1: "Available"},
    11: {0: "Available", 1: "Unavailable"},
}
LOW, HIGH = Register(NOW, Decimal(100)), Register(LATER, Decimal("920.25"))
CLOSED: dict[str, Any] = {
    "ended_at": None,
    "closed": Closing(at=LATER, decided_at=LATER, reason="policy", detail="silent"),
}
TOLD_OTHERWISE: tuple[dict[str, Any], ...] = (
    {"meter_start_wh": Decimal(90), "last_register": HIGH},
    {**CLOSED, "meter_start_wh": Decimal(90), "first_register": LOW, "last_register": HIGH},
    {**CLOSED, "first_register": LOW, "last_register": HIGH},
    {"first_register": LOW, "meter_stop_wh": Decimal(950)},
    {"first_register": LOW, "last_register": LOW, "meter_stop_wh": Decimal(950)},
    {"first_register": LOW, "last_register": LOW},
    {"meter_start_wh": Decimal(900), "meter_stop_wh": Decimal(30)},
    {"meter_start_wh": Decimal(9000), "last_register": HIGH},
    {"meter_stop_wh": Decimal(30)},
)
"""Registers where one marked as the begin or the end is missing, or lower than the one before."""
COLUMNS = {
    "stations": "state, connected, site, vendor, model, firmware_version, serial_number, first_connected_at",
    "transactions": "energy_wh",
    "bills": "ended_at, currency, total_minor",
}


def records() -> list[Any]:
    made: list[Any] = []
    for key, fields in enumerate(STATIONS, start=1):
        values = {"connected_at": NOW, **fields}
        made.append(Station(key=key, tenant="default", identity=f"CP{key}", created_at=NOW, **values))
    for key, places in PLACES.items():
        for evse_id, told in places.items():
            status, charging_state = told if isinstance(told, tuple) else (told, None)
            fields = {"status": status, "charging_state": charging_state, "since": NOW, "received_at": NOW}
            made.append(Connector(station_key=key, evse_id=evse_id, connector_id=min(1, evse_id), **fields))
    made += [PlaceFacts(station_key=5, site="Mall"), PlaceFacts(station_key=6, evse_id=1, site="Mall")]
    made += [
        a_transaction(1, meter_start_wh=Decimal(100), meter_stop_wh=Decimal("5100.4")),
        a_transaction(
            2, meter_start_wh=Decimal(9), meter_stop_wh=Decimal(3), weighed=Weighed(Decimal("70.6"), "samples")
        ),
        a_transaction(3),
        a_transaction(4, ended_at=None, charging_state="Charging", station_key=12),
        *(a_transaction(key, **told) for key, told in enumerate(TOLD_OTHERWISE, start=5)),
    ]
    return made


def a_transaction(key: int, **changes: Any) -> Transaction:
    fields = {"station_key": 1, "wire_id": str(key), "first_event_at": NOW, "received_at": NOW, "ended_at": LATER}
    return Transaction(key=key, tenant="default", **{**fields, **changes})


def found_in(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    return {
        table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY key").fetchall()
        for table, columns in COLUMNS.items()
    }


def test_what_is_filled_in_is_what_would_have_been_written() -> None:
    connection = connect(":memory:")
    migrate.ensure_schema(connection, "here")
    writing = Writing(connection, {}, 0)
    writing.add(Item(lambda _: None, Decision(records=tuple(records()))))
    writing.flush()
    body = '{"content": {"ended_at": "2026-03-01T12:01:00Z", "currency": "EUR", "total": "-12.05"}}'
    connection.execute(
        "INSERT INTO bills VALUES (1, 'default', 1, 1, 1, 'issued', 0, '', '', ?, NULL, NULL, NULL)", (body,)
    )
    written = found_in(connection)
    for table, columns in COLUMNS.items():
        empty = ", ".join(f"{name} = {_EMPTY.get(name, 'NULL')}" for name in columns.split(", "))
        connection.execute(f"UPDATE {table} SET {empty}")
    assert found_in(connection) != written
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.begin() as borrowed:
        fill(borrowed)
    filled = found_in(connection)
    assert filled["stations"] == written["stations"]
    assert filled["transactions"] == written["transactions"]
    assert [row[0] for row in filled["transactions"][4:]] == [830, 830, 820, 850, 850, None, 0, 0, None]
    assert filled["bills"] == [(int(LATER.timestamp()) * 10**6, "EUR", -1205)]
    assert len({row[0] for row in filled["stations"]}) > 9
    connection.close()


_EMPTY = {"state": "'never_seen'", "connected": "0"}
