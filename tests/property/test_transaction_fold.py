"""Whatever the order and however often: the same set of events makes the same transaction."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.domain.transactions.transaction import Transaction, begin, fold

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STATES = ("Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle", None)


@st.composite
def transactions(draw: st.DrawFn) -> list[TransactionEvent]:
    """The events of one transaction as a station numbers them, registers rising."""
    count = draw(st.integers(2, 9))
    wh = 0
    events = []
    for number in range(count):
        wh += draw(st.integers(0, 5000))
        context = {0: "Transaction.Begin", count - 1: "Transaction.End"}.get(number, "Sample.Periodic")
        at = T0 + timedelta(minutes=number)
        events.append(
            TransactionEvent(
                event_type="Started" if number == 0 else "Ended" if number == count - 1 else "Updated",
                timestamp=at,
                trigger_reason="MeterValuePeriodic",
                transaction_id="TX",
                seq_no=number,
                evse=draw(st.sampled_from([None, Evse(1), Evse(1, 1)])) if number else Evse(1, 1),
                id_token=draw(st.sampled_from([None, IdToken("A"), IdToken("B")])),
                charging_state=draw(st.sampled_from(STATES)),
                remote_start_id=7 if number == 0 else None,
                offline=draw(st.booleans()),
                meter_values=(MeterValue(at, (Sample(str(wh), context=context),)),),
            )
        )
    return events


def fold_all(events: list[TransactionEvent]) -> Transaction:
    transaction = begin(1, "default", 1, events[0], T0)
    for event in events:
        transaction = fold(transaction, event, T0)
    return transaction


@given(transactions(), st.data())
def test_order_and_repetition_make_no_difference(events: list[TransactionEvent], data: st.DataObject) -> None:
    expected = fold_all(events)
    repeats = data.draw(st.lists(st.sampled_from(events), max_size=5))
    shuffled = data.draw(st.permutations(events + repeats))
    assert fold_all(list(shuffled)) == expected
    assert energy(expected) is not None


@given(transactions())
def test_a_transaction_survives_being_stored_and_loaded_at_any_point(events: list[TransactionEvent]) -> None:
    expected = fold_all(events)
    for cut in range(1, len(events)):
        stored = msgspec.json.decode(msgspec.json.encode(fold_all(events[:cut])), type=Transaction)
        for event in events[cut:]:
            stored = fold(stored, event, T0)
        assert stored == expected
