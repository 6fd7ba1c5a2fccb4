from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.csms.blocks.event_streams import (
    HOOKS,
    MAX_STREAMS,
    MAX_VALUES,
    close_stream,
    closes_streams,
    open_stream,
    take_values,
)
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import BootAnswer, BootNotification, CommandAnswer, StationInfo
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    ClosePeriodicEventStream,
    EventStream,
    EventStreamList,
    GetPeriodicEventStream,
    KnownStream,
    NotifyPeriodicEventStream,
    OpenPeriodicEventStream,
    StreamClosed,
    StreamParams,
    StreamValue,
)
from stationmaster.domain.station import Station, StationState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = NOW - timedelta(minutes=1)
EMPTY = StationState(station=Station(key=7, tenant="default", identity="CS-7", created_at=NOW))
EVERY_10 = StreamParams(interval_s=10)


def opened(number: int = 1, params: StreamParams = EVERY_10, state: StationState = EMPTY) -> Decision:
    stream = EventStream(id=number, monitoring_id=50 + number, params=params)
    return open_stream(state, OpenPeriodicEventStream(stream=stream), NOW)


def state_of(decision: Decision) -> StationState:
    assert decision.state is not None
    return decision.state


OPEN = state_of(opened())


def values(*told: tuple[str, str], number: int = 1, pending: int = 0) -> NotifyPeriodicEventStream:
    taken = tuple((Decimal(at), value) for at, value in told)
    return NotifyPeriodicEventStream(id=number, base_time=BASE, values=taken, pending=pending)


def status(decision: Decision) -> str:
    assert isinstance(decision.answer, CommandAnswer)
    return decision.answer.status


def kinds(decision: Decision) -> list[str]:
    return [type(record).__name__ for record in decision.records]


def test_n11_fr_06_a_stream_is_accepted_and_kept() -> None:
    decision = opened()
    assert status(decision) == "Accepted"
    assert decision.records == (KnownStream(station_key=7, id=1, monitoring_id=51, params=EVERY_10, opened_at=NOW),)


def test_n11_fr_05_and_09_one_too_many_or_one_that_never_sends_is_rejected() -> None:
    assert status(opened(params=StreamParams(interval_s=0))) == "Rejected"
    state = EMPTY
    for number in range(MAX_STREAMS):
        state = state_of(opened(number, state=state))
    assert status(opened(MAX_STREAMS, state=state)) == "Rejected"
    assert status(opened(0, state=state)) == "Accepted"


def test_n15_fr_03_values_are_kept_with_their_moments_and_told_in_passing() -> None:
    decision = take_values(OPEN, values(("0", "a"), ("1.5", "b")), NOW)
    stored = [record for record in decision.records if isinstance(record, StreamValue)]
    assert [(each.at, each.value, each.monitoring_id) for each in stored] == [
        (BASE, "a", 51),
        (BASE + timedelta(seconds=1.5), "b", 51),
    ]
    assert decision.events == () and decision.passing is not None
    assert [each["value"] for each in decision.passing.make().data["values"]] == ["a", "b"]


def test_an_offset_out_of_the_calendar_costs_its_value_only() -> None:
    decision = take_values(OPEN, values(("1E+20", "a"), ("NaN", "b"), ("1", "c")), NOW)
    assert [record.value for record in decision.records if isinstance(record, StreamValue)] == ["c"]


def test_values_of_a_stream_that_nobody_opened_are_kept_and_noted_once() -> None:
    first = take_values(EMPTY, values(("0", "a"), number=9), NOW)
    assert kinds(first) == ["KnownStream", "StreamValue", "Oddity"]
    second = take_values(state_of(first), values(("0", "b"), number=9), NOW)
    assert kinds(second) == ["KnownStream", "StreamValue"]


def test_n15_fr_05_ever_more_pending_values_are_noted() -> None:
    state, seen = OPEN, []
    for pending in (5, 6, 7, 8):
        decision = take_values(state, values(("0", "a"), pending=pending), NOW)
        state = state_of(decision)
        seen.append("Oddity" in kinds(decision))
    assert seen == [False, False, True, False]


def test_one_message_has_bounds() -> None:
    decision = take_values(OPEN, values(*[("0", "a")] * (MAX_VALUES + 1)), NOW)
    assert kinds(decision).count("StreamValue") == MAX_VALUES


def test_n13_fr_02_a_closed_stream_is_gone() -> None:
    decision = close_stream(OPEN, ClosePeriodicEventStream(id=1), NOW)
    assert (decision.records, state_of(decision).streams) == ((StreamClosed(station_key=7, id=1),), {})
    assert close_stream(EMPTY, ClosePeriodicEventStream(id=1), NOW) == Decision()


def test_a_boot_ends_all_streams() -> None:
    answer = BootAnswer(status="Accepted", current_time=NOW, interval_s=1)
    boots = closes_streams(lambda state, request, at: Decision(answer=answer))
    decision = boots(OPEN, BootNotification(station=StationInfo()), NOW)
    assert (decision.answer, state_of(decision).streams) == (answer, {})
    assert boots(EMPTY, BootNotification(station=StationInfo()), NOW).records == ()


def test_n12_what_a_station_tells_takes_the_place_of_what_was_known() -> None:
    hook: Any = HOOKS[GetPeriodicEventStream]
    other = EventStream(id=2, monitoring_id=52, params=EVERY_10)
    told = EventStreamList(streams=(other,))
    decision = hook.after(OPEN, NOW, request=GetPeriodicEventStream(), answer=told, command=None)
    assert list(state_of(decision).streams) == [2]
    assert kinds(decision) == ["KnownStream", "StreamClosed"]


@pytest.mark.parametrize(("answer", "interval_s"), [("Accepted", 60), ("Rejected", 10)])
def test_n14_an_adjusted_stream_has_its_new_interval(answer: str, interval_s: int) -> None:
    hook: Any = HOOKS[AdjustPeriodicEventStream]
    request = AdjustPeriodicEventStream(id=1, params=StreamParams(interval_s=60))
    assert hook.objection(OPEN, request) is None
    assert hook.objection(OPEN, AdjustPeriodicEventStream(id=1, params=StreamParams())) is not None
    decision = hook.after(OPEN, NOW, request=request, answer=CommandAnswer(status=answer), command=None)
    state = OPEN if decision is None else state_of(decision)
    assert state.streams[1].params.interval_s == interval_s
