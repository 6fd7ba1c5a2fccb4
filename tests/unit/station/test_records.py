"""What is kept of an EVSE."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.identity import IdToken
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.station.records import (
    MAX_COLLECTED,
    EvseState,
    Grant,
    LocalTransaction,
    decoded,
    encoded,
    with_collected,
)
from stationmaster.station.situation import Situation

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@given(st.integers(0, 1000))
def test_collected_values_stay_bounded_in_order_and_keep_the_first(count):
    transaction = LocalTransaction(id="T", seq_no=0, started_at=NOON, last_event_at=NOON)
    for number in range(count):
        transaction = with_collected(transaction, MeterValue(NOON + timedelta(seconds=number), (Sample("1"),)))
    moments = [value.timestamp for value in transaction.collected]
    assert len(moments) <= MAX_COLLECTED
    assert moments == sorted(moments)
    assert moments[:1] == [NOON][: min(count, 1)]


def test_state_reads_back_as_it_was_written():
    state = EvseState(
        situation=Situation(connector=2, authorized=True, drawing=True, held=("limit",)),
        grant=Grant(id_token=IdToken("A", "ISO14443"), group=IdToken("G", "Central"), remote_start_id=0, reported=True),
        transaction=LocalTransaction(
            id="T", seq_no=7, started_at=NOON, last_event_at=NOON, begin=MeterValue(NOON, (Sample("1"),))
        ),
    )
    assert decoded(encoded(state)) == state
    assert decoded(None) == EvseState()
