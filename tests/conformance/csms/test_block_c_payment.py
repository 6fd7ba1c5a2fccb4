"""C18-C22 Payment by card at the station, K21 and K22 priority charging (2.1), at a CSMS. There are no certification
cases."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from csms_case import VALID, Case

from stationmaster.csms.ports import OtherSystems
from stationmaster.csms.settings import CsmsSettings, TenantPolicy, VatPolicy
from stationmaster.domain.authorization.outside_word import OracleSilent
from stationmaster.domain.payment.payments import SettlementFilter, SettlementSeen, VatCheckFilter
from stationmaster.domain.priority_charging import UsePriorityCharging
from stationmaster.ocpp.version import Version
from stationmaster.testing import csms_bench
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

WITH_RECEIPTS = CsmsSettings(
    default_policy=TenantPolicy(registration="open", receipt_url="https://pay.example/r/{settlement}")
)
PSP = {"idToken": "psp-0001", "type": "DirectPayment"}


@pytest.fixture
async def case() -> AsyncIterator[Case]:
    async with csms_bench(WITH_RECEIPTS) as bench:
        await bench.add_token(VALID, "ISO14443")
        case = await Case.connect(bench, Version.V21, "NotifyEvent")
        await case.booted()
        yield case


async def settle(case: Case, status: str = "Settled", **more: Any) -> Payload:
    told = {"pspRef": "psp-0001", "status": status, "settlementAmount": 12.34}
    return await case.station.say("NotifySettlement", {**told, "settlementTime": moment(case.station.now()), **more})


async def paid(case: Case) -> Payload:
    """A transaction on a payment."""
    return await case.station.say(
        "TransactionEvent",
        {
            "eventType": "Started",
            "timestamp": moment(case.station.now()),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "tx-paid"},
            "evse": {"id": 1, "connectorId": 1},
            "idToken": PSP,
        },
    )


async def settlements(case: Case) -> Sequence[SettlementSeen]:
    return (await case.bench.storage.reads.settlements(SettlementFilter(tenant="default"))).items


async def test_C21_FR_02_a_settlement_is_kept_beside_its_transaction(case: Case) -> None:
    await paid(case)
    company = {"name": "Ada", "address1": "1 Mill Lane", "city": "York", "country": "UK"}
    await settle(case, transactionId="tx-paid", receiptId="R-1", vatNumber="DE136695976", vatCompany=company)
    (seen,) = await settlements(case)
    told = seen.settlement
    assert told.transaction_key == (await case.view.transaction("tx-paid")).key
    assert (told.status, told.amount, told.receipt_id) == ("Settled", Decimal("12.34"), "R-1")
    assert (told.vat_number, told.vat_company) == ("DE136695976", company)


async def test_C21_FR_03_a_settlement_without_a_receipt_is_answered_with_its_address(case: Case) -> None:
    answer = await settle(case)
    (seen,) = await settlements(case)
    assert answer == {"receiptUrl": f"https://pay.example/r/{seen.settlement.key}"}


async def test_C21_FR_04_a_receipt_of_the_station_s_own_needs_none_of_ours(case: Case) -> None:
    assert await settle(case, receiptUrl="https://psp.example/R-1") == {}
    (seen,) = await settlements(case)
    assert seen.settlement.receipt_url == "https://psp.example/R-1"


async def test_C21_a_settlement_that_is_told_again_is_kept_once_and_answered_alike(case: Case) -> None:
    at = moment(case.station.now())
    first = await settle(case, settlementTime=at)
    assert await settle(case, settlementTime=at) == first
    assert len(await settlements(case)) == 1
    assert await settle(case, settlementTime=at, settlementAmount=99) == first
    (odd,) = await case.view.oddities("settlement")
    assert "99" in odd.detail
    assert len(await settlements(case)) == 1


async def test_C21_two_settlements_of_one_payment_are_two(case: Case) -> None:
    await settle(case)
    await settle(case, settlementTime=moment(case.station.now() + timedelta(minutes=1)))
    assert len(await settlements(case)) == 2


async def test_C21_a_payment_is_known_by_its_reference_too(case: Case) -> None:
    await paid(case)
    await settle(case)
    (seen,) = await settlements(case)
    assert seen.settlement.transaction_key == (await case.view.transaction("tx-paid")).key


async def test_C19_FR_02_a_payment_that_was_cancelled_has_no_transaction_and_no_receipt(case: Case) -> None:
    assert await settle(case, "Canceled", settlementAmount=0) == {}
    (seen,) = await settlements(case)
    assert (seen.settlement.status, seen.settlement.transaction_key) == ("Canceled", None)
    assert await case.view.oddities("settlement") == []


@pytest.mark.parametrize(("status", "rule"), [("Rejected", "C22.FR.01"), ("Failed", "C22.FR.02")])
async def test_C22_FR_01_02_what_was_not_settled_is_kept_without_a_receipt(case: Case, status: str, rule: str) -> None:
    assert await settle(case, status, statusInfo="card expired") == {}, rule
    (seen,) = await settlements(case)
    assert (seen.settlement.status, seen.settlement.info) == (status, "card expired")


async def test_C22_a_settlement_of_a_transaction_that_nobody_knows_is_kept_and_odd(case: Case) -> None:
    await settle(case, transactionId="tx-nobody")
    (seen,) = await settlements(case)
    assert seen.settlement.transaction_key is None
    assert len(await case.view.oddities("settlement")) == 1


@pytest.mark.parametrize(("number", "status"), [("DE136695976", "Accepted"), ("DE136695977", "Rejected")])
async def test_C18_FR_09_10_a_vat_number_is_judged_and_its_evse_named_again(
    case: Case, number: str, status: str
) -> None:
    await paid(case)
    answer = await case.station.say("VatNumberValidation", {"vatNumber": number, "evseId": 1})
    assert (answer["vatNumber"], answer["evseId"], answer["status"]) == (number, 1, status)
    (check,) = (await case.bench.storage.reads.vat_checks(VatCheckFilter(tenant="default"))).items
    assert check.accepted is (status == "Accepted")
    assert check.transaction_key == (await case.view.transaction("tx-paid")).key


class Registry:
    """Of VAT numbers; it knows of one, and of no other."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.silent = False

    async def ask(self, tenant: str, question: bytes) -> bytes:
        self.asked.append(question)
        if self.silent:
            raise OracleSilent("HTTP 503")
        if b"DE136695976" not in question:
            return b'{"valid":false}'
        return b'{"valid":true,"company":{"name":"Ada","address1":"1 Mill Lane","city":"York","country":"UK"}}'


@pytest.mark.parametrize(
    ("number", "silent", "status", "by"),
    [
        ("DE136695976", False, "Accepted", "outside"),
        ("ATU13585627", False, "Rejected", "outside"),
        ("DE136695977", False, "Rejected", "form"),
        ("DE136695976", True, "Rejected", "policy"),
    ],
)
async def test_C18_FR_09_another_system_may_know_more_of_a_vat_number(
    number: str, silent: bool, status: str, by: str
) -> None:
    registry = Registry()
    registry.silent = silent
    settings = CsmsSettings(default_policy=TenantPolicy(registration="open", vat=VatPolicy()))
    async with csms_bench(settings, others=OtherSystems(vat=registry)) as bench:
        case = await Case.connect(bench, Version.V21, "NotifyEvent")
        await case.booted()
        answer = await case.station.say("VatNumberValidation", {"vatNumber": number, "evseId": 1})
        assert (answer["status"], answer["evseId"]) == (status, 1)
        (check,) = (await bench.storage.reads.vat_checks(VatCheckFilter(tenant="default"))).items
        assert (check.judged_by, len(registry.asked)) == (by, 0 if by == "form" else 1)
        assert ("company" in answer) == (status == "Accepted") == (check.company is not None)
        if by == "policy":
            assert answer["statusInfo"]["reasonCode"] == "Unavailable"


async def test_C18_FR_10_no_evse_is_named_where_none_was(case: Case) -> None:
    assert "evseId" not in await case.station.say("VatNumberValidation", {"vatNumber": "DE136695976"})


@pytest.mark.parametrize(
    ("status", "state"), [("Accepted", "accepted"), ("NoProfile", "rejected"), ("Rejected", "rejected")]
)
async def test_K21_FR_10_priority_charging_can_be_asked_for(case: Case, status: str, state: str) -> None:
    await paid(case)
    request = UsePriorityCharging(transaction_id="tx-paid", activate=True)
    asked, command = await case.commanded(request, "UsePriorityCharging", status)
    assert asked == {"transactionId": "tx-paid", "activate": True}
    assert (command.state, command.status) == (state, status)


async def test_K21_FR_09_and_K22_FR_06_the_newest_word_of_priority_counts(case: Case) -> None:
    await paid(case)
    for activated in (True, False):
        told = {"transactionId": "tx-paid", "activated": activated}
        assert await case.station.say("NotifyPriorityCharging", told) == {}
        (known,) = (await case.bench.storage.reads.priority_chargings("default", case.view.key)).items
        assert known.activated is activated
    unknown = {"transactionId": "tx-nobody", "activated": True}
    assert await case.station.say("NotifyPriorityCharging", unknown) == {}
    assert len(await case.view.oddities("priority_charging")) == 1
