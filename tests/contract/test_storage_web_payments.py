"""What is stored of payments on web pages, and which of two at once is let in."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from storage_records import NOW, a_station, a_transaction

from stationmaster.domain.claims import Claim, PaymentClaim, PaymentPlaceClaim, PaymentReferenceClaim
from stationmaster.domain.command import Command, CommandState
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.identity import IdToken
from stationmaster.domain.payment.web_payment import WebPayment, WebPaymentFilter
from stationmaster.domain.queries import PageRequest
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

OPEN = WebPayment(
    key=60,
    tenant="default",
    station_key=1,
    evse_id=1,
    state="open",
    opened_at=NOW,
    until=NOW + timedelta(minutes=5),
    by_code=True,
    limit=TransactionLimit(max_cost=Decimal("9.50")),
    told=61,
)
PAID = msgspec.structs.replace(
    OPEN, state="paid", psp_ref="psp-1", amount=Decimal("30.00"), paid_at=NOW + timedelta(minutes=1), command=62
)


PLACE = PaymentPlaceClaim(station_key=1, evse_id=1, at=NOW, timeout_s=300)


@pytest.fixture
async def stored(storage: SQLiteStorage) -> SQLiteStorage:
    await storage.journal.store([a_station(1), a_station(2, tenant="other"), OPEN])
    return storage


async def held(storage: SQLiteStorage, payment: WebPayment, claim: Claim) -> bool:
    decision = Decision(records=(payment,), checks=(CheckedBy(claim, Decision()),))
    return bool((await storage.journal.commit(decision)).records)


async def test_a_payment_is_stored_and_what_becomes_of_it_takes_its_place(stored: SQLiteStorage) -> None:
    seen = await stored.reads.web_payment("default", 60)
    assert seen is not None and seen.payment == OPEN and seen.transaction_key is None
    await stored.journal.store([PAID])
    seen = await stored.reads.web_payment("default", 60)
    assert seen is not None and seen.payment == PAID
    assert await stored.reads.web_payment("other", 60) is None


async def test_it_is_seen_beside_the_transaction_that_it_began(stored: SQLiteStorage) -> None:
    token = IdToken("PSP-1", "DirectPayment")
    of_others = msgspec.structs.replace(PAID, key=70, station_key=2, tenant="other")
    await stored.journal.store([PAID, a_transaction(10, id_token=token), of_others])
    seen = await stored.reads.web_payment("default", 60)
    assert seen is not None and (seen.transaction_key, seen.bill_key) == (10, None)
    elsewhere = await stored.reads.web_payment("other", 70)
    assert elsewhere is not None and elsewhere.transaction_key is None


async def test_payments_are_listed_newest_first_by_station_and_reference(stored: SQLiteStorage) -> None:
    others = [msgspec.structs.replace(PAID, key=key, psp_ref=f"psp-{key}") for key in (61, 62, 63)]
    await stored.journal.store(others)
    reads = stored.reads
    first = await reads.web_payments(WebPaymentFilter(tenant="default"), PageRequest(limit=2))
    assert [seen.payment.key for seen in first.items] == [63, 62]
    found = await reads.web_payments(WebPaymentFilter(tenant="default", station_key=1, psp_ref="psp-62"))
    assert [seen.payment.key for seen in found.items] == [62]
    assert not (await reads.web_payments(WebPaymentFilter(tenant="other"))).items


async def test_while_somebody_pays_for_a_place_nobody_else_can(stored: SQLiteStorage) -> None:
    other = msgspec.structs.replace(OPEN, key=71)
    claim = PLACE
    assert not await held(stored, other, claim)
    assert await held(stored, msgspec.structs.replace(other, evse_id=2), msgspec.structs.replace(claim, evse_id=2))
    assert await held(stored, msgspec.structs.replace(other, key=72), msgspec.structs.replace(claim, at=OPEN.until))


async def test_what_is_over_leaves_its_place(stored: SQLiteStorage) -> None:
    await stored.journal.store([msgspec.structs.replace(OPEN, state="cancelled")])
    assert await held(stored, msgspec.structs.replace(OPEN, key=71), PLACE)


async def test_who_has_paid_holds_the_place_for_a_while_longer(stored: SQLiteStorage) -> None:
    await stored.journal.store([PAID])
    other = msgspec.structs.replace(OPEN, key=71)
    late = PAID.until + timedelta(seconds=PLACE.timeout_s)
    assert not await held(stored, other, PLACE)
    assert not await held(stored, other, msgspec.structs.replace(PLACE, at=late - timedelta(seconds=1)))
    assert await held(stored, other, msgspec.structs.replace(PLACE, at=late))


async def test_who_has_paid_holds_the_place_no_more_once_the_session_has_begun(stored: SQLiteStorage) -> None:
    of_another = a_transaction(10, id_token=IdToken("PSP-2", "DirectPayment"))
    await stored.journal.store([PAID, of_another])
    other = msgspec.structs.replace(OPEN, key=71)
    assert not await held(stored, other, PLACE)
    await stored.journal.store([a_transaction(11, id_token=IdToken("PSP-1", "DirectPayment"))])
    assert await held(stored, other, PLACE)


@pytest.mark.parametrize(
    ("state", "is_free"),
    [("queued", False), ("sent", False), ("accepted", False), ("rejected", True), ("timed_out", True)],
)
async def test_a_start_that_came_to_nothing_leaves_the_place(
    stored: SQLiteStorage, state: CommandState, is_free: bool
) -> None:
    start = Command(
        key=62, station_key=1, tenant="default", kind="RequestStartTransaction", request={}, state=state,
        created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    await stored.journal.store([PAID, start])
    assert await held(stored, msgspec.structs.replace(OPEN, key=71), PLACE) is is_free


async def test_a_reference_pays_once_at_all_stations_of_a_tenant(stored: SQLiteStorage) -> None:
    second = msgspec.structs.replace(PAID, key=72, station_key=3)
    claim = PaymentReferenceClaim(tenant="default", psp_ref="psp-1", key=72)
    await stored.journal.store([a_station(3), msgspec.structs.replace(PAID, state="cancelled")])
    assert await held(stored, second, claim)
    first = PaymentReferenceClaim(tenant="default", psp_ref="psp-1", key=60)
    assert not await held(stored, PAID, first)
    assert await held(stored, second, claim)
    assert await held(stored, PAID, msgspec.structs.replace(first, psp_ref="psp-2"))
    assert await held(stored, PAID, msgspec.structs.replace(first, tenant="other"))


async def test_a_payment_is_paid_or_cancelled_once_and_in_time(stored: SQLiteStorage) -> None:
    assert not await held(stored, PAID, PaymentClaim(key=60, at=OPEN.until))
    assert await held(stored, PAID, PaymentClaim(key=60, at=NOW))
    cancelled = msgspec.structs.replace(OPEN, state="cancelled")
    assert not await held(stored, cancelled, PaymentClaim(key=60, at=NOW))
    assert not await held(stored, cancelled, PaymentClaim(key=99, at=NOW))


async def test_payments_are_kept_unless_retention_says_otherwise(stored: SQLiteStorage) -> None:
    later = NOW + timedelta(days=1000)
    await stored.retention.run(RetentionPolicy(), later)
    assert await stored.reads.web_payment("default", 60) is not None
    await stored.retention.run(RetentionPolicy(web_payments_days=90), later)
    assert await stored.reads.web_payment("default", 60) is None
