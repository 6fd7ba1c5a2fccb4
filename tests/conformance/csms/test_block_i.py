"""I Tariff and cost, as certification tests a CSMS: what it tells of prices while a driver charges, and in the end."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from csms_case import VALID, Case

from stationmaster.domain.cost.tariff import Bound, Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff import Text as PriceText
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.cost.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    GetTariffs,
    SetDefaultTariff,
)
from stationmaster.domain.cost.telling import CostUpdated
from stationmaster.domain.records import Learned
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedTransaction
from stationmaster.testing.script import meter_value
from stationmaster.testing.wire import Payload


async def publish(case: Case, *, key: int = 901, price: str = "0.40", text: str | None = None, **terms: Any) -> None:
    """A tariff for all, everywhere, from now on: without tax so that the sums are plain."""
    now = case.bench.clock.now() - timedelta(hours=3)
    tariff = Tariff(
        key=key,
        tenant="default",
        name=f"street-{key}",
        version=1,
        valid_from=now,
        currency="EUR",
        energy=Component((Price(Decimal(price)),), (TaxRate("VAT", Decimal(25)),)),
        texts=() if text is None else (PriceText("en", text),),
        **terms,
    )
    assignment = Assignment(key=key + 1, tenant="default", tariff=tariff.name, from_at=now, priority=key)
    await case.bench.storage.journal.store([tariff, assignment])
    await case.bench.csms.book.load("default")


def moment_of(case: Case, after_s: float) -> datetime:
    """So long after the start, which was two hours ago."""
    return case.bench.clock.now() - timedelta(hours=2) + timedelta(seconds=after_s)


async def begun(case: Case, register_wh: int = 1000) -> tuple[ScriptedTransaction, Payload]:
    """A transaction with an accepted token, and what its start was answered with."""
    tx = case.station.transaction()
    at = moment_of(case, 0)
    value = meter_value(at, register_wh, "Transaction.Begin")
    said = await tx.started("Authorized", token=VALID, chargingState="Charging", evse=(1, 1), values=(value,), at=at)
    return tx, said


async def sampled(case: Case, tx: ScriptedTransaction, register_wh: int, after_s: float = 600) -> Payload:
    at = moment_of(case, after_s)
    return await tx.updated("MeterValuePeriodic", values=(meter_value(at, register_wh),), at=at)


async def over(case: Case, tx: ScriptedTransaction, register_wh: int) -> Payload:
    at = moment_of(case, 1200)
    return await case.station.say("TransactionEvent", end_of(tx, at, register_wh))


def end_of(tx: ScriptedTransaction, at: datetime, register_wh: int) -> Payload:
    value = meter_value(at, register_wh, "Transaction.End")
    return tx.payload("Ended", "StopAuthorized", token=VALID, stoppedReason="Local", values=(value,), at=at)


async def reads_texts(case: Case) -> None:
    """The station has told that it can show texts."""
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    learned = Learned(station_key=case.view.key, name="can:DisplayMessage", value="yes")
    await case.bench.storage.journal.store([learned])
    desk.state = desk.state.with_learned({"can:DisplayMessage": "yes"})


async def test_TC_I_01_CSMS_I02_FR_01_the_running_cost_is_in_the_answer_to_a_meter_value(case: Case) -> None:
    await publish(case)
    tx, _ = await begun(case)

    said = await sampled(case, tx, 3000)

    assert Decimal(str(said["totalCost"])) == Decimal("1.00")  # 2 kWh at 0.40 and 25 %


async def test_TC_I_02_CSMS_I03_FR_02_the_end_is_answered_with_the_total(case: Case) -> None:
    await publish(case)
    tx, _ = await begun(case)

    said = await over(case, tx, 6000)

    assert Decimal(str(said["totalCost"])) == Decimal("2.50")


async def test_I03_FR_02_a_repeated_end_is_answered_with_the_same_total(case: Case) -> None:
    await publish(case)
    tx, _ = await begun(case)
    end = end_of(tx, moment_of(case, 1200), 6000)

    first = await case.station.say("TransactionEvent", end)
    again = await case.station.say("TransactionEvent", end)

    assert again["totalCost"] == first["totalCost"]


async def test_I03_FR_04_what_is_free_costs_0_and_is_not_left_out(case: Case) -> None:
    await publish(case, price="0")
    tx, _ = await begun(case)
    said = await over(case, tx, 6000)
    assert said["totalCost"] == 0


async def test_without_a_tariff_nothing_is_said_of_cost(case: Case) -> None:
    tx, started = await begun(case)
    ended = await over(case, tx, 6000)
    assert "totalCost" not in started
    assert "totalCost" not in ended


async def test_where_no_tariff_of_the_tenant_applies_nothing_is_said_of_cost(case: Case) -> None:
    await publish(case)
    elsewhere = Assignment(
        key=902,
        tenant="default",
        tariff="street-901",
        from_at=case.bench.clock.now() - timedelta(hours=3),
        station_key=case.view.key + 1,
    )
    await case.bench.storage.journal.store([elsewhere])
    await case.bench.csms.book.load("default")
    tx, _ = await begun(case)
    ended = await over(case, tx, 6000)
    assert "totalCost" not in ended


async def test_I02_FR_01_the_running_cost_is_reckoned_once_a_minute(case: Case) -> None:
    await publish(case)
    tx, _ = await begun(case)
    assert "totalCost" not in await sampled(case, tx, 1100, after_s=30)
    assert "totalCost" in await sampled(case, tx, 1200, after_s=61)


async def test_I06_FR_02_the_price_is_told_in_words_when_it_is_another_one(case: Case) -> None:
    await reads_texts(case)
    await publish(case, text="40 cents")
    tx, started = await begun(case)
    same = await sampled(case, tx, 2000)

    assert started["updatedPersonalMessage"] == {"format": "UTF8", "language": "en", "content": "40 cents"}
    assert "updatedPersonalMessage" not in same


async def test_I01_FR_02_a_station_that_shows_no_texts_is_sent_none(case: Case) -> None:
    await publish(case, text="40 cents")
    _, started = await begun(case)
    assert "updatedPersonalMessage" not in started
    assert "personalMessage" not in await case.station.authorize(VALID)


async def test_I02_FR_01_the_running_cost_is_told_between_two_events(case: Case) -> None:
    await publish(case)
    tx, _ = await begun(case)
    case.station.answer("CostUpdated", {})

    command = await case.view.ask(CostUpdated(transaction_id=tx.id, total=Decimal("1.25")))

    assert await case.station.asked("CostUpdated") == {"totalCost": 1.25, "transactionId": tx.id}
    assert (await case.view.outcome(command)).state == "accepted"


async def test_a_transaction_that_is_over_is_not_told_of_any_more(case: Case) -> None:
    tx, _ = await begun(case)
    await over(case, tx, 6000)
    command = await case.view.ask(CostUpdated(transaction_id=tx.id, total=Decimal(1)))
    command = await case.view.outcome(command)
    assert (command.state, command.detail) == ("failed", "the transaction is not under way at this station")


# ── 2.1: tariffs that the station reckons with by itself ────────────────────────────────────────────────────────────


@pytest.fixture
async def local(bench: CsmsBench) -> Case:
    """A booted station of 2.1."""
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    return case


def night(case: Case, key: int = 950) -> Tariff:
    """With everything that 2.1's words have for prices of energy and of starting."""
    return Tariff(
        key=key,
        tenant="default",
        name="night",
        version=1,
        valid_from=case.bench.clock.now() - timedelta(hours=3),
        currency="EUR",
        energy=Component(
            (Price(Decimal("0.10"), Conditions(from_time="22:00", to_time="06:00", days=("Monday",))),
             Price(Decimal("0.20"), Conditions(min_energy_wh=Decimal(5000), from_date=date(2026, 1, 1))),
             Price(Decimal("0.30"))),
            (TaxRate("VAT", Decimal(19), 1),),
        ),
        fixed=Component((Price(Decimal(1), Conditions(payment_brand="Card")),)),
        maximum=Bound(incl=Decimal(50)),
    )  # fmt: skip


async def test_I07_a_default_tariff_is_set_in_full(local: Case) -> None:
    request = SetDefaultTariff(evse_id=1, tariff=night(local))
    asked, command = await local.commanded(request, "SetDefaultTariff")

    assert command.state == "accepted"
    tariff = asked["tariff"]
    assert (asked["evseId"], tariff["tariffId"], tariff["currency"]) == (1, "night.950", "EUR")
    assert tariff["energy"] == {
        "prices": [
            {
                "priceKwh": 0.1,
                "conditions": {"startTimeOfDay": "22:00", "endTimeOfDay": "06:00", "dayOfWeek": ["Monday"]},
            },
            {"priceKwh": 0.2, "conditions": {"minEnergy": 5000, "validFromDate": "2026-01-01"}},
            {"priceKwh": 0.3},
        ],
        "taxRates": [{"type": "VAT", "tax": 19, "stack": 1}],
    }
    assert tariff["fixedFee"] == {"prices": [{"priceFixed": 1, "conditions": {"paymentBrand": "Card"}}]}
    assert tariff["maxCost"] == {"inclTax": 50}
    assert "validFrom" in tariff


@pytest.mark.parametrize("status", ["Rejected", "TooManyElements", "ConditionNotSupported", "DuplicateTariffId"])
async def test_I07_FR_02_06_what_a_station_says_against_a_tariff_is_kept(local: Case, status: str) -> None:
    _, command = await local.commanded(SetDefaultTariff(evse_id=0, tariff=night(local)), "SetDefaultTariff", status)
    assert (command.state, command.status) == ("rejected", status)


async def test_a_tariff_that_2_1_has_no_words_for_is_not_sent(local: Case) -> None:
    tariff = msgspec.structs.replace(night(local), includes_tax=True)
    command = await local.view.outcome(await local.view.ask(SetDefaultTariff(evse_id=0, tariff=tariff)))
    assert (command.state, command.detail) == ("unsupported", "OCPP 2.1 has no tariffs with prices that include tax")


async def test_before_2_1_no_tariff_is_sent(case_201: Case) -> None:
    command = await case_201.view.outcome(await case_201.view.ask(GetTariffs(evse_id=0)))
    assert command.state == "unsupported"
    assert command.detail is not None
    assert "needs OCPP 2.1" in command.detail


async def test_I09_the_tariffs_of_a_station_are_told(local: Case) -> None:
    told = [{"tariffId": "night.950", "tariffKind": "DefaultTariff", "evseIds": [1]}]
    _, command = await local.commanded(GetTariffs(evse_id=0), "GetTariffs", tariffAssignments=told)
    assert command.answer is not None
    assert command.answer["tariffs"] == [{"tariff_id": "night.950", "kind": "DefaultTariff", "evse_ids": [1]}]


async def test_I10_tariffs_are_cleared_each_with_its_own_outcome(local: Case) -> None:
    results = [{"tariffId": "a", "status": "Accepted"}, {"tariffId": "b", "status": "NoTariff"}]
    local.station.answer("ClearTariffs", {"clearTariffsResult": results})
    command = await local.view.ask(ClearTariffs(tariff_ids=("a", "b")))
    assert await local.station.asked("ClearTariffs") == {"tariffIds": ["a", "b"]}
    command = await local.view.outcome(command)
    assert command.status == "Partial"
    assert command.answer is not None
    assert [each["status"] for each in command.answer["results"]] == ["Accepted", "NoTariff"]


async def test_I11_FR_08_a_transaction_goes_on_by_another_tariff_and_is_billed_so_from_then_on(local: Case) -> None:
    await publish(local, key=901, price="0.40")
    other = msgspec.structs.replace(
        night(local), energy=Component((Price(Decimal("0.80")),), (TaxRate("VAT", Decimal(25)),)), fixed=None
    )
    await local.bench.storage.journal.store([other])
    await local.bench.csms.book.load("default")
    tx, _ = await begun(local, 0)
    await tx.updated(
        "ChargingStateChanged", chargingState="Charging", at=moment_of(local, 1), tariffId="street-901.901"
    )
    request = ChangeTransactionTariff(transaction_id=tx.id, tariff=other)
    asked, command = await local.commanded(request, "ChangeTransactionTariff")
    assert command.state == "accepted"
    assert "validFrom" not in asked["tariff"]
    at = moment_of(local, 600)
    value = meter_value(at, 1000)
    await tx.updated("TariffChanged", values=(value,), at=at, tariffId=asked["tariff"]["tariffId"])

    said = await over(local, tx, 2000)

    assert Decimal(str(said["totalCost"])) == Decimal("1.50")  # 1 kWh at 0.40, 1 kWh at 0.80, and 25 %
