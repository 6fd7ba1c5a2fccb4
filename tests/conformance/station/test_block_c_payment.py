"""C18-C22 Payment by card, K21 priority charging (2.1), at a station. There are no certification cases."""

from decimal import Decimal

import pytest
from said import Said
from scripted_csms import Payload
from station_case import CARD, StationCase

from stationmaster.ocpp.version import Version

pytestmark = [
    pytest.mark.parametrize("version", [Version.V21], ids=["2.1"]),
    pytest.mark.parametrize("model", ["Card payment 2x22"]),
]


@pytest.fixture(autouse=True)
def settlements_are_taken(case: StationCase) -> None:
    case.csms.script["NotifySettlement"] = lambda _: {}
    event = case.csms.script["TransactionEvent"]
    costs = case.costs = {"total": 4.56}  # type: ignore[attr-defined]

    def with_cost(payload: Payload) -> Payload:
        told = dict(event(payload))
        if payload["eventType"] == "Ended" and costs["total"] is not None:
            told["totalCost"] = costs["total"]
        return told

    case.csms.script["TransactionEvent"] = with_cost


async def paid_session(case: StationCase) -> tuple[str, Said]:
    """A whole session on a payment: its reference, and what was said from the end on."""
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait()
    assert case.hardware.drawing(1)
    case.hardware.press_stop(1)
    await case.wait()
    return psp_ref, await case.unplug()


def settled(case: StationCase) -> list[Payload]:
    return [call.payload for call in case.csms.heard if call.action == "NotifySettlement"]


async def test_C18_FR_04_05_06_a_payment_is_authorized_by_the_csms_and_charges(case: StationCase) -> None:
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    said = await case.wait()
    token = {"idToken": psp_ref, "type": "DirectPayment"}
    assert said.payloads("Authorize")[0]["idToken"] == token
    assert next(told for told in said.payloads("TransactionEvent") if "idToken" in told)["idToken"] == token
    assert case.hardware.drawing(1)


async def test_C18_FR_07_a_payment_that_the_csms_refuses_is_given_back(case: StationCase) -> None:
    case.infos |= {f"{case.hardware.describe().info.serial_number}-0001": {"status": "Blocked"}}
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait()
    assert case.hardware.terminal().released == [psp_ref]
    assert not case.hardware.drawing(1)


async def test_C19_FR_01_02_a_payment_without_a_car_in_time_is_given_back_and_told(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="PowerPathClosed", TxCtrlr__EVConnectionTimeOut="60")
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait(90)
    assert case.hardware.terminal().released == [psp_ref]
    (told,) = settled(case)
    assert (told["pspRef"], told["status"], told["settlementAmount"]) == (psp_ref, "Canceled", 0)
    assert "transactionId" not in told


async def test_C20_FR_04_05_what_cost_nothing_is_given_back_with_its_transaction(case: StationCase) -> None:
    case.costs["total"] = 0  # type: ignore[attr-defined]
    psp_ref, _ = await paid_session(case)
    assert case.hardware.terminal().released == [psp_ref]
    (told,) = settled(case)
    assert told["status"] == "Canceled"
    assert told["transactionId"]


async def test_C21_FR_01_02_04_the_total_cost_is_settled_and_told_with_its_receipt(case: StationCase) -> None:
    psp_ref, _ = await paid_session(case)
    assert case.hardware.terminal().settled == {psp_ref: Decimal("4.56")}
    (told,) = settled(case)
    assert (told["pspRef"], told["status"], told["settlementAmount"]) == (psp_ref, "Settled", 4.56)
    assert told["receiptId"] and told["receiptUrl"] and told["transactionId"]


@pytest.mark.parametrize("status", ["Rejected", "Failed"])
async def test_C22_FR_01_02_what_could_not_be_settled_is_told_without_a_receipt(case: StationCase, status: str) -> None:
    case.hardware.terminal().outcome = status  # type: ignore[assignment]
    await paid_session(case)
    (told,) = settled(case)
    assert told["status"] == status
    assert "receiptId" not in told and "receiptUrl" not in told


async def test_C21_a_settlement_waits_for_the_line(case: StationCase) -> None:
    await case.plug()
    case.hardware.terminal().pay(1)
    await case.wait()
    await case.go_offline()
    case.hardware.press_stop(1)
    await case.wait()
    assert settled(case) == []
    await case.back_online()
    assert [told["status"] for told in settled(case)] == ["Settled"]


async def test_C21_a_payment_outlives_a_loss_of_power(case: StationCase) -> None:
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait()
    await case.cut_power()
    await case.power_up()
    await case.wait(60)
    case.hardware.press_stop(1)
    await case.wait(60)
    assert list(case.hardware.terminal().settled) == [psp_ref]


async def test_C21_without_a_total_cost_nothing_is_taken(case: StationCase) -> None:
    case.costs["total"] = None  # type: ignore[attr-defined]
    psp_ref, _ = await paid_session(case)
    assert case.hardware.terminal().released == [psp_ref]
    assert [told["status"] for told in settled(case)] == ["Failed"]


async def test_C18_FR_08_a_vat_number_that_the_csms_takes_stands_beside_the_settlement(case: StationCase) -> None:
    company = {"name": "Ada", "address1": "1 Mill Lane", "city": "York", "country": "UK"}
    case.csms.script["VatNumberValidation"] = lambda asked: {
        "vatNumber": asked["vatNumber"],
        "evseId": asked["evseId"],
        "status": "Accepted" if asked["vatNumber"] == "DE136695976" else "Rejected",
        "company": company,
    }
    await case.plug()
    terminal = case.hardware.terminal()
    terminal.pay(1)
    await case.wait()
    assert not await terminal.enter_vat_number("DE1", 1)
    assert await terminal.enter_vat_number("DE136695976", 1)
    case.hardware.press_stop(1)
    await case.wait()
    (told,) = settled(case)
    assert (told["vatNumber"], told["vatCompany"]) == ("DE136695976", company)


async def test_C18_an_evse_that_is_in_use_takes_no_payment(case: StationCase) -> None:
    await case.charging(1, CARD)
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait()
    assert case.hardware.terminal().released == [psp_ref]
    assert case.hardware.drawing(1)


async def test_K21_FR_01_02_06_priority_without_a_profile(case: StationCase) -> None:
    event = await case.charging()
    asked = {"transactionId": event.tx, "activate": True}
    answer = await case.ask("UsePriorityCharging", **asked)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("NoProfile", "NotFound")
    assert (await case.ask("UsePriorityCharging", **(asked | {"activate": False})))["status"] == "Accepted"
    answer = await case.ask("UsePriorityCharging", transactionId="nobody", activate=True)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "TxNotFound")
