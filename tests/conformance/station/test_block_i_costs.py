"""I12 in 2.1: what a station says that a transaction comes to, by its own reckoning."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
from said import Said, TxEvent
from station_case import CARD, StationCase
from tariffs_told import VAT, conditional, cost, in_, install, over, problems, tariff, total

from stationmaster.ocpp.version import Version


@pytest.fixture
async def case() -> AsyncIterator[StationCase]:
    """Booted, connected, idle; meter values come when something happens, costs every minute."""
    case = StationCase(Version.V21, "Street post 2x22")
    await case.power_up()
    case.set(OCPPCommCtrlr__RetryBackOffRandomRange="0", SampledDataCtrlr__TxUpdatedInterval="0")
    yield case
    await case.power_down()


async def test_I12_FR_01_FR_02_FR_03_the_cost_is_told_at_the_start_every_minute_and_at_the_end(
    case: StationCase,
) -> None:
    await install(case, tariff())
    await case.charging()
    await case.wait(600)
    ended = await over(case)
    events = [event for event in Said(case.csms.heard).events if "costDetails" in event.payload]
    running = [event for event in events if event.trigger == "RunningCost"]
    assert 9 <= len(running) <= 10
    assert events[0].trigger == "Authorized"
    assert all("chargingPeriods" not in cost(event) for event in events[:-1])
    sums = [total(event)["inclTax"] for event in events]
    assert sums == sorted(sums)
    assert events[-1].payload == ended.payload


async def test_I12_FR_01_without_running_costs_only_the_end_tells_it(case: StationCase) -> None:
    case.set(TariffCostCtrlr__Enabled__RunningCost="false")
    await install(case, tariff())
    await case.charging()
    await case.wait(600)
    await over(case)
    assert [event.kind for event in Said(case.csms.heard).events if "costDetails" in event.payload] == ["Ended"]


async def test_I12_FR_01_a_cost_that_is_switched_off_is_not_told(case: StationCase) -> None:
    case.set(TariffCostCtrlr__Enabled__Cost="false")
    await install(case, tariff())
    await case.charging()
    await over(case)
    assert all("costDetails" not in event.payload for event in Said(case.csms.heard).events)


async def test_I12_FR_05_FR_09_FR_10_FR_11_FR_12_FR_13_FR_16_FR_17_each_cost_stands_in_its_place(
    case: StationCase,
) -> None:
    stacked = [{"type": "energy", "tax": 10}, {"type": "VAT", "tax": 20, "stack": 1}]
    told = tariff(
        energy={"prices": [{"priceKwh": 1}], "taxRates": stacked},
        fixedFee={"prices": [{"priceFixed": 2}], "taxRates": VAT},
        chargingTime={"prices": [{"priceMinute": 0.5}]},
        idleTime={"prices": [{"priceMinute": 1}]},
    )
    await install(case, told)
    await case.plug(limit=0.52)
    await case.swipe()
    await case.wait(3600)
    ended = await over(case)
    made, usage = cost(ended)["totalCost"], cost(ended)["totalUsage"]
    assert (made["currency"], made["typeOfCost"]) == ("EUR", "NormalCost")
    assert made["fixed"]["exclTax"], made["fixed"]["inclTax"] == (2, 2.5)
    assert made["energy"]["exclTax"] == pytest.approx(usage["energy"] / 1000, abs=0.006)
    assert made["energy"]["inclTax"] == pytest.approx(made["energy"]["exclTax"] * 1.1 * 1.2, abs=0.02)
    assert made["chargingTime"]["exclTax"] == pytest.approx(usage["chargingTime"] / 60 * 0.5, abs=0.01)
    assert made["idleTime"]["exclTax"] == pytest.approx(usage["idleTime"] / 60, abs=0.02)
    assert usage["idleTime"] > 600
    parts = [made[name] for name in ("fixed", "energy", "chargingTime", "idleTime")]
    for side in ("exclTax", "inclTax"):
        assert sum(Decimal(str(part[side])) for part in parts) == Decimal(str(made["total"][side]))


async def test_I12_FR_06_FR_07_FR_08_a_reservation_costs_from_its_request_to_the_start(case: StationCase) -> None:
    per_minute = {"prices": [{"priceMinute": 0.1}], "taxRates": VAT}
    await install(case, tariff(reservationTime=per_minute, reservationFixed={"prices": [{"priceFixed": 1}]}))
    wanted = {"id": 5, "expiryDateTime": in_(case, hours=2), "idToken": {"idToken": CARD, "type": "ISO14443"}}
    assert (await case.ask("ReserveNow", evseId=1, **wanted))["status"] == "Accepted"
    await case.wait(1790)
    await case.swipe()
    await case.plug()
    await case.wait(600)
    made, usage = cost(await over(case))["totalCost"], cost(Said(case.csms.heard).events[-1])["totalUsage"]
    assert made["reservationFixed"] == {"exclTax": 1, "inclTax": 1}
    assert usage["reservationTime"] == pytest.approx(1795, abs=5)
    assert made["reservationTime"]["exclTax"] == pytest.approx(usage["reservationTime"] / 600, abs=0.006)
    await case.unplug()
    await case.plug()
    await case.swipe()
    assert "reservationFixed" not in cost(await over(case))["totalCost"]


async def test_I12_FR_14_FR_15_FR_18_FR_19_FR_43_FR_44_what_cannot_be_reckoned_is_told_of(
    case: StationCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await install(case, tariff())
    with monkeypatch.context() as broken:
        broken.setattr("stationmaster.station.blocks.local_cost.ended_cost", lambda _: 1 // 0)
        await case.charging()
        ended = await over(case)
    assert (cost(ended)["failureToCalculate"], cost(ended)["failureReason"]) == (True, "ZeroDivisionError")
    assert problems(Said(case.csms.heard)) == ["true"]
    await case.unplug()
    case.take()
    await case.charging()
    await over(case)
    assert problems(Said(case.csms.heard)) == ["true", "false"]


async def test_I12_FR_19_where_a_monitor_tells_of_it_nothing_else_does(
    case: StationCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = {"component": {"name": "TariffCostCtrlr"}, "variable": {"name": "Problem"}}
    setting = {**watched, "type": "Delta", "value": 1, "severity": 3}
    answer = await case.ask("SetVariableMonitoring", setMonitoringData=[setting])
    assert answer["setMonitoringResult"][0]["status"] == "Accepted"
    await install(case, tariff())
    monkeypatch.setattr("stationmaster.station.blocks.local_cost.ended_cost", lambda _: 1 // 0)
    await case.charging()
    await over(case)
    await case.wait()
    events = [event for call in Said(case.csms.heard).of("NotifyEvent") for event in call.payload["eventData"]]
    mine = [event for event in events if event["component"]["name"] == "TariffCostCtrlr"]
    assert [(event["eventNotificationType"], event["actualValue"]) for event in mine] == [("CustomMonitor", "true")]


async def test_I12_FR_30_FR_33_FR_34_FR_35_FR_36_the_first_price_that_fits_counts_and_begins_a_period(
    case: StationCase,
) -> None:
    await install(case, conditional(maxTime=1800))
    await case.charging()
    await case.wait(3600)
    first, second = cost(await over(case))["chargingPeriods"]
    begins = [TxEvent(0.0, {"timestamp": each["startPeriod"]}).timestamp for each in (first, second)]
    assert begins[1] - begins[0] == timedelta(seconds=1800)
    assert [each["type"] for each in second["dimensions"]] == ["Energy", "ChargingTime"]


async def test_I12_FR_31_a_price_by_power_is_looked_at_as_often_as_is_wanted(case: StationCase) -> None:
    case.set(TariffCostCtrlr__Interval__Tariff="30", TariffCostCtrlr__Enabled__RunningCost="false")
    await install(case, conditional(maxPower=1000))
    await case.charging()
    await case.wait(300)
    ended = await over(case)
    assert len([context for context in ended.contexts if context == "Sample.Periodic"]) == 10


async def test_I12_FR_37_the_hours_of_a_tariff_follow_the_clock_on_the_wall(case: StationCase) -> None:
    now = case.clock.now()
    local = now + timedelta(hours=2)
    case.set(
        ClockCtrlr__TimeOffset="+02:00",
        ClockCtrlr__TimeOffset__NextTransition="+01:00",
        ClockCtrlr__NextTimeOffsetTransitionDateTime=in_(case, minutes=30),
    )
    hour = f"{local + timedelta(minutes=-10):%H:%M}", f"{local + timedelta(minutes=20):%H:%M}"
    await install(case, conditional(startTimeOfDay=hour[0], endTimeOfDay=hour[1]))
    await case.charging()
    await case.wait(5400)
    periods = cost(await over(case))["chargingPeriods"]
    prices = [TxEvent(0.0, {"timestamp": each["startPeriod"]}).timestamp - now for each in periods]
    assert len(prices) == 4  # the hour comes once more when the clock is put back
    assert prices[1] < timedelta(minutes=21)


async def test_I12_FR_38_what_is_too_little_is_raised_to_the_minimum(case: StationCase) -> None:
    await install(case, tariff(minCost={"exclTax": 40}))
    await case.charging()
    await case.wait(600)
    made = cost(await over(case))["totalCost"]
    assert (made["typeOfCost"], made["total"]["exclTax"], made["fixed"]["exclTax"]) == ("MinCost", 40, 40)
    assert "energy" not in made


async def test_I12_FR_39_FR_40_no_more_than_the_maximum_is_paid_while_the_use_goes_on(case: StationCase) -> None:
    await install(case, tariff(price=9, maxCost={"inclTax": 5}))
    await case.charging()
    await case.wait(3600)
    ended = await over(case)
    made = cost(ended)["totalCost"]
    assert (made["typeOfCost"], made["total"]["inclTax"]) == ("MaxCost", 5)
    assert made["energy"]["inclTax"] == 5
    assert cost(ended)["totalUsage"]["energy"] > 5000


async def test_the_running_cost_stands_on_the_display_and_the_total_until_the_car_is_gone(case: StationCase) -> None:
    await install(case, tariff())
    await case.swipe()
    assert case.hardware.display(1) == "0.50 EUR/kWh; plus VAT 25 %"
    await case.plug()
    await case.wait(1800)
    assert " EUR" in case.hardware.display(1)
    ended = await over(case)
    assert f"{total(ended)['inclTax']:.2f} EUR" in case.hardware.display(1)
    await case.unplug()
    seen = {case.hardware.display(1)} | {case.hardware.display(1) for _ in range(3) if await case.wait(7) is not None}
    assert not any("Finished" in text for text in seen)


async def test_E16_FR_16_a_limit_of_cost_is_held_against_the_stations_own_sum(case: StationCase) -> None:
    usual = case.csms.script["TransactionEvent"]
    case.csms.script["TransactionEvent"] = lambda payload: {
        **usual(payload),
        "totalCost": 0.01,
        **({"transactionLimit": {"maxCost": 1}} if payload["triggerReason"] == "Authorized" else {}),
    }
    await install(case, tariff())
    await case.plug()
    await case.swipe()
    reached = [event for event in (await case.wait(3600)).events if event.trigger == "CostLimitReached"]
    assert len(reached) == 1
    assert total(await over(case))["inclTax"] == pytest.approx(1, abs=0.1)


async def test_a_transaction_that_goes_on_after_a_loss_of_power_is_reckoned_whole(case: StationCase) -> None:
    case.set(TxCtrlr__ResumptionTimeout="600", TxCtrlr__AllowEnergyTransferResumption="true")
    await install(case, tariff())
    await case.charging()
    await case.wait(900)
    await case.cut_power()
    await case.power_up()
    await case.wait(900)
    ended = await over(case)
    registers = [
        float(sample["value"])
        for value in ended.values
        for sample in value["sampledValue"]
        if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
    ]
    used = max(registers) - min(registers)
    assert cost(ended)["totalUsage"]["energy"] == pytest.approx(used)
    assert total(ended)["exclTax"] == pytest.approx(used / 1000 * 0.5, abs=0.006)
    assert CARD in {event.token for event in Said(case.csms.heard).events}
