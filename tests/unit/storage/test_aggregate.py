"""A loaded transaction is the one that was in memory, whichever of its updates wrote the row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.readings import event_digest, readings
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.domain.records import TransactionEventRecord
from stationmaster.domain.transactions.transaction import begin, fold, with_meter_values
from stationmaster.storage.batch import BatchWriter, Item
from stationmaster.storage.engine import connect
from stationmaster.storage.migrate import ensure_schema
from stationmaster.storage.reads.aggregate import open_transactions

START = datetime(2026, 1, 1, tzinfo=UTC)
CONTEXTS = ("Sample.Periodic", "Sample.Clock", "Transaction.Begin", "Transaction.End")

moments = st.integers(-50, 50).map(lambda minutes: START + timedelta(minutes=minutes))
samples = st.builds(
    Sample,
    st.decimals(0, 10**6, places=2).map(str),
    measurand=st.sampled_from(["Energy.Active.Import.Register", "SoC"]),
    context=st.sampled_from(CONTEXTS),
    unit=st.sampled_from(["Wh", "kWh"]),
)
values = st.builds(MeterValue, moments, st.lists(samples, max_size=2).map(tuple))
events = st.builds(
    TransactionEvent,
    event_type=st.sampled_from(["Started", "Updated"]),
    timestamp=moments,
    trigger_reason=st.just("MeterValuePeriodic"),
    transaction_id=st.just("w"),
    seq_no=st.integers(0, 20),
    evse=st.sampled_from([None, Evse(1), Evse(1, 1)]),
    id_token=st.sampled_from([None, IdToken("A"), IdToken("B")]),
    charging_state=st.sampled_from([None, "Charging", "SuspendedEV", "Idle"]),
    offline=st.booleans(),
    meter_values=st.lists(values, max_size=2).map(tuple),
)
steps = st.lists(st.tuples(events, st.booleans()), min_size=1, max_size=12, unique_by=lambda step: step[0].seq_no)


@given(steps, st.lists(values, max_size=3))
def test_loading_folds_what_the_row_does_not_have(
    steps: list[tuple[TransactionEvent, bool]], alone: list[MeterValue]
) -> None:
    memory = begin(1, "default", 7, steps[0][0], START)
    records: list[Any] = []
    for number, (event, writes_the_row) in enumerate(steps):
        at = START + timedelta(hours=1, seconds=number)
        memory = fold(memory, event, at)
        if writes_the_row or number == 0:
            records.append(memory)
        records.append(_evidence(event, at))
        records += readings(7, 1, event.evse, event.meter_values, at)
    at = START + timedelta(hours=2)
    memory = with_meter_values(memory, alone)
    records += readings(7, 1, None, alone, at)
    assert _stored_and_loaded(records) == [memory]


def _evidence(event: TransactionEvent, at: datetime) -> TransactionEventRecord:
    return TransactionEventRecord(
        station_key=7,
        transaction_key=1,
        dedupe_key=str(event.seq_no),
        digest=event_digest(event),
        event_type=event.event_type,
        trigger_reason=event.trigger_reason,
        seq_no=event.seq_no,
        timestamp=event.timestamp,
        received_at=at,
        offline=event.offline,
        body=msgspec.json.encode(msgspec.structs.replace(event, meter_values=())),
    )


def _stored_and_loaded(records: list[Any]) -> list[Any]:
    connection = connect(":memory:")
    ensure_schema(connection, "here")
    for record in records:
        (item,) = [Item(None, Decision(records=(record,)))]
        BatchWriter(connection).write([item])
        assert item.error is None
    loaded = open_transactions(connection, 7)
    connection.close()
    return loaded
