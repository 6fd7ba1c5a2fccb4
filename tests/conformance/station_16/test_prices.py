"""Prices and costs that a charge point is told over DataTransfer, as others tell of OCA's paper for California."""

import json
import re
from typing import Any

import pytest
from charge_point_case import ChargePointCase
from station_case import CARD

VENDOR = "org.openchargealliance.costmsg"


async def told(case: ChargePointCase, message_id: str, **data: Any) -> Any:
    return await case.ask("DataTransfer", vendorId=VENDOR, messageId=message_id, data=json.dumps(data))


async def running_cost(case: ChargePointCase, **more: Any) -> Any:
    data = {
        "transactionId": 1,
        "timestamp": case.now(),
        "meterValue": 0,
        "cost": 1.5,
        "state": "Charging",
        "chargingPrice": {"kWhPrice": 0.0},
        **more,
    }
    return await told(case, "RunningCost", **data)


def shown(case: ChargePointCase) -> float:
    found = re.search(r"([0-9.]+) EUR", case.hardware.display(1))
    assert found is not None
    return float(found[1])


async def test_the_price_for_a_card_is_shown_where_it_was_held(case: ChargePointCase) -> None:
    await case.swipe(CARD)
    assert await told(case, "SetUserPrice", idToken=CARD, priceText="40 cents") == {"status": "Accepted"}
    assert case.hardware.display(1) == "40 cents"


async def test_a_price_is_read_in_the_language_of_the_display(case: ChargePointCase) -> None:
    case.set(ConfigurationKey__Language="de")
    extra = [{"format": "UTF8", "language": "de-AT", "content": "40 Cent"}]
    await case.swipe(CARD)
    await told(case, "SetUserPrice", idToken=CARD, priceText="40 cents", priceTextExtra=extra)
    assert case.hardware.display(1) == "40 Cent"


async def test_the_running_cost_is_shown_while_it_charges(case: ChargePointCase) -> None:
    await case.session()
    assert await running_cost(case) == {"status": "Accepted"}
    assert "1.50 EUR" in case.hardware.display(1)


async def test_the_cost_goes_on_by_the_hour_and_the_next_price(case: ChargePointCase) -> None:
    await case.session()
    await running_cost(case, chargingPrice={"hourPrice": 60})
    await case.wait(120)
    assert 3.4 <= shown(case) <= 3.6


async def test_idling_costs_once_its_grace_is_over(case: ChargePointCase) -> None:
    await case.session()
    await running_cost(case, state="Idle", idlePrice={"graceMinutes": 2, "hourPrice": 60})
    await case.wait(100)
    assert "1.50 EUR" in case.hardware.display(1)
    await case.wait(80)
    assert 2.4 <= shown(case) <= 2.6


async def test_a_meter_value_is_sent_when_power_falls_below_what_was_asked_for(case: ChargePointCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="0")
    await case.plug(soc=0.99, limit=0.992)
    await case.swipe(CARD)
    await running_cost(case, triggerMeterValue={"atPowerkW": 0.1})
    said = await case.wait(600)  # it is full by then
    (sampled,) = said.payloads("MeterValues")
    assert sampled["transactionId"] == 1


@pytest.mark.parametrize("car_stays", [True, False])
async def test_the_total_is_shown_at_the_end(case: ChargePointCase, car_stays: bool) -> None:
    await case.session()
    await (case.swipe(CARD) if car_stays else case.unplug())
    assert await told(case, "FinalCost", transactionId=1, cost=3.31, priceText="3.31 in all") == {"status": "Accepted"}
    assert case.hardware.display(1) == "3.31 in all"
    await case.wait(60)
    assert ("3.31 EUR" in case.hardware.display(1)) is car_stays


async def test_a_receipt_is_shown_with_the_total(case: ChargePointCase) -> None:
    await case.session()
    await case.swipe(CARD)
    await told(case, "FinalCost", transactionId=1, cost=1, priceText="1.00", qrCodeText="https://r.example/1")
    assert case.hardware.display(1) == "1.00 [QR] https://r.example/1"


@pytest.mark.parametrize("message_id", ["RunningCost", "FinalCost"])
async def test_of_a_transaction_that_it_does_not_know_nothing_is_shown(case: ChargePointCase, message_id: str) -> None:
    await case.session()
    before = case.hardware.display(1)
    data = {"transactionId": 99, "timestamp": case.now(), "meterValue": 0, "cost": 1, "priceText": "1"}
    assert await told(case, message_id, **data) == {"status": "Rejected"}
    assert case.hardware.display(1) == before


@pytest.mark.parametrize("message_id", ["SetUserPrice", "RunningCost", "FinalCost"])
async def test_what_cannot_be_read_is_rejected(case: ChargePointCase, message_id: str) -> None:
    for data in ("{", "[]", json.dumps({"transactionId": "x"})):
        said = await case.ask("DataTransfer", vendorId=VENDOR, messageId=message_id, data=data)
        assert said["status"] == "Rejected", data


async def test_a_message_of_this_vendor_that_it_does_not_know(case: ChargePointCase) -> None:
    assert await told(case, "Sing") == {"status": "UnknownMessageId"}


async def test_it_tells_when_the_car_has_left_where_idling_costs_after_the_stop(case: ChargePointCase) -> None:
    case.set(ConfigurationKey__CustomIdleFeeAfterStop="true")
    case.csms.script["DataTransfer"] = lambda _: {"status": "Accepted"}
    await case.session()
    await case.swipe(CARD)
    said = await case.unplug()
    (transfer,) = said.payloads("DataTransfer")
    assert (transfer["vendorId"], transfer["messageId"]) == (VENDOR, "ConnectorUnplugged")
    assert json.loads(transfer["data"])["transactionId"] == 1


async def test_that_the_car_has_left_is_told_once_the_line_is_back(case: ChargePointCase) -> None:
    case.set(ConfigurationKey__CustomIdleFeeAfterStop="true")
    case.csms.script["DataTransfer"] = lambda _: {"status": "Accepted"}
    await case.session()
    await case.go_offline()
    await case.swipe(CARD)
    await case.unplug()
    said = await case.back_online()
    (transfer,) = said.payloads("DataTransfer")
    assert json.loads(transfer["data"])["transactionId"] == 1


async def test_without_that_setting_it_tells_nothing(case: ChargePointCase) -> None:
    await case.session()
    assert not (await case.unplug()).payloads("DataTransfer")


async def test_the_default_price_is_kept_and_shown(case: ChargePointCase) -> None:
    price = json.dumps({"priceText": "50 cents", "priceTextOffline": "50 cents, offline too"})
    assert await case.ask("ChangeConfiguration", key="DefaultPrice", value=price) == {"status": "Accepted"}
    told_back = await case.ask("GetConfiguration", key=["DefaultPrice"])
    assert told_back["configurationKey"] == [{"key": "DefaultPrice", "readonly": False, "value": price}]
    await case.swipe(CARD)
    assert case.hardware.display(1) == "50 cents"


async def test_a_default_price_in_the_display_s_language_goes_first(case: ChargePointCase) -> None:
    for key, text in (("DefaultPrice", "50 cents"), ("DefaultPriceText,en", "50p")):
        await case.ask("ChangeConfiguration", key=key, value=json.dumps({"priceText": text}))
    await case.swipe(CARD)
    assert case.hardware.display(1) == "50p"


async def test_a_default_price_that_is_no_json_is_rejected(case: ChargePointCase) -> None:
    assert await case.ask("ChangeConfiguration", key="DefaultPrice", value="50 cents") == {"status": "Rejected"}


async def test_it_says_that_it_shows_prices(case: ChargePointCase) -> None:
    said = await case.ask("GetConfiguration", key=["CustomDisplayCostAndPrice"])
    assert said["configurationKey"] == [{"key": "CustomDisplayCostAndPrice", "readonly": True, "value": "true"}]
    changed = await case.ask("ChangeConfiguration", key="CustomDisplayCostAndPrice", value="false")
    assert changed == {"status": "Rejected"}
