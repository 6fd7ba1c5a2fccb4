"""Which of several registers marked as the first or the last counts is never decided by the order of arrival."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.domain.cost.evidence import Evidence, merged, of_meter_values, told
from stationmaster.domain.cost.register import best_energy
from stationmaster.domain.cost.transaction_energy import energy, weighed
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.domain.transactions.transaction import Transaction, begin, fold, with_meter_values

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTES = st.integers(0, 3).map(lambda minutes: T0 + timedelta(minutes=minutes))
WH = st.integers(0, 4).map(lambda kwh: kwh * 1000)
CONTEXTS = st.sampled_from(["Transaction.Begin", "Transaction.End", "Sample.Periodic"])
VALUES = st.builds(lambda at, wh, context: MeterValue(at, (Sample(str(wh), context=context),)), MINUTES, WH, CONTEXTS)


def event(kind: Any, at: datetime, number: int | None, **fields: Any) -> TransactionEvent:
    return TransactionEvent(event_type=kind, timestamp=at, trigger_reason="Trigger", seq_no=number, **fields)


def folded(parts: list[TransactionEvent | MeterValue]) -> Transaction:
    transaction = begin(1, "default", 1, event("Updated", T0, None), T0)
    for part in parts:
        if isinstance(part, TransactionEvent):
            transaction = fold(transaction, part, T0)
        else:
            transaction = with_meter_values(transaction, [part])
    return transaction


@st.composite
def sessions(draw: st.DrawFn) -> list[TransactionEvent | MeterValue]:
    """A start and an end with registers of their own (1.6), and values that name contexts as they like."""
    parts: list[TransactionEvent | MeterValue] = [
        event("Started", T0, 0, meter_wh=draw(st.none() | WH), meter_values=tuple(draw(st.lists(VALUES, max_size=2)))),
        event(
            "Ended",
            T0 + timedelta(minutes=3),
            1,
            meter_wh=draw(st.none() | WH),
            meter_values=tuple(draw(st.lists(VALUES, max_size=2))),
        ),
    ]
    return parts + draw(st.lists(VALUES, max_size=4))


@settings(deadline=None)
@given(sessions(), st.data())
def test_order_and_repetition_of_marked_registers_make_no_difference(
    parts: list[TransactionEvent | MeterValue], data: st.DataObject
) -> None:
    expected = folded(parts)
    repeats = data.draw(st.lists(st.sampled_from(parts), max_size=3))
    assert folded(data.draw(st.permutations(parts + repeats))) == expected


@settings(deadline=None)
@given(sessions(), st.integers(0, 6))
def test_a_transaction_that_was_stored_on_the_way_is_no_other(
    parts: list[TransactionEvent | MeterValue], cut: int
) -> None:
    stored = msgspec.json.decode(msgspec.json.encode(folded(parts[:cut])), type=Transaction)
    for part in parts[cut:]:
        stored = fold(stored, part, T0) if isinstance(part, TransactionEvent) else with_meter_values(stored, [part])
    assert stored == folded(parts)


@settings(deadline=None)
@given(sessions())
def test_the_bill_believes_the_same_two_registers(parts: list[TransactionEvent | MeterValue]) -> None:
    transaction, whole = folded(parts), best_energy(evidence_of(parts))
    if whole.source == "registers":
        assert whole.first is not None
        assert whole.last is not None
        assert (whole.first.wh, whole.last.wh) == (transaction.meter_start_wh, transaction.meter_stop_wh)


@settings(deadline=None)
@given(sessions())
def test_a_transaction_that_was_weighed_has_the_energy_of_its_bill(parts: list[TransactionEvent | MeterValue]) -> None:
    transaction, whole = folded(parts), best_energy(evidence_of(parts))
    after = weighed(transaction, whole.wh, whole.source, has_fallen="meter_reset" in whole.flags) or transaction
    found = energy(after)
    assert found is None or found[0] == whole.wh
    assert found is not None or whole.source == "none"


def evidence_of(parts: list[TransactionEvent | MeterValue]) -> Evidence:
    return merged(*(told(each) if isinstance(each, TransactionEvent) else of_meter_values([each]) for each in parts))
