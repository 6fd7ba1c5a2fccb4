"""What is stored of payments and of priority charging."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from storage_records import NOW, a_station, a_transaction

from stationmaster.domain.claims import SettlementClaim
from stationmaster.domain.cost import billing
from stationmaster.domain.cost.bill import Bill, Inputs
from stationmaster.domain.cost.evidence import Evidence
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.identity import IdToken
from stationmaster.domain.payment.payments import Settlement, SettlementFilter, VatCheck, VatCheckFilter
from stationmaster.domain.priority_charging import PriorityCharging
from stationmaster.domain.queries import PageRequest
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

PAID = Settlement(
    key=50,
    tenant="default",
    station_key=1,
    transaction_key=10,
    psp_ref="psp-1",
    status="Settled",
    amount=Decimal("12.34"),
    at=NOW,
    received_at=NOW,
)


@pytest.fixture
async def stored(storage: SQLiteStorage) -> SQLiteStorage:
    payment = IdToken("PSP-1", "DirectPayment")
    await storage.journal.store([a_station(1), a_station(2, tenant="other"), a_transaction(10, id_token=payment), PAID])
    return storage


async def test_a_settlement_is_found_by_what_tells_it_from_others_and_stored_once(stored: SQLiteStorage) -> None:
    await stored.journal.store([msgspec.structs.replace(PAID, key=51, amount=Decimal(99))])
    reads = stored.reads
    assert await reads.find_settlement(1, "psp-1", "Settled", NOW) == PAID
    assert await reads.find_settlement(1, "psp-1", "Failed", NOW) is None
    assert await reads.find_settlement(1, "psp-1", "Settled", NOW + timedelta(seconds=1)) is None
    assert await reads.find_settlement(2, "psp-1", "Settled", NOW) is None
    assert [seen.settlement for seen in (await reads.settlements(SettlementFilter(tenant="default"))).items] == [PAID]


async def test_the_same_settlement_is_told_of_once(stored: SQLiteStorage) -> None:
    claim = SettlementClaim(station_key=1, psp_ref="psp-1", status="Settled", at=NOW)

    async def is_new(**changes: Any) -> bool:
        changed = msgspec.structs.replace(claim, **changes)
        return bool((await stored.journal.commit(Decision(checks=(CheckedBy(changed, Decision()),)))).checks)

    assert not await is_new()
    assert await is_new(station_key=2)
    assert await is_new(psp_ref="psp-2")
    assert await is_new(status="Failed")
    assert await is_new(at=NOW + timedelta(seconds=1))


async def test_the_transaction_that_was_paid_for_is_found_by_its_token(stored: SQLiteStorage) -> None:
    assert await stored.reads.transaction_paid_by(1, "psp-1") == 10
    assert await stored.reads.transaction_paid_by(1, "psp-2") is None
    assert await stored.reads.transaction_paid_by(2, "psp-1") is None


async def test_settlements_are_filtered_newest_first_and_seen_by_their_tenant(stored: SQLiteStorage) -> None:
    failed = msgspec.structs.replace(PAID, key=60, status="Failed", psp_ref="psp-2", transaction_key=None)
    await stored.journal.store([failed])

    async def found(**query: object) -> list[int]:
        page = await stored.reads.settlements(SettlementFilter(**{"tenant": "default", **query}))  # type: ignore[arg-type]
        return [seen.settlement.key for seen in page.items]

    assert await found() == [60, 50]
    assert await found(status="Failed") == [60]
    assert await found(transaction_key=10) == [50]
    assert await found(psp_ref="psp-1") == [50]
    assert await found(station_key=2) == []
    assert await found(tenant="other") == []
    assert await stored.reads.settlement("other", 50) is None
    page = await stored.reads.settlements(SettlementFilter(tenant="default"), PageRequest(limit=1))
    assert page.next_cursor is not None


async def test_a_settlement_is_compared_with_the_current_bill_alone(stored: SQLiteStorage) -> None:
    seen = await stored.reads.settlement("default", 50)
    assert seen is not None and (seen.bill_key, seen.difference) == (None, None)
    content = billing.content(Inputs(evidence=Evidence(), place=Place(station_key=1, evse_id=1)))
    bill = Bill(
        key=1, tenant="default", transaction_key=10, station_key=1, version=1, state="superseded",
        content=msgspec.structs.replace(content, total=Decimal("9.00"), currency="EUR"), inputs_digest="",
        issued_at=NOW, cause="ended", cdr_id="1",
    )  # fmt: skip
    newer = msgspec.structs.replace(
        bill, key=2, version=2, state="issued", content=msgspec.structs.replace(bill.content, total=Decimal("12.00"))
    )
    await stored.journal.store([bill, newer])
    seen = await stored.reads.settlement("default", 50)
    assert seen is not None
    assert (seen.bill_key, seen.bill_total, seen.currency, seen.difference) == (
        2,
        Decimal("12.00"),
        "EUR",
        Decimal("0.34"),
    )
    (listed,) = (await stored.reads.settlements(SettlementFilter(tenant="default"))).items
    assert listed == seen


async def test_what_was_not_settled_differs_from_no_bill(stored: SQLiteStorage) -> None:
    seen = await stored.reads.settlement("default", 50)
    assert seen is not None
    failed = msgspec.structs.replace(
        seen, settlement=msgspec.structs.replace(PAID, status="Failed"), bill_total=Decimal(1)
    )
    assert failed.difference is None


async def test_vat_numbers_age_and_settlements_stay(stored: SQLiteStorage) -> None:
    check = VatCheck(
        key=70, tenant="default", station_key=1, at=NOW, vat_number="DE136695976", accepted=True, evse_id=1
    )
    await stored.journal.store([check])
    assert (await stored.reads.vat_checks(VatCheckFilter(tenant="default"))).items == (check,)
    assert (await stored.reads.vat_checks(VatCheckFilter(tenant="default", station_key=2))).items == ()
    gone = await stored.retention.run(RetentionPolicy(), NOW + timedelta(days=366))
    assert gone["vat_checks"] == 1
    assert await stored.reads.settlement("default", 50) is not None


async def test_the_newest_word_of_priority_charging_stays(stored: SQLiteStorage) -> None:
    told = PriorityCharging(tenant="default", station_key=1, transaction_key=10, activated=True, told_at=NOW)
    later = msgspec.structs.replace(told, activated=False, told_at=NOW + timedelta(minutes=1))
    other = msgspec.structs.replace(told, transaction_key=11)
    await stored.journal.store([told, later, other])
    assert (await stored.reads.priority_chargings("default", 1)).items == (other, later)
    assert (await stored.reads.priority_chargings("other", 1)).items == ()
