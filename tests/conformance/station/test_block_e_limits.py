"""E16 Limits of a transaction, as 2.1 has them: set by the driver or by the CSMS, kept by the station."""

from typing import Any

import pytest
from said import Said, TxEvent
from station_case import CARD, StationCase

from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.ocpp.version import Version


@pytest.fixture
def version() -> Version:
    return Version.V21


def answers_with(case: StationCase, trigger: str, **limit: Any) -> None:
    """The CSMS gives the limit in its next answer to an event of this trigger, once."""
    usual = case.csms.script["TransactionEvent"]

    def answer(payload: dict[str, Any]) -> Any:
        said = usual(payload)
        if payload["triggerReason"] == trigger:
            case.csms.script["TransactionEvent"] = usual
            return {**said, "transactionLimit": limit}
        return said

    case.csms.script["TransactionEvent"] = answer


def limit_of(event: TxEvent) -> Any:
    return event.info.get("transactionLimit")


def of(said: Said, trigger: str) -> list[TxEvent]:
    return [event for event in said.events if event.trigger == trigger]


async def charging(case: StationCase) -> Said:
    """Cable first, then the card: what was said after the card."""
    await case.pre_session()
    return await case.swipe(CARD)


async def test_E16_FR_01_the_driver_s_limit_is_told_once(case: StationCase) -> None:
    await case.charging()

    case.hardware.ask_limit(1, TransactionLimit(max_energy_wh=5000))  # type: ignore[arg-type]
    said = await case.wait(600)

    (told,) = of(said, "LimitSet")
    assert limit_of(told) == {"maxEnergy": 5000}
    assert [limit_of(event) for event in said.events if limit_of(event)] == [limit_of(told)]


async def test_E16_FR_03_the_CSMS_s_limit_is_confirmed_and_FR_13_what_cannot_be_kept_is_left_out(
    case: StationCase,
) -> None:
    answers_with(case, "Authorized", maxEnergy=9000, maxTime=7200, maxSoC=80)

    said = await charging(case)

    (told,) = of(said, "LimitSet")
    assert limit_of(told) == {"maxEnergy": 9000, "maxTime": 7200}  # an AC socket knows no state of charge


async def test_E16_FR_04_the_driver_cannot_go_beyond_the_CSMS(case: StationCase) -> None:
    answers_with(case, "Authorized", maxEnergy=9000)
    await charging(case)

    case.hardware.ask_limit(1, TransactionLimit(max_energy_wh=20_000, max_time_s=3600))  # type: ignore[arg-type]

    (told,) = of(await case.wait(), "LimitSet")
    assert limit_of(told) == {"maxEnergy": 9000, "maxTime": 3600}


@pytest.mark.parametrize(
    ("limit", "trigger", "seconds"),
    [({"maxEnergy": 1000}, "EnergyLimitReached", 1200), ({"maxTime": 900}, "TimeLimitReached", 1000)],
)
async def test_E16_FR_05_a_limit_that_is_reached_suspends(
    case: StationCase, limit: dict[str, Any], trigger: str, seconds: float
) -> None:
    case.set(TxCtrlr__TxStopPoint="EVConnected")
    answers_with(case, "Authorized", **limit)
    await charging(case)

    said = await case.wait(seconds)

    (reached,) = of(said, trigger)
    assert reached.brief == ("Updated", trigger, "SuspendedEVSE")
    assert not case.hardware.drawing(1)
    (ended,) = [event for event in (await case.unplug()).events if event.kind == "Ended"]
    assert ended.reason == "EVDisconnected"


async def test_E16_FR_06_or_ends_the_transaction_where_energy_is_a_stop_point(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="EnergyTransfer")
    answers_with(case, "Authorized", maxEnergy=1000)
    await charging(case)

    (ended,) = of(await case.wait(1200), "EnergyLimitReached")

    assert (ended.kind, ended.reason) == ("Ended", "EnergyLimitReached")


async def test_E16_FR_09_time_counts_from_the_start_and_FR_10_a_limit_that_is_passed_holds_at_once(
    case: StationCase,
) -> None:
    case.set(TxCtrlr__TxStopPoint="EVConnected")
    await case.pre_session()
    await case.wait(600)
    answers_with(case, "Authorized", maxTime=300)

    said = await case.swipe(CARD)

    assert [event.trigger for event in said.events][-2:] == ["LimitSet", "TimeLimitReached"]
    assert said.events[-1].state == "SuspendedEVSE"


async def test_E16_FR_14_a_raised_limit_lets_it_go_on(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="EVConnected", SampledDataCtrlr__TxUpdatedInterval="60")
    answers_with(case, "Authorized", maxEnergy=1000)
    await charging(case)
    await case.wait(1200)
    assert not case.hardware.drawing(1)

    answers_with(case, "MeterValuePeriodic", maxEnergy=50_000)
    said = await case.wait(120)

    (told,) = of(said, "LimitSet")
    assert limit_of(told) == {"maxEnergy": 50_000}
    assert case.hardware.drawing(1)
    assert [event.state for event in of(said, "ChargingStateChanged")][-1] == "Charging"


async def test_E16_FR_11_a_cost_limit_is_kept_by_the_cost_that_the_CSMS_tells(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="EVConnected", SampledDataCtrlr__TxUpdatedInterval="60")
    answers_with(case, "Authorized", maxCost=5.0)
    await charging(case)
    usual = case.csms.script["TransactionEvent"]
    case.csms.script["TransactionEvent"] = lambda payload: {**usual(payload), "totalCost": 5.2}

    (reached,) = of(await case.wait(90), "CostLimitReached")

    assert reached.state == "SuspendedEVSE"


async def test_E16_FR_19_no_more_flows_than_the_limit(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="EVConnected")
    answers_with(case, "Authorized", maxEnergy=1000)
    await charging(case)
    await case.wait(1200)

    (ended,) = [event for event in (await case.unplug()).events if event.kind == "Ended"]

    register = [
        float(sample["value"])
        for value in ended.values
        for sample in value["sampledValue"]
        if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
        and "phase" not in sample
    ]
    assert 900 <= register[-1] - register[0] <= 1000


async def test_a_limit_outlives_a_loss_of_power(case: StationCase) -> None:
    case.set(
        TxCtrlr__TxStopPoint="EVConnected",
        TxCtrlr__ResumptionTimeout="600",
        TxCtrlr__AllowEnergyTransferResumption="true",
        TxCtrlr__EnergyTransferResumptionRandomRange="0",
    )
    answers_with(case, "Authorized", maxEnergy=1000)
    await charging(case)
    await case.cut_power()
    await case.clock.sleep(30)
    await case.power_up()

    assert len(of(await case.wait(1200), "EnergyLimitReached")) == 1


async def test_C15_FR_07_what_a_refused_token_still_gets_outlives_a_loss_of_power(case: StationCase) -> None:
    case.set(
        TxCtrlr__TxStopPoint="EVConnected",
        TxCtrlr__StopTxOnInvalidId="false",
        TxCtrlr__MaxEnergyOnInvalidId="1000",
        TxCtrlr__ResumptionTimeout="600",
        TxCtrlr__AllowEnergyTransferResumption="true",
        TxCtrlr__EnergyTransferResumptionRandomRange="0",
    )
    case.tx_infos[CARD] = {"status": "Invalid"}
    await charging(case)
    assert case.hardware.drawing(1)
    await case.cut_power()
    await case.clock.sleep(30)
    await case.power_up()
    await case.wait()
    assert case.hardware.drawing(1)

    await case.wait(1200)

    assert not case.hardware.drawing(1)
    (ended,) = [event for event in (await case.unplug()).events if event.kind == "Ended"]
    assert ended.reason == "EVDisconnected"
