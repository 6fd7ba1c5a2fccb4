"""I07-I11 in 2.1: the tariffs that a station is given, and which of them it sells by."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from said import Said
from scripted_csms import CallError
from station_case import CARD, CARD_2, StationCase
from tariffs_told import change, conditional, cost, in_, install, installed, of_driver, over, problems, tariff, total

from stationmaster.ocpp.version import Version


@pytest.fixture
async def case() -> AsyncIterator[StationCase]:
    """Booted, connected, idle; meter values come when something happens, costs every minute."""
    case = StationCase(Version.V21, "Street post 2x22")
    await case.power_up()
    case.set(OCPPCommCtrlr__RetryBackOffRandomRange="0", SampledDataCtrlr__TxUpdatedInterval="0")
    yield case
    await case.power_down()


# ── I07 Default tariffs ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("action", ["SetDefaultTariff", "ChangeTransactionTariff"])
async def test_I07_FR_01_I11_FR_01_what_is_switched_off_is_not_supported(case: StationCase, action: str) -> None:
    case.set(TariffCostCtrlr__Enabled__Tariff="false")
    place: dict[str, Any] = {"evseId": 0} if action == "SetDefaultTariff" else {"transactionId": "any"}
    with pytest.raises(CallError, match="NotSupported"):
        await case.ask(action, tariff=tariff(), **place)


async def test_I07_FR_02_I11_FR_02_a_tariff_of_too_many_prices_is_refused(case: StationCase) -> None:
    case.set(TariffCostCtrlr__MaxElements__Tariff="1")
    assert await install(case, conditional(maxTime=60)) == "TooManyElements"
    assert await change(case, conditional(maxTime=60), "any") == "TooManyElements"


async def test_I07_FR_03_I11_FR_03_conditions_that_are_not_supported_are_refused(case: StationCase) -> None:
    case.set(TariffCostCtrlr__ConditionsSupported__Tariff="false")
    assert await install(case, conditional(maxTime=60)) == "ConditionNotSupported"
    assert await change(case, conditional(maxTime=60), "any") == "ConditionNotSupported"
    assert await install(case, tariff()) == "Accepted"


async def test_I07_FR_04_an_id_is_installed_once(case: StationCase) -> None:
    assert await install(case, tariff(), 1) == "Accepted"
    assert await install(case, tariff(), 2) == "DuplicateTariffId"


async def test_I07_FR_05_FR_06_a_tariff_without_sense_and_an_evse_that_is_not_there(case: StationCase) -> None:
    answer = await case.ask("SetDefaultTariff", evseId=1, tariff=tariff(price=0.5, currency="eur"))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidValue")
    answer = await case.ask("SetDefaultTariff", evseId=9, tariff=tariff())
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnknownEvse")


@pytest.mark.parametrize("limit", [{"maxEnergy": 1e250}, {"minPower": 1e-60}, {"maxTime": 10**13}])
async def test_I07_FR_05_a_condition_beyond_all_measure_is_refused(case: StationCase, limit: dict[str, float]) -> None:
    answer = await case.ask("SetDefaultTariff", evseId=0, tariff=conditional(**limit))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidValue")
    assert await installed(case) == []
    await case.charging()
    assert await change(case, conditional(**limit)) == "Rejected"


async def test_I07_FR_10_FR_11_FR_12_a_tariff_is_installed_at_one_evse_or_at_each(case: StationCase) -> None:
    assert await install(case, tariff("one"), 2) == "Accepted"
    assert await installed(case) == [("one", "DefaultTariff", [2])]
    assert await install(case, tariff("all")) == "Accepted"
    assert await installed(case) == [("all", "DefaultTariff", [1, 2])]


async def test_I07_FR_13_FR_14_it_is_there_after_a_loss_of_power_and_stands_on_the_display(case: StationCase) -> None:
    description = [{"format": "UTF8", "language": "en", "content": "50 cents"}]
    await install(case, tariff(description=description))
    await case.cut_power()
    await case.power_up()
    assert await installed(case) == [("T1", "DefaultTariff", [1, 2])]
    seen = set()
    for _ in range(3):
        await case.wait()
        seen.add(case.hardware.display(1))
    assert seen == {"Available", "50 cents"}


async def test_I07_FR_13_one_that_cannot_be_put_into_words_keeps_no_station_from_starting(case: StationCase) -> None:
    await install(case, conditional(maxEnergy=1000))
    await case.cut_power()
    kept = case.memory.get("default_tariffs")
    assert kept is not None
    case.memory.put("default_tariffs", kept.replace(b'"max_energy_wh":"1000', b'"max_energy_wh":"1E+250'))
    await case.power_up()
    seen = {case.hardware.display(1) for _ in range(3) if await case.wait() is not None}
    assert seen == {"Available"}
    await case.charging()
    assert (await over(case)).info["stoppedReason"] == "Local"


async def test_I07_FR_19_FR_20_FR_21_a_later_tariff_waits_for_its_time_and_then_replaces(case: StationCase) -> None:
    await install(case, tariff("now"))
    await install(case, tariff("soon", validFrom=in_(case, hours=1)))
    await install(case, tariff("later", validFrom=in_(case, hours=2)))
    assert [name for name, _, _ in await installed(case)] == ["now", "soon", "later"]
    await case.wait(3601)
    assert [name for name, _, _ in await installed(case)] == ["soon", "later"]
    await case.wait(3601)
    assert [name for name, _, _ in await installed(case)] == ["later"]


async def test_I07_FR_22_FR_23_without_a_time_it_replaces_at_once_but_not_what_begins_later(case: StationCase) -> None:
    await install(case, tariff("later", validFrom=in_(case, hours=2)))
    await install(case, tariff("first"))
    await install(case, tariff("second"))
    assert [name for name, _, _ in await installed(case)] == ["second", "later"]
    await install(case, tariff("between", validFrom=in_(case, hours=1)))
    await case.wait(3601)
    assert [name for name, _, _ in await installed(case)] == ["between", "later"]


async def test_I07_FR_24_I10_FR_07_a_transaction_goes_on_by_its_tariff(case: StationCase) -> None:
    await install(case, tariff("first", 0.5))
    await case.charging()
    await install(case, tariff("second", 9.0))
    await case.ask("ClearTariffs")
    await case.wait(1800)
    ended = await over(case)
    assert {period["tariffId"] for period in cost(ended)["chargingPeriods"]} == {"first"}
    used = cost(ended)["totalUsage"]["energy"]
    assert total(ended)["exclTax"] == pytest.approx(used / 1000 * 0.5, abs=0.006)


async def test_I07_FR_14_FR_24_a_transaction_that_began_without_a_tariff_gets_none_later(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="60")
    await case.charging()
    await case.wait(1800)
    await install(case, tariff("late", 9.0))
    await case.wait(130)
    await over(case)
    events = Said(case.csms.heard).events
    assert all("costDetails" not in event.payload and "tariffId" not in event.info for event in events)
    await case.unplug()
    await case.charging()
    assert {period["tariffId"] for period in cost(await over(case))["chargingPeriods"]} == {"late"}


async def test_I07_FR_14_what_is_installed_before_the_driver_is_authorized_is_sold(case: StationCase) -> None:
    await case.plug()
    await case.wait(600)
    await install(case, tariff("in time"))
    await case.swipe()
    assert {period["tariffId"] for period in cost(await over(case))["chargingPeriods"]} == {"in time"}


async def test_I07_FR_30_a_driver_who_does_not_want_the_price_is_let_go(case: StationCase) -> None:
    await install(case, tariff())
    await case.charging()
    case.hardware.refuse_tariff(1)
    said = await case.wait()
    assert said.events[0].trigger == "TariffNotAccepted"
    assert all("costDetails" not in event.payload and "tariffId" not in event.info for event in said.events)
    assert not case.hardware.drawing(1)
    assert case.hardware.display(1) == "Not at this price: nothing is charged"


async def test_I07_FR_31_before_a_transaction_the_card_is_forgotten(case: StationCase) -> None:
    await install(case, tariff())
    case.set(TxCtrlr__TxStartPoint="PowerPathClosed")
    await case.swipe()
    case.hardware.refuse_tariff(1)
    await case.wait()
    assert (await case.plug()).events == []


async def test_I07_FR_32_the_tariff_is_told_once(case: StationCase) -> None:
    await install(case, tariff())
    await case.charging()
    await case.wait(300)
    events = Said(case.csms.heard).events
    assert [event.info["tariffId"] for event in events if "tariffId" in event.info] == ["T1"]
    assert next(event for event in events if "tariffId" in event.info).trigger == "Authorized"


# ── I08 Tariffs of drivers ──────────────────────────────────────────────────────────────────────────────────────────


async def test_I08_FR_04_FR_10_FR_22_the_drivers_own_tariff_goes_before_the_default_one(case: StationCase) -> None:
    await install(case, tariff("default"))
    of_driver(case, tariff("mine", 0.25, validFrom=in_(case, days=9)))
    await case.charging()
    assert await installed(case) == [("default", "DefaultTariff", [1, 2]), ("mine", "DriverTariff", [1])]
    assert [event.info.get("tariffId") for event in Said(case.csms.heard).events][:2] == [None, "mine"]
    await case.wait(1800)
    ended = await over(case)
    assert {period["tariffId"] for period in cost(ended)["chargingPeriods"]} == {"mine"}


async def test_I08_FR_05_it_is_kept_with_the_cached_token(case: StationCase) -> None:
    of_driver(case, tariff("mine"))
    await case.cached()
    await case.go_offline()
    await case.plug()
    await case.swipe()
    await case.back_online()
    told = [event.info["tariffId"] for event in Said(case.csms.heard).events if "tariffId" in event.info]
    assert told == ["mine"] * 2


async def test_I08_FR_06_after_its_transaction_it_is_gone(case: StationCase) -> None:
    of_driver(case, tariff("mine"))
    await case.charging()
    await case.swipe()
    assert await installed(case) == []
    assert (await case.ask("GetTariffs", evseId=0))["status"] == "NoTariff"


@pytest.mark.parametrize("bad", [tariff("bad", currency="eur"), conditional("bad", maxTime=60)])
async def test_I08_FR_30_FR_31_FR_37_a_tariff_that_cannot_be_used_is_told_of(
    case: StationCase, bad: dict[str, Any]
) -> None:
    case.set(TariffCostCtrlr__HandleFailedTariff__Tariff="Deauthorize", TariffCostCtrlr__MaxElements__Tariff="1")
    of_driver(case, bad)
    await case.pre_session()
    said = await case.swipe()
    assert problems(said) == ["true"]
    assert said.events == []
    answer = await case.ask(
        "GetVariables",
        getVariableData=[{"component": {"name": "TariffCostCtrlr"}, "variable": {"name": "Problem"}}],
    )
    assert answer["getVariableResult"][0]["attributeValue"] == "true"


async def test_I08_FR_32_FR_35_FR_36_the_default_one_does_instead_until_one_can_be_used(case: StationCase) -> None:
    await install(case, tariff("default"))
    of_driver(case, tariff("bad", currency="eur"))
    await case.charging()
    assert [event.info.get("tariffId") for event in Said(case.csms.heard).events][1] == "default"
    case.csms.script["Authorize"] = lambda _: {"idTokenInfo": {"status": "Accepted"}, "tariff": tariff("good")}
    await case.plug(2)
    assert problems(await case.swipe(CARD_2, 2)) == ["false"]


async def test_I08_FR_33_the_csms_does_the_sums_if_that_is_wanted(case: StationCase) -> None:
    case.set(TariffCostCtrlr__HandleFailedTariff__Tariff="CentralCost")
    await install(case, tariff("default"))
    of_driver(case, tariff("bad", currency="eur"))
    await case.charging()
    await case.wait(300)
    await over(case)
    events = Said(case.csms.heard).events
    assert all("costDetails" not in event.payload and "tariffId" not in event.info for event in events)


async def test_I08_FR_04_one_that_comes_when_the_driver_begins_elsewhere_is_for_there(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="60")
    await case.charging()
    of_driver(case, tariff("mine"))
    await case.charging(2)
    await case.wait(130)
    assert await installed(case) == [("mine", "DriverTariff", [2])]


# ── I09, I10 What is installed ──────────────────────────────────────────────────────────────────────────────────────


async def test_I09_FR_02_FR_03_FR_07_the_tariffs_of_one_evse(case: StationCase) -> None:
    begins = in_(case, hours=1)
    await install(case, tariff("one", validFrom=begins), 1)
    answer = await case.ask("GetTariffs", evseId=1)
    (told,) = answer["tariffAssignments"]
    assert (told["tariffId"], told["evseIds"], told["validFrom"]) == ("one", [1], begins)
    answer = await case.ask("GetTariffs", evseId=2)
    assert (answer["status"], "tariffAssignments" in answer) == ("NoTariff", False)


async def test_I09_FR_05_FR_06_the_tariff_of_a_driver_names_token_and_evse(case: StationCase) -> None:
    of_driver(case, tariff("mine"))
    await case.charging(2)
    (told,) = (await case.ask("GetTariffs", evseId=2))["tariffAssignments"]
    assert told == {"tariffId": "mine", "tariffKind": "DriverTariff", "evseIds": [2], "idTokens": [CARD]}
    assert await installed(case, 1) == []


async def test_I10_FR_01_FR_02_FR_03_FR_05_FR_06_default_tariffs_are_cleared_by_what_fits(case: StationCase) -> None:
    await install(case, tariff("a"), 1)
    await install(case, tariff("b"), 2)
    nothing = {"clearTariffsResult": [{"status": "NoTariff"}]}
    assert await case.ask("ClearTariffs", tariffIds=["a"], evseId=2) == nothing
    assert await case.ask("ClearTariffs", tariffIds=["c"]) == nothing
    cleared = await case.ask("ClearTariffs", tariffIds=["a", "c"])
    assert cleared == {"clearTariffsResult": [{"tariffId": "a", "status": "Accepted"}]}
    assert await case.ask("ClearTariffs", evseId=1) == nothing
    cleared = await case.ask("ClearTariffs")
    assert cleared == {"clearTariffsResult": [{"tariffId": "b", "status": "Accepted"}]}
    assert await case.ask("ClearTariffs") == nothing


# ── I11 Another tariff for a transaction ────────────────────────────────────────────────────────────────────────────


async def test_I11_FR_04_FR_05_a_transaction_that_is_not_there_and_another_currency(case: StationCase) -> None:
    assert await change(case, tariff(), "never") == "TxNotFound"
    await install(case, tariff())
    await case.charging()
    assert await change(case, tariff("other", currency="SEK")) == "NoCurrencyChange"


async def test_I11_FR_06_FR_07_FR_08_it_counts_from_now_on(case: StationCase) -> None:
    await install(case, tariff("first", 0.5))
    await case.charging()
    await case.wait(1800)
    assert await change(case, tariff("second", 1.0)) == "Accepted"
    (changed,) = [event for event in (await case.wait()).events if event.trigger == "TariffChanged"]
    assert changed.info["tariffId"] == "second"
    await case.wait(1800)
    periods = cost(await over(case))["chargingPeriods"]
    assert [period["tariffId"] for period in periods] == ["first", "second"]
    assert periods[1]["startPeriod"] == changed.payload["timestamp"]


async def test_I11_FR_07_FR_08_what_was_used_without_a_tariff_costs_nothing(case: StationCase) -> None:
    await case.charging()
    await case.wait(1800)
    assert await change(case, tariff("late")) == "Accepted"
    await case.wait(1800)
    ended = await over(case)
    first, second = cost(ended)["chargingPeriods"]
    assert ("tariffId" in first, second["tariffId"]) == (False, "late")
    used = {each["type"]: each["volume"] for each in second["dimensions"]}["Energy"]
    assert total(ended)["exclTax"] == pytest.approx(used / 1000 * 0.5, abs=0.006)
    assert used < cost(ended)["totalUsage"]["energy"] * 0.6


async def test_I11_FR_08_before_it_a_default_tariff_that_came_too_late_counts_for_nothing(case: StationCase) -> None:
    await case.charging()
    await case.wait(1800)
    await install(case, tariff("default", 9.0))
    assert await change(case, tariff("asked for")) == "Accepted"
    await case.wait(1800)
    first, second = cost(await over(case))["chargingPeriods"]
    assert ("tariffId" in first, second["tariffId"]) == (False, "asked for")
