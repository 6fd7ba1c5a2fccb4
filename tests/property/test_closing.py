"""Transactions that are held to be over: whenever that is decided, however often, the evidence has the last word."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from test_csms_transactions import Message, event

from stationmaster.csms.blocks.closing import concluded, overtaken
from stationmaster.domain.identity import Evse
from stationmaster.domain.queries import TransactionFilter
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transactions.transaction import (
    REOPENED,
    Register,
    Transaction,
    closed,
    last_told_at,
    reopened,
)
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW = T0 + timedelta(days=1)
_minutes = st.integers(0, 30).map(lambda minute: T0 + timedelta(minutes=minute))


@st.composite
def transactions(draw: st.DrawFn, key: int = 1) -> Transaction:
    """One that goes on, as far as is known."""
    return Transaction(
        key=key,
        tenant="default",
        station_key=1,
        wire_id=f"TX-{key}",
        evse=draw(st.none() | st.builds(Evse, st.integers(1, 2))),
        first_event_at=draw(_minutes),
        started_at=draw(st.none() | _minutes),
        received_at=T0,
        last_register=draw(st.none() | st.builds(Register, at=_minutes, wh=st.integers(0, 9).map(Decimal))),
        flags=draw(st.sampled_from([(), (REOPENED,)])),
    )


def state_of(*known: Transaction) -> StationState:
    station = Station(key=1, tenant="default", identity="CP-1", created_at=T0)
    state = StationState(station=station)
    for each in known:
        state = state.with_transaction(each)
    return state


@given(transactions())
def test_it_is_over_as_of_its_last_word_and_the_next_one_undoes_it(transaction: Transaction) -> None:
    over = closed(transaction, "silent", "nothing was heard of it", NOW)
    assert over.closed is not None and not over.is_open
    assert transaction.first_event_at <= over.closed.at == last_told_at(transaction) <= over.closed.decided_at
    again = reopened(over)
    assert again == msgspec.structs.replace(transaction, flags=again.flags)
    assert set(again.flags) == {*transaction.flags, REOPENED}
    assert reopened(again) == again


@given(transactions(), transactions())
def test_what_was_decided_of_older_evidence_is_not_done(before: Transaction, now: Transaction) -> None:
    """The station spoke between the look at the transaction and the decision."""
    decision = concluded(state_of(now), NOW, transaction=before, reason="silent", detail="")
    same = (before.last_register, before.seq_seen) == (now.last_register, now.seq_seen)
    assert (decision is not None) == same
    if decision is not None and decision.state is not None:
        assert now.wire_id not in decision.state.open
        assert concluded(decision.state, NOW, transaction=decision.records[0], reason="silent", detail="") is None  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5).flatmap(lambda count: st.tuples(*[transactions(key) for key in range(1, count + 1)])))
def test_the_next_one_closes_those_before_it_at_its_evse_and_no_other(known: tuple[Transaction, ...]) -> None:
    *others, new = known

    def began(each: Transaction) -> datetime:
        return each.started_at or each.first_event_at

    over = overtaken(state_of(*known), new, NOW)
    expected = {
        each.key
        for each in others
        if None not in (each.evse, new.evse)
        and each.evse.id == new.evse.id  # type: ignore[union-attr]
        and began(each) < began(new)
        and REOPENED not in each.flags
    }
    assert {each.key for each in over} == expected
    assert all(each.closed is not None and each.closed.reason == "next_began" for each in over)


async def deliver_with_closings(messages: list[Message], closings: set[int]) -> tuple[dict[str, Any], str]:
    """What is stored of the transaction, and whether it is over."""
    async with csms_bench() as bench:
        await bench.add_token("CARD", "ISO14443")
        station = await bench.boot("CP-1", Version.V201)
        for place, (action, payload) in enumerate(messages):
            await station.call(action, payload)
            if place in closings:
                await close(bench)
        return await evidence(bench)


async def close(bench: CsmsBench) -> None:
    (transaction,) = (await bench.storage.reads.transactions(TransactionFilter(tenant="default"))).items
    await bench.csms.transactions.close(transaction, "an operator thought so")


async def evidence(bench: CsmsBench) -> tuple[dict[str, Any], str]:
    (transaction,) = (await bench.storage.reads.transactions(TransactionFilter(tenant="default"))).items
    fields = msgspec.to_builtins(transaction)
    ours = ("key", "received_at", "end_received_at", "token_rank", "state_rank", "station_key", "flags", "closed")
    state = "open" if transaction.is_open else "ended" if transaction.closed is None else "closed"
    return {name: value for name, value in fields.items() if name not in ours}, state


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.data())
def test_closing_changes_nothing_of_what_the_station_tells(last: int, data: st.DataObject) -> None:
    messages = [event(number, last) for number in range(last + 1)]
    told = messages[: data.draw(st.integers(1, last + 1))]
    closings = data.draw(st.sets(st.integers(0, len(told) - 1)))
    expected, _ = asyncio.run(deliver_with_closings(told, set()))
    found, state = asyncio.run(deliver_with_closings(told, closings))
    assert found == expected
    if len(told) == last + 1:
        assert state == "ended"
    else:
        assert state == ("closed" if len(told) - 1 in closings else "open")
