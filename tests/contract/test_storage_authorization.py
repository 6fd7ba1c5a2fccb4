"""What is stored for authorization: groups, prepaid accounts, refusals, and the claims on them."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from storage_records import NOW, a_station

from stationmaster.domain.authorization.prepaid import Account, AccountEntry, EntryKind, Hold, settled
from stationmaster.domain.authorization.refusals import Refusal, RefusalFilter
from stationmaster.domain.authorization.token_groups import GroupUse, TokenGroup, TokenGroupRemoved
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.claims import Claim, CreditClaim, GroupClaim, QuotaClaim, TokenClaim
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import IdToken
from stationmaster.domain.records import Record
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

CARD = IdToken("T1", "ISO14443")
ACCOUNT = Account(key=5, tenant="default", name="Fleet", currency="EUR")


def entry(key: int, amount: str, kind: EntryKind = "top_up", reference: str | None = None) -> AccountEntry:
    return AccountEntry(
        key=key,
        account_key=5,
        at=NOW,
        kind=kind,
        amount=Decimal(amount),
        reference=reference or f"R{key}",
        by="test",
    )


def running(key: int, *, hours_ago: int = 0, id_token: IdToken = CARD, ended: bool = False) -> Transaction:
    at = NOW - timedelta(hours=hours_ago)
    return Transaction(
        key=key,
        tenant="default",
        station_key=1,
        wire_id=f"TX{key}",
        id_token=id_token,
        authorization="Accepted",
        first_event_at=at,
        received_at=at,
        ended_at=NOW if ended else None,
    )


async def held(storage: SQLiteStorage, claim: Claim, *records: Record) -> bool:
    """Whether a decision with this claim is the one that is stored."""
    decision = Decision(records=records, checks=(CheckedBy(claim, Decision()),))
    return await storage.journal.commit(decision) is decision


async def test_a_token_is_judged_with_its_group_and_its_account(storage: SQLiteStorage) -> None:
    group = TokenGroup(tenant="default", name="Fleet", status="Blocked", max_concurrent=3)
    token = Token(key=1, tenant="default", id_token=CARD, group="FLEET", account=5)
    await storage.journal.store([token, group, ACCOUNT, entry(1, "20"), entry(2, "-0.000001", "charge")])
    await storage.journal.store([Hold(account_key=5, transaction_key=7, amount=Decimal("5.5"), made_at=NOW)])

    facts = await storage.reads.token_facts("default", IdToken("t1"))

    assert (facts.token, facts.group) == (token, group)
    assert facts.funds is not None
    assert (facts.funds.account, facts.funds.balance, facts.funds.held) == (
        ACCOUNT,
        Decimal("19.999999"),
        Decimal("5.5"),
    )
    assert (await storage.reads.token_facts("other", CARD)).token is None


async def test_a_group_is_replaced_and_forgotten_in_any_spelling(storage: SQLiteStorage) -> None:
    await storage.journal.store([TokenGroup(tenant="default", name="Fleet"), TokenGroup(tenant="other", name="Fleet")])
    newer = TokenGroup(tenant="default", name="FLEET", is_master=True)
    await storage.journal.store([newer])
    assert (await storage.reads.token_groups("default")).items == (newer,)
    await storage.journal.store([TokenGroupRemoved(tenant="default", name="fleet")])
    assert await storage.reads.token_group("default", "Fleet") is None
    assert await storage.reads.token_group("other", "Fleet") is not None


async def test_an_entry_with_a_reference_that_is_there_is_refused(storage: SQLiteStorage) -> None:
    await storage.journal.store([ACCOUNT, entry(1, "20", reference="P-1")])
    with pytest.raises(StorageFailed):
        await storage.journal.store([entry(2, "20", reference="P-1")])
    await storage.journal.store([entry(3, "-20", "charge", reference="P-1")])
    assert [each.key for each in (await storage.reads.account_entries(5)).items] == [3, 1]


async def test_two_accounts_of_a_tenant_have_two_names(storage: SQLiteStorage) -> None:
    await storage.journal.store([ACCOUNT, msgspec.structs.replace(ACCOUNT, key=6, tenant="other")])
    with pytest.raises(StorageFailed):
        await storage.journal.store([msgspec.structs.replace(ACCOUNT, key=7)])
    assert (await storage.reads.accounts("default")).items == (ACCOUNT,)


async def test_what_is_billed_is_held_no_more(storage: SQLiteStorage) -> None:
    hold = Hold(account_key=5, transaction_key=7, amount=Decimal(20), made_at=NOW)
    await storage.journal.store([ACCOUNT, entry(1, "20"), hold])
    assert await storage.reads.account_holds(5) == [hold]
    bill = settled(
        key=2, account_key=5, transaction_key=7, cost=Decimal("3.21"), reference="BILL-1", by="billing", at=NOW
    )
    await storage.journal.store(bill)
    await storage.journal.store([hold])  # the message that made it, once more
    funds = await storage.reads.funds("default", 5)
    assert funds is not None
    assert (funds.balance, funds.held, funds.available) == (Decimal("16.79"), 0, Decimal("16.79"))
    assert await storage.reads.funds("other", 5) is None


async def test_of_fifty_that_want_the_money_at_once_as_many_get_it_as_there_is(storage: SQLiteStorage) -> None:
    await storage.journal.store([ACCOUNT, entry(1, "20")])

    async def wants(transaction_key: int) -> bool:
        claim = CreditClaim(account_key=5, amount=Decimal(3), transaction_key=transaction_key)
        hold = Hold(account_key=5, transaction_key=transaction_key, amount=Decimal(3), made_at=NOW)
        return await held(storage, claim, hold)

    assert sum(await asyncio.gather(*[wants(key) for key in range(100, 150)])) == 6


async def test_a_hold_of_the_same_transaction_is_not_in_its_own_way(storage: SQLiteStorage) -> None:
    await storage.journal.store([ACCOUNT, entry(1, "3")])
    claim = CreditClaim(account_key=5, amount=Decimal(3), transaction_key=7)
    hold = Hold(account_key=5, transaction_key=7, amount=Decimal(3), made_at=NOW)
    assert await held(storage, claim, hold)
    assert await held(storage, claim)
    assert not await held(storage, msgspec.structs.replace(claim, transaction_key=8))
    assert not await held(storage, CreditClaim(account_key=6, amount=Decimal(0), transaction_key=7))


@pytest.mark.parametrize(("limit", "others", "holds"), [(2, 1, True), (2, 2, False)])
async def test_a_group_may_be_in_use_so_often(storage: SQLiteStorage, limit: int, others: int, holds: bool) -> None:
    for key in range(1, others + 1):
        use = GroupUse(tenant="default", group_key="fleet", transaction_key=key)
        await storage.journal.store([running(key, id_token=IdToken(f"T{key}")), use])
    over = GroupUse(tenant="default", group_key="fleet", transaction_key=50)
    await storage.journal.store([running(50, ended=True), over])
    claim = GroupClaim(tenant="default", group_key="fleet", limit=limit, transaction_key=99)
    assert await held(storage, claim) is holds
    assert await held(storage, msgspec.structs.replace(claim, transaction_key=1))
    assert await held(storage, msgspec.structs.replace(claim, tenant="other"))
    assert await held(storage, msgspec.structs.replace(claim, group_key="others"))


async def test_a_quota_counts_those_that_began_since(storage: SQLiteStorage) -> None:
    await storage.journal.store([running(1, hours_ago=5, ended=True), running(2, hours_ago=1, ended=True)])
    await storage.journal.store([msgspec.structs.replace(running(3), authorization="NotAtThisTime")])
    claim = QuotaClaim(
        tenant="default", token_key="t1", since=NOW - timedelta(hours=2), limit=2, transaction_key=99, type="ISO14443"
    )
    assert await held(storage, claim)
    assert not await held(storage, msgspec.structs.replace(claim, since=NOW - timedelta(hours=6)))
    assert await held(storage, msgspec.structs.replace(claim, since=NOW - timedelta(hours=6), transaction_key=1))


@pytest.mark.parametrize(
    ("mine", "theirs", "in_the_way"),
    [("ISO14443", "ISO14443", True), ("ISO14443", "eMAID", False), (None, "eMAID", True), ("eMAID", None, True)],
)
async def test_tokens_of_one_value_and_two_types_are_two(
    storage: SQLiteStorage, mine: str | None, theirs: str | None, in_the_way: bool
) -> None:
    await storage.journal.store([running(1, id_token=IdToken("T1", theirs))])
    claim = TokenClaim(tenant="default", token_key="t1", type=mine, limit=1, transaction_key=2)
    assert await held(storage, claim) is not in_the_way


async def test_refusals_are_found_by_what_is_known_of_them(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1)])
    first = Refusal(
        tenant="default",
        station_key=1,
        at=NOW,
        id_token=IdToken("NL-ABC-1", "eMAID"),
        status="Blocked",
        purpose="start",
        source="own",
        reason="blocked",
    )
    later = msgspec.structs.replace(first, at=NOW + timedelta(hours=1), status="Unknown", id_token=IdToken("T2"))
    code = msgspec.structs.replace(first, id_token=IdToken("***", "KeyCode"), station_key=2)
    await storage.journal.store([first, later, code, msgspec.structs.replace(first, tenant="other")])

    async def found(**wanted: object) -> list[Refusal]:
        query = RefusalFilter(tenant="default", **wanted)  # type: ignore[arg-type]
        return [each.refusal for each in (await storage.reads.refusals(query)).items]

    assert await found() == [code, later, first]
    assert await found(token="nlabc1") == [first]
    assert await found(token="***") == []
    assert await found(status="Unknown") == [later]
    assert await found(station_key=2) == [code]
    assert await found(from_at=NOW + timedelta(hours=1)) == [later]
    assert await found(to_at=NOW + timedelta(hours=1)) == [code, first]

    gone = await storage.retention.run(RetentionPolicy(refusals_days=1), NOW + timedelta(days=1, minutes=1))
    assert gone["refusals"] == 3
    assert await found() == [later]
