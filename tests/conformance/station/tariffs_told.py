"""What the cases about tariffs that a station reckons with by itself have in common."""

from datetime import timedelta
from typing import Any

from said import Said, TxEvent
from station_case import StationCase

VAT = [{"type": "VAT", "tax": 25}]


def tariff(tariff_id: str = "T1", price: float = 0.5, **more: Any) -> dict[str, Any]:
    """A price for each kWh, with 25 % of tax."""
    return {
        "tariffId": tariff_id,
        "currency": "EUR",
        "energy": {"prices": [{"priceKwh": price}], "taxRates": VAT},
        **more,
    }


def conditional(tariff_id: str = "T1", **conditions: Any) -> dict[str, Any]:
    prices = [{"priceKwh": 0.1, "conditions": conditions}, {"priceKwh": 0.5}]
    return tariff(tariff_id, energy={"prices": prices})


async def install(case: StationCase, told: dict[str, Any], evse: int = 0) -> str:
    answer = await case.ask("SetDefaultTariff", evseId=evse, tariff=told)
    return str(answer["status"])


async def installed(case: StationCase, evse: int = 0) -> list[tuple[str, str, list[int]]]:
    answer = await case.ask("GetTariffs", evseId=evse)
    return [(each["tariffId"], each["tariffKind"], each["evseIds"]) for each in answer.get("tariffAssignments", [])]


async def change(case: StationCase, told: dict[str, Any], tx: str | None = None) -> str:
    running = tx or Said(case.csms.heard).events[-1].tx
    answer = await case.ask("ChangeTransactionTariff", transactionId=running, tariff=told)
    return str(answer["status"])


async def over(case: StationCase) -> TxEvent:
    """The end of the transaction under way."""
    ended = [event for event in (await case.swipe()).events if event.kind == "Ended"]
    assert len(ended) == 1
    return ended[0]


def cost(event: TxEvent) -> dict[str, Any]:
    return dict(event.payload["costDetails"])


def total(event: TxEvent) -> dict[str, Any]:
    return dict(cost(event)["totalCost"]["total"])


def problems(said: Said) -> list[str]:
    """What NotifyEvent told of TariffCostCtrlr.Problem."""
    events = [event for call in said.of("NotifyEvent") for event in call.payload["eventData"]]
    mine = [event for event in events if event["component"]["name"] == "TariffCostCtrlr"]
    for event in mine:
        assert (event["trigger"], event["eventNotificationType"]) == ("Alerting", "HardWiredNotification")
        assert event["variable"]["name"] == "Problem"
    return [event["actualValue"] for event in mine]


def in_(case: StationCase, **later: float) -> str:
    return (case.clock.now() + timedelta(**later)).isoformat().replace("+00:00", "Z")


def of_driver(case: StationCase, told: dict[str, Any]) -> None:
    """The CSMS has a tariff for every driver."""
    usual = case.csms.script["Authorize"]
    case.csms.script["Authorize"] = lambda payload: {**usual(payload), "tariff": told}
