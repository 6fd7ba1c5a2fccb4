"""Prepaid money: nobody spends what is held for another, whatever begins at one time, and no cent is lost."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.domain.authorization.prepaid import (
    MILLIONTHS,
    Account,
    AccountEntry,
    Funds,
    HoldReleased,
    amount_of,
    hold_for,
    millionths,
    settled,
)
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench
from stationmaster.testing.bench import OPEN
from stationmaster.testing.script import moment

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCOUNT = Account(key=1, tenant="default", name="Ms A", currency="EUR")
money = st.integers(0, 50 * MILLIONTHS).map(amount_of)


@given(money, st.lists(st.tuples(st.none() | money, st.integers(0, 100), st.booleans()), max_size=8))
def test_holds_never_exceed_the_balance_and_settling_keeps_every_cent(
    paid_in: Decimal, sessions: list[tuple[Decimal | None, int, bool]]
) -> None:
    """Each session holds something, and costs a part of it, at once or at the end."""
    balance, open_holds = paid_in, dict[int, tuple[Decimal, Decimal]]()

    def settle(key: int) -> Decimal:
        _, cost = open_holds.pop(key)
        entry, released = settled(
            key=100 + key, account_key=1, transaction_key=key, cost=cost, reference=f"bill {key}", by="billing", at=T0
        )
        assert isinstance(entry, AccountEntry) and isinstance(released, HoldReleased)
        assert (entry.amount, entry.transaction_key, released.transaction_key) == (-cost, key, key)
        return entry.amount

    for key, (most, share, at_once) in enumerate(sessions):
        funds = Funds(account=ACCOUNT, balance=balance, held=sum((hold for hold, _ in open_holds.values()), Decimal(0)))
        hold = hold_for(funds, most, key, T0).amount
        assert Decimal(0) <= hold <= funds.available
        assert most is None or hold <= most
        open_holds[key] = hold, amount_of(millionths(hold) * share // 100)
        if at_once:
            balance += settle(key)
        assert balance >= sum((hold for hold, _ in open_holds.values()), Decimal(0)) >= 0
    spent = sum((cost for _, cost in open_holds.values()), Decimal(0))
    expected = balance - spent
    for key in list(open_holds):
        balance += settle(key)
    assert balance == expected >= 0


@given(st.decimals(-1000, 1000, places=6))
def test_amounts_are_kept_to_the_millionth(amount: Decimal) -> None:
    assert amount_of(millionths(amount)) == amount


async def _account(bench: CsmsBench, paid_in: Decimal, cards: int) -> None:
    keys = bench.storage.keys
    entry = AccountEntry(
        key=keys.take(), account_key=1, at=T0, kind="top_up", amount=paid_in, reference="cash", by="the shop"
    )
    await bench.storage.journal.store([ACCOUNT, entry])
    for number in range(cards):
        await bench.add_token(f"CARD{number}", account=ACCOUNT.key)


async def _begin_at_one_time(most: Decimal | None, paid_in: Decimal, cards: list[int]) -> tuple[int, Decimal]:
    """How many were accepted, and what is held for them."""
    policy = msgspec.structs.replace(OPEN.default_policy, prepaid_hold_most=most)
    async with csms_bench(msgspec.structs.replace(OPEN, default_policy=policy)) as bench:
        await _account(bench, paid_in, len(cards))
        stations = [await bench.boot(f"CP-{number}", Version.V16) for number in range(len(cards))]

        async def begin(number: int) -> dict[str, Any]:
            start = {"connectorId": 1, "idTag": f"CARD{number}", "meterStart": 0, "timestamp": moment(T0)}
            for _ in range(cards[number]):
                answer = await stations[number].call("StartTransaction", start)
            return dict(answer["idTagInfo"])

        answers = await asyncio.gather(*[begin(number) for number in range(len(cards))])
        funds = await bench.storage.reads.funds("default", ACCOUNT.key)
        assert funds is not None
        return sum(answer["status"] == "Accepted" for answer in answers), funds.held


@settings(max_examples=15, deadline=None)
@given(
    st.none() | st.integers(1, 5).map(Decimal),
    st.integers(0, 12).map(Decimal),
    st.lists(st.integers(1, 2), min_size=1, max_size=4),
)
def test_what_begins_at_one_time_never_holds_more_than_there_is(
    most: Decimal | None, paid_in: Decimal, cards: list[int]
) -> None:
    """``cards``: how often each says that it begins."""
    accepted, held = asyncio.run(_begin_at_one_time(most, paid_in, cards))
    assert held <= paid_in
    if most is None:
        assert accepted == (1 if paid_in else 0)
        assert held == paid_in
    else:
        assert held <= accepted * most
        assert bool(accepted) == bool(paid_in)
