"""Transactions and their evidence over the API."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.records import Reading, TransactionEventRecord
from stationmaster.domain.transactions.transaction_status import TransactionStatus

PATH = "/api/v1/transactions"


def add_reading(world, seconds: int, *samples: Sample) -> None:
    at = world.queries.all_transactions[10].first_event_at + timedelta(seconds=seconds)
    world.queries.stored_readings.append(
        Reading(
            station_key=1,
            taken_at=at,
            digest=seconds,
            transaction_key=10,
            evse_id=1,
            connector_id=1,
            received_at=at,
            register_wh=Decimal("1000.10"),
            power_w=None,
            samples=samples,
        )
    )


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text)))


async def test_energy_is_told_with_all_its_digits_and_where_it_is_from(world, viewer):
    world.add_transaction(
        10,
        evse=Evse(1, 2),
        id_token=IdToken("04A1", "ISO14443"),
        meter_start_wh=Decimal("0.10"),
        meter_stop_wh=Decimal("12345678901234.30"),
        ended_at=datetime(2030, 1, 1, 13, 0, tzinfo=UTC),
    )
    answer = await viewer.get(f"{PATH}/10")
    told = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])
    assert bytes(told["energy_wh"]) == b"12345678901234.20"
    assert bytes(told["energy_source"]) == b'"registers"'
    rest = answer.json()
    assert (rest["evse_id"], rest["connector_id"], rest["token"], rest["open"]) == (1, 2, "04A1", False)
    assert rest["first_event_at"] == "2030-01-01T12:00:00Z"


async def test_what_is_odd_about_a_bill_is_told(world, viewer):
    world.add_transaction(10, started_at=None, seq_seen=((0, 1), (3, 4)))
    told = (await viewer.get(f"{PATH}/10")).json()
    assert told["anomalies"] == ["gap", "lost_start"]
    assert (told["energy_wh"], told["energy_source"]) == (None, None)


async def test_filters_are_handed_on_and_a_token_as_it_was_spelled(world, viewer):
    query = {"station": 1, "token": "AbC", "open": "true", "from": "2030-01-01T00:00:00Z", "to": "2030-01-02T00:00:00Z"}
    assert (await viewer.get(PATH, params=query)).status_code == 200
    (asked,) = world.queries.asked
    assert (asked.station_key, asked.token, asked.open) == (1, "AbC", True)
    assert asked.to_at - asked.from_at == timedelta(days=1)


@pytest.mark.parametrize("name", ["from", "to"])
async def test_a_time_without_a_zone_is_refused(viewer, name):
    answer = await viewer.get(PATH, params={name: "2030-01-01T00:00:00"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"query.{name}"


async def test_events_are_told_as_they_came(world, viewer):
    world.add_transaction(10)
    world.queries.all_events = [
        TransactionEventRecord(
            station_key=1,
            transaction_key=10,
            dedupe_key="0",
            digest=1,
            event_type="Started",
            trigger_reason="Authorized",
            seq_no=0,
            timestamp=world.clock.now(),
            received_at=world.clock.now(),
            offline=True,
            body=b'{"event_type":"Started","reservation_id":5}',
        )
    ]
    (only,) = (await viewer.get(f"{PATH}/10/events")).json()["items"]
    assert (only["event_type"], only["seq_no"], only["offline"]) == ("Started", 0, True)
    assert only["event"]["reservation_id"] == 5


async def test_meter_values_are_told_as_a_series(world, viewer):
    world.add_transaction(10)
    add_reading(world, 0, Sample("1000.10", unit="Wh"), Sample("230", measurand="Voltage", phase="L1"))
    add_reading(world, 60, Sample("1100"))
    page = (await viewer.get(f"{PATH}/10/meter-values?limit=1")).json()
    (first,) = page["items"]
    assert (first["timestamp"], first["register_wh"]) == ("2030-01-01T12:00:00Z", 1000.1)
    assert [(s["measurand"], s["value"], s["phase"]) for s in first["samples"]] == [
        ("Energy.Active.Import.Register", "1000.10", None),
        ("Voltage", "230", "L1"),
    ]
    assert page["next_cursor"] is not None


@pytest.mark.parametrize(
    ("query", "accept"),
    [("?format=csv", "*/*"), ("", "text/csv"), ("?format=csv", "application/json")],
)
async def test_meter_values_come_as_csv_with_a_row_for_each_sample(world, viewer, query, accept):
    world.add_transaction(10)
    add_reading(world, 0, Sample("1000.10", unit="Wh"), Sample("-230", measurand="Voltage"))
    answer = await viewer.get(f"{PATH}/10/meter-values{query}", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="meter-values-10.csv"' in answer.headers["content-disposition"]
    header, *rows = rows_of(answer)
    assert header[:5] == ["timestamp", "evse_id", "connector_id", "measurand", "value"]
    assert rows[0][:6] == ["2030-01-01T12:00:00Z", "1", "1", "Energy.Active.Import.Register", "1000.10", "Wh"]
    assert rows[1][3:5] == ["Voltage", "-230"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/csv, application/json"])
async def test_json_is_what_nobody_asked_otherwise_for(world, viewer, accept):
    world.add_transaction(10)
    answer = await viewer.get(f"{PATH}/10/meter-values", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"


async def test_all_transactions_come_as_csv_whatever_the_page(world, viewer):
    for key in range(10, 15):
        world.add_transaction(key, id_token=IdToken("04A1"), flags=("conflict", "late"))
    answer = await viewer.get(f"{PATH}?format=csv&limit=2")
    header, *rows = rows_of(answer)
    assert [row[0] for row in rows] == ["10", "11", "12", "13", "14"]
    assert rows[0][header.index("anomalies")] == "conflict late"


async def test_a_transaction_carries_its_stations_identity_beside_the_key(world, viewer):
    for key in (1, 2):
        world.add_station(key)
        world.add_transaction(key + 9, station_key=key)
    items = (await viewer.get(PATH)).json()["items"]
    assert [(tx["station"], tx["station_identity"]) for tx in items] == [(1, "CS-1"), (2, "CS-2")]
    assert (await viewer.get(f"{PATH}/11")).json()["station_identity"] == "CS-2"
    header, *rows = rows_of(await viewer.get(f"{PATH}?format=csv"))
    assert header[:3] == ["key", "station", "station_identity"]
    assert [row[:3] for row in rows] == [["10", "1", "CS-1"], ["11", "2", "CS-2"]]


async def test_a_bill_outlives_what_is_known_of_its_station(world, viewer):
    world.add_transaction(10, station_key=7)
    assert (await viewer.get(f"{PATH}/10")).json()["station_identity"] is None
    header, row = rows_of(await viewer.get(f"{PATH}?format=csv"))
    assert row[header.index("station_identity")] == ""


async def test_a_row_says_true_and_false_as_json_does(world, viewer):
    world.add_transaction(10, offline=True, ended_at=world.clock.now())
    header, row = rows_of(await viewer.get(f"{PATH}?format=csv"))
    assert (row[header.index("open")], row[header.index("offline")]) == ("false", "true")


async def test_what_a_station_sends_does_not_run_in_a_spreadsheet(world, viewer):
    world.add_transaction(10, id_token=IdToken('=HYPERLINK("http://evil")'), wire_id="-7")
    header, row = rows_of(await viewer.get(f"{PATH}?format=csv"))
    assert row[header.index("token")].startswith("'=")
    assert row[header.index("transaction_id")] == "-7"


async def test_what_the_station_said_of_a_transaction_when_it_was_asked_stands_beside_it(world, viewer):
    for key in (10, 11):
        world.add_transaction(key, ended_at=world.clock.now())
    at = world.queries.all_transactions[10].first_event_at
    told = TransactionStatus(station_key=1, wire_id="w10", ongoing=False, messages_in_queue=True, told_at=at)
    world.queries.told_statuses[10] = told

    asked, never = (await viewer.get(f"{PATH}/10")).json(), (await viewer.get(f"{PATH}/11")).json()

    assert (asked["messages_in_queue"], asked["ongoing_at_station"]) == (True, False)
    assert asked["status_told_at"] == "2030-01-01T12:00:00Z"
    assert (never["messages_in_queue"], never["ongoing_at_station"], never["status_told_at"]) == (None, None, None)
