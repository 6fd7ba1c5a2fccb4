"""I07-I12 in 2.1, as a CSMS sees a station that reckons by itself: what it says is kept and held against the bill."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from csms_case import VALID, Case

from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.billing_records import BillFilter
from stationmaster.domain.cost.tariff import Component, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.cost.tariff_commands import (
    ChangeTransactionTariff,
    GetTariffs,
    SetDefaultTariff,
    default_tariff,
)
from stationmaster.domain.queries import OddityFilter
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedTransaction
from stationmaster.testing.script import meter_value


@pytest.fixture
async def local(bench: CsmsBench) -> Case:
    """A booted station of 2.1, and a tariff of 0.40 for a kWh with 25 % of tax."""
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    tariff, assignment = priced(case), Assignment(key=902, tenant="default", tariff="street", from_at=since(case))
    await bench.storage.journal.store([tariff, assignment])
    await bench.csms.book.load("default")
    return case


def since(case: Case) -> datetime:
    return case.bench.clock.now() - timedelta(hours=3)


def priced(case: Case) -> Tariff:
    energy = Component((Price(Decimal("0.40")),), (TaxRate("VAT", Decimal(25)),))
    return Tariff(
        key=901, tenant="default", name="street", version=1, valid_from=since(case), currency="EUR", energy=energy
    )


async def session(case: Case, details: dict[str, Any] | None, **changed: Any) -> ScriptedTransaction:
    """10 kWh, and what the station says that they cost: 4.00 and 1.00 of tax by the bill."""
    tx = case.station.transaction()
    begin = case.bench.clock.now() - timedelta(hours=2)
    value = meter_value(begin, 0, "Transaction.Begin")
    said: dict[str, Any] = {"chargingState": "Charging", "evse": (1, 1), "values": (value,), "at": begin}
    await tx.started("Authorized", token=VALID, tariffId="street.901", **{**said, **changed})
    at = begin + timedelta(hours=1)
    ended = tx.payload(
        "Ended",
        "StopAuthorized",
        token=VALID,
        stoppedReason="Local",
        values=(meter_value(at, 10_000, "Transaction.End"),),
        at=at,
    )
    if details is not None:
        ended["costDetails"] = details
    await case.station.say("TransactionEvent", ended)
    return tx


def details(excl: float, incl: float, **more: Any) -> dict[str, Any]:
    total = {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"exclTax": excl, "inclTax": incl}}
    return {"totalCost": total, "totalUsage": {"energy": 10_000, "chargingTime": 3600, "idleTime": 0}, **more}


async def the_bill(case: Case) -> Bill:
    (bill,) = (await case.bench.storage.reads.bills(BillFilter(tenant="default"))).items
    return bill


async def oddities(case: Case) -> list[str]:
    query = OddityFilter(tenant="default", station_key=case.view.key, kind="station_cost_differs")
    return [each.oddity.detail for each in (await case.bench.storage.reads.oddities(query)).items]


async def test_I12_FR_01_a_cost_that_agrees_is_kept_with_the_bill(local: Case) -> None:
    period = {"startPeriod": "2026-01-01T00:00:00Z", "tariffId": "street.901"}
    dimensions = [{"type": "Energy", "volume": 10_000}, {"type": "IdleTIme", "volume": 5}]
    await session(local, details(4, 5, chargingPeriods=[{**period, "dimensions": dimensions}]))
    bill = await the_bill(local)
    assert (bill.content.net, bill.content.total) == (4, 5)
    assert "station_cost_differs" not in bill.content.flags
    inputs = await local.bench.storage.reads.bill_inputs(bill.inputs_digest)
    assert inputs is not None
    assert inputs.evidence.station_cost is not None
    kept = inputs.evidence.station_cost.details
    assert [each["kind"] for each in kept["periods"][0]["dimensions"]] == ["Energy", "IdleTime"]
    assert await oddities(local) == []


async def test_I12_FR_17_a_cost_that_is_another_one_is_odd_and_the_bill_stays_ours(local: Case) -> None:
    await session(local, details(8, 10))
    bill = await the_bill(local)
    assert bill.content.total == 5
    assert "station_cost_differs" in bill.content.flags
    assert bill.state == "issued"
    (detail,) = await oddities(local)
    assert "the station says 10 EUR, the bill 5.00 EUR" in detail


async def test_I12_FR_14_a_cost_that_the_station_could_not_reckon_is_no_difference(local: Case) -> None:
    await session(local, details(0, 0, failureToCalculate=True, failureReason="meter"))
    assert "station_cost_differs" not in (await the_bill(local)).content.flags
    assert await oddities(local) == []


async def test_I12_FR_02_what_is_told_on_the_way_is_not_held_against_the_bill(local: Case) -> None:
    await session(local, None, costDetails=details(0, 0))
    assert "station_cost_differs" not in (await the_bill(local)).content.flags


async def test_I12_FR_16_a_cost_without_a_currency_costs_no_message(local: Case) -> None:
    told = details(8, 10)
    del told["totalCost"]["currency"]
    await session(local, told)
    assert (await the_bill(local)).content.total == 5


async def test_I11_FR_08_what_was_used_without_any_tariff_costs_nothing(local: Case) -> None:
    """The station had none, and ours is told to it on the way."""
    gone = Assignment(key=902, tenant="default", tariff="street", from_at=since(local), withdrawn_at=since(local))
    await local.bench.storage.journal.store([gone])
    await local.bench.csms.book.load("default")
    tx = local.station.transaction()
    begin = local.bench.clock.now() - timedelta(hours=2)
    value = meter_value(begin, 0, "Transaction.Begin")
    await tx.started("Authorized", token=VALID, chargingState="Charging", evse=(1, 1), values=(value,), at=begin)
    middle, end = begin + timedelta(hours=1), begin + timedelta(hours=2)
    await tx.updated("TariffChanged", values=(meter_value(middle, 6000),), at=middle, tariffId="street.901")
    value = meter_value(end, 10_000, "Transaction.End")
    ended = tx.payload("Ended", "StopAuthorized", token=VALID, stoppedReason="Local", values=(value,), at=end)
    await local.station.say("TransactionEvent", ended)
    assert (await the_bill(local)).content.net == Decimal("1.60")


async def test_I11_FR_07_a_change_is_done_when_the_station_tells_of_it(local: Case) -> None:
    tx = local.station.transaction()
    await tx.started("Authorized", token=VALID, chargingState="Charging", evse=(1, 1))
    request = ChangeTransactionTariff(transaction_id=tx.id, tariff=priced(local))
    _, command = await local.commanded(request, "ChangeTransactionTariff")
    assert command.state == "accepted"
    await tx.updated("TariffChanged", tariffId="street.901")
    await local.took_effect(command)


async def test_I09_FR_03_no_tariffs_are_an_answer_and_no_refusal(local: Case) -> None:
    _, command = await local.commanded(GetTariffs(evse_id=0), "GetTariffs", "NoTariff")
    assert (command.state, command.status) == ("accepted", "NoTariff")


async def test_I07_FR_21_a_tariff_that_counts_already_replaces_one_that_began_later(local: Case) -> None:
    now = local.bench.clock.now()
    asked, _ = await local.commanded(default_tariff(0, priced(local), now), "SetDefaultTariff")
    assert "validFrom" not in asked["tariff"]
    later = default_tariff(0, priced(local), now - timedelta(days=1))
    assert later == SetDefaultTariff(evse_id=0, tariff=later.tariff)
    asked, _ = await local.commanded(later, "SetDefaultTariff")
    assert "validFrom" in asked["tariff"]
