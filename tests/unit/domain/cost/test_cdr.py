"""Charge detail records."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import msgspec

from stationmaster.domain.cost.bill import Bill, Inputs
from stationmaster.domain.cost.bill_versions import first_version
from stationmaster.domain.cost.billing import content, digest_of
from stationmaster.domain.cost.cdr import COLUMNS, Cdr, Subject, cdr, csv_row
from stationmaster.domain.cost.evidence import Evidence, Point
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Place

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
END = T0 + timedelta(minutes=50)
TARIFF = Tariff(
    key=1,
    tenant="t",
    name="n",
    version=1,
    valid_from=T0,
    currency="EUR",
    energy=Component((Price(D("0.40")),)),
)
INPUTS = Inputs(
    evidence=Evidence(
        started_at=T0,
        ended_at=END,
        first_at=T0,
        last_at=END,
        points=(Point(T0, D(0), "begin"), Point(END, D("12345.678"), "end")),
    ),
    place=Place(station_key=1, evse_id=2, site="Harbour", zone="Europe/Berlin"),
    tariffs=(TariffFrom(TARIFF),),
    offsets=(Offset(T0, 3600),),
)


def bill() -> Bill:
    return first_version(
        key=77,
        tenant="t",
        transaction_key=5,
        station_key=1,
        content=content(INPUTS),
        inputs_digest=digest_of(INPUTS),
        at=END,
        cdr_id="CDR-5",
    )


def test_a_record_is_a_row_of_plain_cells():
    row = dict(zip(COLUMNS, csv_row(cdr(bill(), INPUTS, Subject(station="CS-1", token="T"))), strict=True))
    assert {name: cell for name, cell in row.items() if cell} == {
        "cdr_id": "CDR-5",
        "bill": "77",
        "version": "1",
        "state": "held",
        "station": "CS-1",
        "evse": "2",
        "site": "Harbour",
        "zone": "Europe/Berlin",
        "token": "T",
        "started_at": "2026-03-10T09:00:00Z",
        "ended_at": "2026-03-10T09:50:00Z",
        "started_local": "2026-03-10T10:00:00",
        "ended_local": "2026-03-10T10:50:00",
        "energy_kwh": "12.345678",
        "energy_source": "registers",
        "charging_min": "50.000",
        "idle_min": "0.000",
        "currency": "EUR",
        "net": "4.94",
        "tax": "0.00",
        "total": "4.94",
        "difference": "0",
        "flags": "unauthorized",
    }


def test_a_text_that_a_table_program_would_run_is_made_harmless():
    for text in ("=1+1", "+1", "-1", "@x", "\tx"):
        record = cdr(bill(), INPUTS, Subject(station=text))
        assert csv_row(record)[COLUMNS.index("station")] == f"'{text}"


def test_a_negative_amount_stays_a_number():
    record = msgspec.structs.replace(cdr(bill(), INPUTS, Subject(station="x")), total=D("-1.50"))
    assert csv_row(record)[COLUMNS.index("total")] == "-1.50"


def test_as_json_it_has_its_lines():
    record = cdr(bill(), INPUTS, Subject(station="CS-1"))
    again = msgspec.json.decode(msgspec.json.encode(record), type=Cdr)
    assert again == record
    assert again.lines[0].parts[0].quantity == D("12.345678")
