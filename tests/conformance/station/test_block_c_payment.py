"""C18-C23 Payment by card, K21, K22 priority charging (2.1), at a station. There are no certification cases."""

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
        elif payload["eventType"] == "Updated" and getattr(case, "running_cost", None) is not None:
            told["totalCost"] = case.running_cost  # type: ignore[attr-defined]
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


async def test_C18_FR_01_the_terminal_reserves_what_is_set(case: StationCase) -> None:
    terminal = case.hardware.terminal()
    assert terminal.reserved[terminal.pay(2)] == 50
    case.set(PaymentCtrlr__AuthorizationAmount="20.50")
    assert terminal.reserved[terminal.pay(1)] == Decimal("20.50")


async def test_C18_FR_03_where_the_csms_is_not_to_be_asked_it_is_not(case: StationCase) -> None:
    case.set(PaymentCtrlr__AuthorizeDirectPayment="false")
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    said = await case.wait()
    assert said.payloads("Authorize") == []
    assert (
        next(told for told in said.payloads("TransactionEvent") if "idToken" in told)["idToken"]["idToken"] == psp_ref
    )
    assert case.hardware.drawing(1)


async def test_C18_FR_04_06_the_details_that_are_wanted_and_the_amount_are_told_with_the_token(
    case: StationCase,
) -> None:
    case.set(PaymentCtrlr__PaymentDetails="PaymentBrand,CardLast4Digits", PaymentCtrlr__AuthorizationAmount="20.00")
    await case.plug()
    case.hardware.terminal().pay(1)
    said = await case.wait()
    details = [
        {"additionalIdToken": "Visa", "type": "PaymentBrand"},
        {"additionalIdToken": "0001", "type": "CardLast4Digits"},
    ]
    assert said.payloads("Authorize")[0]["idToken"]["additionalInfo"] == details
    told = next(told for told in said.payloads("TransactionEvent") if "idToken" in told)
    assert told["idToken"]["additionalInfo"] == details
    assert told["transactionInfo"]["transactionLimit"] == {"maxCost": 20}
    others = [each for each in said.payloads("TransactionEvent") if each is not told]
    assert all("transactionLimit" not in each["transactionInfo"] for each in others)


async def test_C18_FR_06_the_limit_stands_in_the_first_event_where_the_car_comes_later(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="PowerPathClosed")
    case.hardware.terminal().pay(1)
    await case.wait()
    said = await case.plug()
    first = said.payloads("TransactionEvent")[0]
    assert (first["eventType"], first["transactionInfo"]["transactionLimit"]) == ("Started", {"maxCost": 50})


async def test_C18_FR_06_a_payment_ends_when_its_amount_is_used_up(case: StationCase) -> None:
    case.running_cost = 50  # type: ignore[attr-defined]
    case.set(SampledDataCtrlr__TxUpdatedInterval="60")
    await case.plug()
    case.hardware.terminal().pay(1)
    said = await case.wait(130)
    assert "CostLimitReached" in [event.trigger for event in said.events]
    assert not case.hardware.energized(1)


async def test_C19_FR_02_of_a_payment_that_the_csms_never_heard_of_it_hears_no_end(case: StationCase) -> None:
    case.set(
        PaymentCtrlr__AuthorizeDirectPayment="false",
        TxCtrlr__TxStartPoint="PowerPathClosed",
        TxCtrlr__EVConnectionTimeOut="60",
    )
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait(90)
    assert case.hardware.terminal().released == [psp_ref]
    assert settled(case) == []


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


async def test_C21_FR_03_where_the_csms_makes_the_receipts_none_is_told(case: StationCase) -> None:
    case.set(PaymentCtrlr__ReceiptByCSMS="true")
    await paid_session(case)
    (told,) = settled(case)
    assert told["status"] == "Settled"
    assert "receiptId" not in told and "receiptUrl" not in told


async def test_C21_the_receipt_can_be_scanned(case: StationCase) -> None:
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait()
    case.hardware.press_stop(1)
    await case.wait()
    assert case.hardware.display(1) == f"[QR] https://receipts.invalid/{psp_ref}"


async def test_C21_FR_05_06_07_what_the_csms_settles_the_station_does_not(case: StationCase) -> None:
    case.set(PaymentCtrlr__SettlementByCSMS="true", PaymentCtrlr__ReceiptServerUrl="https://receipts.example/find")
    await case.plug()
    case.hardware.terminal().pay(1)
    await case.wait()
    case.hardware.press_stop(1)
    await case.wait()
    terminal = case.hardware.terminal()
    assert (terminal.settled, terminal.released, settled(case)) == ({}, [], [])
    assert case.hardware.display(1) == "[QR] https://receipts.example/find"


async def test_C23_FR_01_02_more_is_reserved_before_it_is_used_up(case: StationCase) -> None:
    case.set(
        PaymentCtrlr__AuthorizationAmount="20",
        PaymentCtrlr__IncrementalAuthorizationAmount="10",
        PaymentCtrlr__IncrementalAuthorizationThreshold="2",
        SampledDataCtrlr__TxUpdatedInterval="60",
    )
    case.running_cost = 18  # type: ignore[attr-defined]
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    await case.wait(70)
    assert case.hardware.terminal().reserved[psp_ref] == 20
    case.running_cost = 18.01  # type: ignore[attr-defined]
    said = await case.wait(125)
    assert case.hardware.terminal().reserved[psp_ref] == 30
    (set_anew,) = [told for told in said.payloads("TransactionEvent") if told["triggerReason"] == "LimitSet"]
    assert set_anew["transactionInfo"]["transactionLimit"] == {"maxCost": 30}


async def test_C23_FR_02_without_the_bank_s_word_nothing_is_increased(case: StationCase) -> None:
    case.hardware.terminal().increases = False
    case.set(PaymentCtrlr__IncrementalAuthorizationAmount="10", SampledDataCtrlr__TxUpdatedInterval="60")
    case.running_cost = 49  # type: ignore[attr-defined]
    await case.plug()
    psp_ref = case.hardware.terminal().pay(1)
    said = await case.wait(190)
    assert case.hardware.terminal().reserved[psp_ref] == 50
    assert "LimitSet" not in [event.trigger for event in said.events]


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


async def test_K22_FR_01_a_driver_in_a_hurry_is_told_that_there_is_no_priority(case: StationCase) -> None:
    case.hardware.press_priority(1)
    assert case.hardware.display(1) == "Available"
    await case.charging()
    case.hardware.press_priority(1)
    assert case.hardware.display(1) == "Priority charging is not available here"
    assert (await case.wait(15)).payloads("NotifyPriorityCharging") == []
    assert case.hardware.display(1) == "Charging"


async def test_K21_FR_01_02_06_priority_without_a_profile(case: StationCase) -> None:
    event = await case.charging()
    asked = {"transactionId": event.tx, "activate": True}
    answer = await case.ask("UsePriorityCharging", **asked)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("NoProfile", "NotFound")
    assert (await case.ask("UsePriorityCharging", **(asked | {"activate": False})))["status"] == "Accepted"
    answer = await case.ask("UsePriorityCharging", transactionId="nobody", activate=True)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "TxNotFound")
