"""What the CSMS keeps of what a station says of a transaction (E14)."""

from datetime import UTC, datetime

from stationmaster.csms.blocks.transaction_status import HOOKS
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transactions.transaction_status import (
    GetTransactionStatus,
    TransactionStatus,
    TransactionStatusAnswer,
)

AT = datetime(2026, 5, 1, tzinfo=UTC)
STATE = StationState(station=Station(key=7, tenant="default", identity="CS-1", created_at=AT))


def kept(request, answer):
    decision = HOOKS[GetTransactionStatus].after(STATE, AT, request=request, answer=answer, command=None)
    return decision and decision.records


def test_what_is_said_of_one_transaction_is_kept_with_its_time_also_of_one_that_is_over_or_unknown():
    answer = TransactionStatusAnswer(ongoing=False, messages_in_queue=True)
    assert kept(GetTransactionStatus(transaction_id="tx-1"), answer) == (
        TransactionStatus(station_key=7, wire_id="tx-1", ongoing=False, messages_in_queue=True, told_at=AT),
    )


def test_what_is_said_of_all_of_them_is_no_single_one_s():
    assert kept(GetTransactionStatus(), TransactionStatusAnswer(messages_in_queue=True)) is None
