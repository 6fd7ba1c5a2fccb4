"""I Tariff and cost, as certification tests a station: what a driver reads of prices and of what charging costs."""

from typing import Any

from said import Said
from station_case import CARD, StationCase


def answers_with(case: StationCase, kind: str, **said: Any) -> None:
    """What the CSMS adds to its answers to events of a kind."""
    usual = case.csms.script["TransactionEvent"]

    def answer(payload: dict[str, Any]) -> Any:
        return {**usual(payload), **said} if payload["eventType"] == kind else usual(payload)

    case.csms.script["TransactionEvent"] = answer


def text(content: str) -> dict[str, Any]:
    return {"format": "UTF8", "content": content}


async def test_TC_I_01_CS_I02_FR_02_03_the_running_cost_is_shown_when_it_is_told(case: StationCase) -> None:
    await case.charging()
    (running,) = {event.info["transactionId"] for event in Said(case.csms.heard).events}

    assert await case.ask("CostUpdated", totalCost=3.14, transactionId=running) == {}

    assert "3.14 EUR" in case.hardware.display(1)


async def test_I02_FR_04_the_running_cost_in_an_answer_is_shown(case: StationCase) -> None:
    answers_with(case, "Updated", totalCost=2.5)
    await case.charging()
    assert "2.50 EUR" in case.hardware.display(1)


async def test_TC_I_07_CS_I02_FR_02_prices_and_costs_in_answers_are_shown_as_they_change(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="100")
    case.infos[CARD] = {"status": "Accepted", "personalMessage": text("40 cents")}
    await case.swipe(CARD)
    assert case.hardware.display(1) == "40 cents"
    await case.plug()
    for price, cost in (("now 60 cents", "1.50"), ("now 80 cents", "2.75")):
        answers_with(case, "Updated", updatedPersonalMessage=text(price), totalCost=float(cost))
        read = set()
        for _ in range(140):  # a price stands before everything else for half a minute
            await case.clock.sleep(1)
            read.add(case.hardware.display(1))
        assert [event.trigger for event in case.take().events][-1:] == ["MeterValuePeriodic"]
        assert price in read
        assert any(f"{cost} EUR" in each for each in read)


async def test_the_cost_of_a_transaction_that_nobody_knows_is_shown_nowhere(case: StationCase) -> None:
    await case.charging()
    before = case.hardware.display(1)
    assert await case.ask("CostUpdated", totalCost=3.14, transactionId="never") == {}
    assert case.hardware.display(1) == before


async def test_TC_I_02_CS_I03_FR_03_the_total_is_shown_at_the_end(case: StationCase) -> None:
    answers_with(case, "Ended", totalCost=7.5)
    await case.charging()
    await case.swipe(CARD)
    assert "7.50 EUR" in case.hardware.display(1)
    await case.unplug()
    assert "EUR" not in case.hardware.display(1)


async def test_I03_FR_03_the_total_is_shown_for_a_while_where_the_car_is_gone(case: StationCase) -> None:
    answers_with(case, "Ended", totalCost=7.5)
    await case.charging()
    await case.unplug()
    assert case.hardware.display(1) == "Total: 7.50 EUR"
    await case.wait(60)
    assert case.hardware.display(1) == "Available"


async def test_I03_FR_03_a_total_that_comes_long_after_the_end_is_not_shown(case: StationCase) -> None:
    answers_with(case, "Ended", totalCost=7.5)
    await case.charging()
    await case.go_offline()
    await case.swipe(CARD)
    await case.unplug()
    await case.back_online()
    assert "EUR" not in case.hardware.display(1)


async def test_I05_FR_02_a_station_that_is_offline_at_the_end_says_so(case: StationCase) -> None:
    case.set(TariffCostCtrlr__TotalCostFallbackMessage="See your invoice")
    await case.charging()
    await case.go_offline()
    await case.swipe(CARD)
    assert case.hardware.display(1) == "See your invoice"


async def test_I01_FR_03_the_price_that_comes_with_a_token_is_shown(case: StationCase) -> None:
    case.infos[CARD] = {"status": "Accepted", "personalMessage": text("40 cents")}
    await case.swipe(CARD)
    assert case.hardware.display(1) == "40 cents"


async def test_I04_FR_01_without_a_price_of_its_own_the_general_one_is_shown(case: StationCase) -> None:
    case.set(TariffCostCtrlr__TariffFallbackMessage="50 cents for all")
    await case.swipe(CARD)
    assert case.hardware.display(1) == "50 cents for all"


async def test_I06_FR_03_a_new_price_is_shown(case: StationCase) -> None:
    answers_with(case, "Updated", updatedPersonalMessage=text("now 60 cents"))
    await case.charging()
    assert case.hardware.display(1) == "now 60 cents"
