from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.dialects.batches import ask_in_batches, batches, for_station
from stationmaster.dialects.table import NoAnswer, WireCall
from stationmaster.domain.facts import StationFacts


def driven(portions: Sequence[tuple[int, ...]], answer: Any) -> tuple[list[tuple[int, ...]], Any]:
    """What was asked for, and what came of it."""
    asked: list[tuple[int, ...]] = []
    exchange = ask_in_batches(iter(portions), lambda portion: WireCall("X", portion, may_fail=True))
    try:
        call = next(exchange)
        while True:
            asked.append(call.message)
            call = exchange.send(answer(call.message))
    except StopIteration as done:
        return asked, done.value


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(0, 12), st.none() | st.integers(0, 120))
def test_batches_keep_the_order_and_never_exceed_a_limit_that_one_item_can_keep(
    items: list[int], most: int, most_bytes: int | None
) -> None:
    found = list(batches(items, most, most_bytes, lambda item: item))
    assert [item for batch in found for item in batch] == items
    for batch in found:
        assert len(batch) <= max(most, 1)
        assert len(batch) == 1 or most_bytes is None or sum(item + 1 for item in batch) <= most_bytes


def test_a_station_s_own_limits_hold_and_ten_where_none_is_known() -> None:
    known = StationFacts(version="2.1", limits={"items:GetVariables": 4, "bytes:GetVariables": 130})
    items = list(range(12))
    assert [len(b) for b in for_station(known, "GetVariables", items, lambda _: 9)] == [3, 3, 3, 3]
    assert [len(b) for b in for_station(known, "SetVariables", items, lambda _: 9)] == [10, 2]


def test_B06_FR_16_what_is_too_much_is_halved_and_asked_for_again() -> None:
    def answer(portion: tuple[int, ...]) -> Any:
        return NoAnswer("OccurrenceConstraintViolation", "") if len(portion) > 2 else portion

    asked, told = driven([(1, 2, 3, 4, 5)], answer)
    assert asked == [(1, 2, 3, 4, 5), (1, 2), (3, 4, 5), (3,), (4, 5)]
    assert told == [((1, 2), (1, 2)), ((3,), (3,)), ((4, 5), (4, 5))]


def test_after_silence_nothing_more_is_asked_and_what_was_told_counts() -> None:
    silence = NoAnswer(None, "no answer in time", TimeoutError())
    asked, told = driven([(1,), (2,), (3,)], lambda portion: "said" if portion == (1,) else silence)
    assert asked == [(1,), (2,)]
    assert told == [((1,), "said"), ((2,), silence), ((3,), silence)]


def test_a_refusal_of_one_portion_does_not_hold_back_the_others() -> None:
    refusal = NoAnswer("InternalError", "", RuntimeError())
    asked, told = driven([(1,), (2,)], lambda portion: refusal if portion == (1,) else "said")
    assert (asked, told) == ([(1,), (2,)], [((1,), refusal), ((2,), "said")])


def test_without_one_answer_the_first_failure_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        driven([(1,), (2,)], lambda _: NoAnswer("InternalError", "", ZeroDivisionError()))
