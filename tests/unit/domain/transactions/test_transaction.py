"""The fold of a transaction's events."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.domain.transactions.transaction import (
    MAX_SPANS,
    Transaction,
    begin,
    fold,
    has_number,
    missing_numbers,
    start_key,
    with_number,
)

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CARD = IdToken("CARD-1", "ISO14443")


def event(kind: str, seq: int | None, minutes: float, **fields: object) -> TransactionEvent:
    return TransactionEvent(
        event_type=kind,  # type: ignore[arg-type]
        timestamp=T0 + timedelta(minutes=minutes),
        trigger_reason="MeterValuePeriodic",
        transaction_id="TX-1",
        seq_no=seq,
        **fields,  # type: ignore[arg-type]
    )


def register(minutes: float, wh: int, context: str = "Sample.Periodic") -> MeterValue:
    return MeterValue(T0 + timedelta(minutes=minutes), (Sample(str(wh), context=context),))


def folded(*events: TransactionEvent) -> Transaction:
    transaction = begin(1, "default", 7, events[0], T0)
    for each in events:
        transaction = fold(transaction, each, T0)
    return transaction


def test_a_whole_transaction_has_its_times_token_and_energy() -> None:
    transaction = folded(
        event("Started", 0, 0, evse=Evse(1, 1), id_token=CARD, meter_values=(register(0, 1000, "Transaction.Begin"),)),
        event("Updated", 1, 15, charging_state="Charging", meter_values=(register(15, 3000),)),
        event("Ended", 2, 30, stopped_reason="EVDisconnected", meter_values=(register(30, 6000, "Transaction.End"),)),
    )
    assert (transaction.started_at, transaction.ended_at) == (T0, T0 + timedelta(minutes=30))
    assert (transaction.evse, transaction.id_token) == (Evse(1, 1), CARD)
    assert energy(transaction) == (Decimal(5000), "registers")
    assert transaction.stopped_reason == "EVDisconnected"
    assert anomalies(transaction) == ()


def test_a_late_event_does_not_take_the_charging_state_back() -> None:
    charging = event("Updated", 3, 10, charging_state="Charging")
    plugged = event("Updated", 1, 2, charging_state="EVConnected")
    assert folded(event("Started", 0, 0), charging, plugged).charging_state == "Charging"


def test_a_late_event_does_not_take_the_charging_state_back_of_a_transaction_that_was_stored() -> None:
    stored = msgspec.json.encode(folded(event("Started", 0, 0), event("Updated", 3, 10, charging_state="Charging")))
    loaded = msgspec.json.decode(stored, type=Transaction)
    assert fold(loaded, event("Updated", 1, 2, charging_state="EVConnected"), T0).charging_state == "Charging"
    assert fold(loaded, event("Updated", 3, 11, charging_state="SuspendedEV"), T0).charging_state == "SuspendedEV"


def test_the_token_is_that_of_the_first_event_that_has_one() -> None:
    other = IdToken("OTHER", "ISO14443")
    late_first = folded(event("Updated", 5, 9, id_token=other), event("Updated", 1, 1, id_token=CARD))
    assert late_first.id_token == CARD


def test_the_token_of_the_end_is_kept_apart() -> None:
    stopper = IdToken("COLLEAGUE", "ISO14443")
    transaction = folded(event("Started", 0, 0, id_token=CARD), event("Ended", 1, 5, id_token=stopper))
    assert (transaction.id_token, transaction.stop_token) == (CARD, stopper)


def test_E01_a_gap_in_the_sequence_is_seen_and_goes_when_it_is_filled() -> None:
    start, end = event("Started", 0, 0), event("Ended", 3, 9)
    with_gap = folded(start, end)
    assert anomalies(with_gap) == ("gap",)
    filled = fold(fold(with_gap, event("Updated", 2, 4), T0), event("Updated", 1, 2), T0)
    assert anomalies(filled) == ()
    assert filled.seq_seen == ((0, 3),)


def test_a_lost_start_is_named() -> None:
    assert "lost_start" in anomalies(folded(event("Ended", 2, 9)))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((event("Started", None, 0, meter_wh=100), event("Ended", None, 5, meter_wh=350)), (Decimal(250), "registers")),
        (
            (event("Started", None, 0, meter_wh=100), event("Updated", None, 2, meter_values=(register(2, 180),))),
            (Decimal(80), "last_sample"),
        ),
        (
            (event("Ended", None, 5, meter_wh=350), event("Updated", None, 2, meter_values=(register(2, 180),))),
            (Decimal(170), "last_sample"),
        ),
        (
            (
                event("Updated", 1, 2, meter_values=(register(2, 180),)),
                event("Updated", 2, 4, meter_values=(register(4, 200),)),
            ),
            (Decimal(20), "samples"),
        ),
        ((event("Started", 0, 0),), None),
    ],
)
def test_energy_comes_from_the_best_evidence(
    events: tuple[TransactionEvent, ...], expected: tuple[Decimal, str] | None
) -> None:
    assert energy(folded(*events)) == expected


def test_a_meter_that_runs_backwards_is_named_and_not_hidden() -> None:
    transaction = folded(event("Started", None, 0, meter_wh=900), event("Ended", None, 5, meter_wh=100))
    assert energy(transaction) == (Decimal(0), "registers"), "what was not measured is nobody's"
    assert "meter_backwards" in anomalies(transaction)


def test_an_end_before_its_start_is_named() -> None:
    assert "ends_before_start" in anomalies(folded(event("Started", 0, 10), event("Ended", 1, 0)))


@pytest.mark.parametrize(
    ("numbers", "spans", "missing"),
    [
        ((), (), 0),
        ((0, 1, 2), ((0, 2),), 0),
        ((2, 0, 1), ((0, 2),), 0),
        ((0, 2, 4), ((0, 0), (2, 2), (4, 4)), 2),
        ((0, 0, 0), ((0, 0),), 0),
        ((5,), ((5, 5),), 5),
        ((0, 1, 5, 6, 3), ((0, 1), (3, 3), (5, 6)), 2),
    ],
)
def test_sequence_numbers_are_kept_as_spans(
    numbers: tuple[int, ...], spans: tuple[tuple[int, int], ...], missing: int
) -> None:
    found: tuple[tuple[int, int], ...] = ()
    for number in numbers:
        found = with_number(found, number)
    assert found == spans
    assert missing_numbers(found) == missing


def test_numbers_with_ever_more_gaps_between_them_cost_no_more_than_a_bound() -> None:
    found: tuple[tuple[int, int], ...] = ()
    for number in range(0, 4 * MAX_SPANS, 2):
        found = with_number(found, number)
    assert len(found) == MAX_SPANS
    assert all(has_number(found, number) for number in range(0, 4 * MAX_SPANS, 2)), "what was seen is never forgotten"
    assert found[-1] == (4 * MAX_SPANS - 2, 4 * MAX_SPANS - 2)
    assert missing_numbers(found) == MAX_SPANS - 1, "the gaps that are kept are the latest"


def test_two_starts_of_1_6_share_a_key_only_with_equal_connector_token_time_and_meter() -> None:
    def start(**changes: object) -> str:
        fields: dict[str, object] = {"evse": Evse(1, 1), "id_token": IdToken("Abc"), "meter_wh": 5, **changes}
        return start_key(event("Started", None, 0, **fields))

    assert start() == start(id_token=IdToken("aBC"))
    keys = {start(), start(evse=Evse(2, 1)), start(id_token=IdToken("x")), start(meter_wh=6)}
    assert len(keys) == 4
