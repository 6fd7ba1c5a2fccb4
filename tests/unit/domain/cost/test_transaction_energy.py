"""The energy of a transaction is that of its bill: of what is folded, or of what was weighed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.cost.evidence import Evidence, Interval, merged, of_meter_values, told
from stationmaster.domain.cost.register import best_energy
from stationmaster.domain.cost.transaction_energy import anomalies, energy, weighed
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.domain.transactions.transaction import Transaction, Weighed, begin, fold

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def sample(minute: int, wh: str | D, context: str = "Sample.Periodic") -> MeterValue:
    return MeterValue(T0 + timedelta(minutes=minute), (Sample(str(wh), context=context),))


def event(kind: str, minute: int, wh: int | None = None, *values: MeterValue) -> TransactionEvent:
    return TransactionEvent(
        event_type=kind,  # type: ignore[arg-type]
        timestamp=T0 + timedelta(minutes=minute),
        trigger_reason="Trigger",
        meter_wh=wh,
        meter_values=values,
    )


def folded(*events: TransactionEvent) -> Transaction:
    transaction = begin(1, "default", 1, events[0], T0)
    for each in events:
        transaction = fold(transaction, each, T0)
    return transaction


def billed(*events: TransactionEvent) -> D:
    return best_energy(merged(*map(told, events))).wh


@st.composite
def sessions_of_1_6(draw: st.DrawFn) -> list[TransactionEvent]:
    """A meter that only rises, read to the tenth of a Wh on the way, and told in whole Wh at both ends."""
    steps = draw(st.lists(st.integers(0, 30).map(lambda tenths: D(tenths) / 10), min_size=1, max_size=8))
    registers, now = [], D(draw(st.integers(0, 100))) / 10 + 1000
    for step in [D(0), *steps]:
        now += step
        registers.append(now)
    rounding = draw(st.sampled_from(["ROUND_HALF_UP", "ROUND_FLOOR"]))
    first, last = (int(each.to_integral_value(rounding=rounding)) for each in (registers[0], registers[-1]))
    of_the_end = [sample(len(registers), registers[-1], draw(st.sampled_from(["Transaction.End", "Sample.Periodic"])))]
    return [
        event("Started", 0, first),
        *(event("Updated", minute, None, sample(minute, wh)) for minute, wh in enumerate(registers) if minute),
        event("Ended", len(registers), last, *(of_the_end if draw(st.booleans()) else [])),
    ]


@given(sessions_of_1_6())
def test_whatever_1_6_rounds_a_transaction_has_the_energy_of_its_bill(events: list[TransactionEvent]) -> None:
    found = energy(folded(*events))
    assert found == (billed(*events), "registers")
    assert weighed(folded(*events), billed(*events), "registers") is None
    assert "meter_backwards" not in anomalies(folded(*events))


@given(sessions_of_1_6(), st.integers(1, 8))
def test_so_it_is_while_a_transaction_goes_on(events: list[TransactionEvent], known: int) -> None:
    so_far = events[: min(known, len(events) - 1)]
    found = energy(folded(*so_far))
    assert (found[0] if found else 0) == billed(*so_far)


def test_a_meter_that_was_exchanged_is_weighed_by_all_that_is_known() -> None:
    readings = [sample(2, 9200), sample(4, 9500), sample(5, 10), sample(6, 30)]
    events = [event("Started", 0, 9000), event("Updated", 6, None, *readings), event("Ended", 9, 60)]
    transaction = folded(*events)
    assert energy(transaction) != (D(550), "registers")
    whole = best_energy(merged(*map(told, events)))

    after = weighed(transaction, whole.wh, whole.source, has_fallen="meter_reset" in whole.flags)

    assert after is not None
    assert energy(after) == (D(550), "registers")
    assert "meter_backwards" in anomalies(after)
    assert weighed(after, whole.wh, whole.source, has_fallen=True) is None, "nothing new"
    assert msgspec.json.decode(msgspec.json.encode(after), type=Transaction) == after


def test_energy_of_intervals_is_weighed_and_given_up_when_the_registers_come() -> None:
    transaction = folded(event("Started", 0), event("Ended", 30))
    assert energy(transaction) is None
    estimated = best_energy(Evidence(started_at=T0, intervals=(Interval(T0 + timedelta(minutes=30), D(700)),)))
    after = weighed(transaction, estimated.wh, estimated.source)
    assert after is not None and after.weighed == Weighed(D(700), "intervals")
    late = fold(fold(after, event("Started", 0, 100), T0), event("Ended", 30, 850), T0)
    cleared = weighed(late, D(750), "registers")
    assert cleared is not None and cleared.weighed is None
    assert energy(cleared) == (D(750), "registers")


@pytest.mark.parametrize(("wh", "source"), [(D(0), "none")])
def test_no_evidence_is_no_energy(wh: D, source: str) -> None:
    transaction = folded(event("Started", 0))
    assert energy(transaction) is None
    assert weighed(transaction, wh, source) is None  # type: ignore[arg-type]


def test_values_after_the_end_are_none_of_it() -> None:
    events = [event("Started", 0, 100), event("Ended", 9, 500)]
    late = of_meter_values([sample(9, D("500.6")), sample(10, D("501.2"))])
    whole = best_energy(merged(*map(told, events), late))
    assert whole.wh == energy(folded(*events))[0]  # type: ignore[index]


@pytest.mark.parametrize("year", [1, 9999])
def test_a_clock_at_the_end_of_all_time_stops_nothing(year: int) -> None:
    at = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    begun = TransactionEvent(event_type="Started", timestamp=at, trigger_reason="Trigger", meter_wh=5)
    ended = TransactionEvent(event_type="Ended", timestamp=at, trigger_reason="Trigger")
    assert energy(folded(begun)) is None
    assert energy(folded(begun, ended)) is None
