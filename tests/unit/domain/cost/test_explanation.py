"""A bill in sentences."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.evidence import Evidence, Point, StateAt
from stationmaster.domain.cost.explanation import explained
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Bound, Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Place

T0 = datetime(2026, 3, 10, 21, 30, tzinfo=UTC)
VAT = (TaxRate("VAT", D(19)),)


def test_each_amount_is_explained_from_the_registers_to_the_total():
    end = T0 + timedelta(hours=3)
    evidence = Evidence(
        started_at=T0,
        ended_at=end,
        first_at=T0,
        last_at=end,
        points=(Point(T0, D(1000), "begin", True), Point(end, D(31000), "end", True)),
        states=(StateAt(T0, "Charging"), StateAt(end - timedelta(minutes=30), "SuspendedEV")),
        authorized=False,
    )
    night = Price(D("0.25"), Conditions(from_time="00:00", to_time="06:00"))
    tariff = Tariff(
        key=1,
        tenant="t",
        name="n",
        version=1,
        valid_from=T0,
        currency="EUR",
        fixed=Component((Price(D("0.35")),), VAT),
        energy=Component((night, Price(D("0.45"))), VAT, 500),
        idle_time=Component((Price(D("0.10"), Conditions(min_idle_time_s=900)),), VAT),
        minimum=Bound(excl=D("20.00")),
    )
    inputs = Inputs(
        evidence=evidence,
        place=Place(station_key=1, evse_id=1),
        tariffs=(TariffFrom(tariff),),
        offsets=(Offset(T0 - timedelta(days=1), 3600),),
    )
    # 30 kWh over 150 min of charging: 18 kWh in the 90 min before midnight 8.10, 12 kWh after it 3.00;
    # 15 min idle beyond the grace 1.50; 0.35; together 12.95, up to 20.00; 19 % is 3.80
    assert explained(inputs, content(inputs)) == (
        "30000 Wh, from signed readings of the register at the start and the end.",
        "When it was charging or idle is told by the charging states the station told.",
        "Line 1: Fixed price: 1 time at 0.35 EUR = 0.35 EUR.",
        "Line 1, 2026-03-10 22:30:00: 1 time; price for: always.",
        "Line 2: Energy: 18 kWh at 0.45 EUR per kWh = 8.10 EUR.",
        "Line 2, 2026-03-10 22:30:00 to 2026-03-11 00:00:00: 18 kWh (0 to 18000 Wh), divided evenly between two"
        " readings; price for: always.",
        "Line 3: Energy: 12 kWh at 0.25 EUR per kWh = 3.00 EUR.",
        "Line 3, 2026-03-11 00:00:00 to 01:00:00: 12 kWh (18000 to 30000 Wh), divided evenly between two readings;"
        " price for: 00:00-06:00.",
        "Line 4: Idle time: 15 min at 0.10 EUR per min = 1.50 EUR.",
        "Line 4, 2026-03-11 01:15:00 to 01:30:00: 15 min; price for: from 15 min idle.",
        "Line 5: Up to the least a session costs: 7.05 EUR.",
        "Line 6: Tax (VAT 19 %): 3.80 EUR.",
        "Total: 0.35 + 8.10 + 3.00 + 1.50 + 7.05 + 3.80 = 23.80 EUR.",
        "Noted: unauthorized.",
    )
