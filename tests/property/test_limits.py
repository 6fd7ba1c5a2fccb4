"""Limits of transactions: what was said of them last holds, and no station is left with a higher one than is wanted."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.transactions.limits import (
    LimitSource,
    LimitState,
    TransactionLimit,
    changed,
    only,
    reached,
    to_send,
    wish,
)

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KINDS = TransactionLimit.__struct_fields__
_amounts = st.none() | st.integers(0, 6).map(Decimal)
_wholes = st.none() | st.integers(0, 6)
limits = st.builds(TransactionLimit, max_cost=_amounts, max_energy_wh=_amounts, max_time_s=_wholes, max_soc_pct=_wholes)
sources: st.SearchStrategy[LimitSource] = st.sampled_from(["operator", "command", "prepaid", "outside"])


def values(limit: TransactionLimit) -> dict[str, Any]:
    """By kind, of those that are limited."""
    return {kind: most for kind in KINDS if (most := getattr(limit, kind)) is not None}


@given(st.lists(limits, min_size=1, max_size=6))
def test_of_each_kind_the_last_word_holds_and_none_takes_a_limit_away(words: list[TransactionLimit]) -> None:
    held = reduce(changed, words)
    assert values(held) == reduce(lambda before, word: before | values(word), words, dict[str, Any]())


@given(st.lists(st.tuples(limits, sources), min_size=1, max_size=6), st.booleans())
def test_wishes_add_up_in_their_order_and_who_keeps_them_does_not_change_by_a_wish(
    wishes: list[tuple[TransactionLimit, LimitSource]], is_ours: bool
) -> None:
    by_us = LimitState(wished=TransactionLimit(), source="operator", state="not_supported", enforced_by="csms", at=T0)
    before = by_us if is_ours else None
    for number, (limit, source) in enumerate(wishes):
        before = wish(before, limit, source, T0 + timedelta(minutes=number))
    assert before is not None
    assert before.wished == reduce(changed, [limit for limit, _ in wishes], TransactionLimit())
    assert before.source == wishes[-1][1]
    assert (before.state, before.enforced_by) == (("not_supported", "csms") if is_ours else ("wished", "station"))


@given(limits, st.none() | limits)
def test_a_station_that_takes_what_it_is_told_keeps_to_what_is_wanted_and_is_told_once(
    wanted: TransactionLimit, own: TransactionLimit | None
) -> None:
    told = to_send(wanted, own)
    now = own if told is None else changed(own, told)
    kept = values(now) if now is not None else {}
    assert all(kept[kind] <= most for kind, most in values(wanted).items())
    assert to_send(wanted, now) is None
    assert told is None or values(told).items() <= values(wanted).items()


@given(limits, st.sets(st.sampled_from(["maxCost", "maxEnergy", "maxTime", "maxSoC"])))
def test_a_station_is_told_only_what_it_supports(wanted: TransactionLimit, supported: set[str]) -> None:
    told = only(wanted, frozenset(supported))
    words = dict(zip(("max_cost", "max_energy_wh", "max_time_s", "max_soc_pct"), _WORDS, strict=True))
    expected = {kind: most for kind, most in values(wanted).items() if words[kind] in supported}
    assert (values(told) if told is not None else {}) == expected


_WORDS = ("maxCost", "maxEnergy", "maxTime", "maxSoC")
_steps = st.lists(st.integers(0, 2), max_size=8)


@given(limits, st.tuples(_steps, _steps, _steps, _steps))
def test_a_limit_is_reached_when_a_value_is_and_stays_so(limit: TransactionLimit, steps: Any) -> None:
    energy, seconds, cost, soc = (list(accumulate([0, *each])) for each in steps)
    was_reached = False
    for number in range(max(map(len, (energy, seconds, cost, soc)))):
        now = [each[min(number, len(each) - 1)] for each in (cost, energy, seconds, soc)]
        found = reached(limit, energy_wh=Decimal(now[1]), seconds=now[2], cost=Decimal(now[0]), soc_pct=Decimal(now[3]))
        over = any(most is not None and value >= most for value, most in zip(now, _in_order(limit), strict=True))
        assert (found is not None) == over
        assert not was_reached or found is not None
        was_reached = found is not None


def _in_order(limit: TransactionLimit) -> list[Any]:
    return [getattr(limit, kind) for kind in ("max_cost", "max_energy_wh", "max_time_s", "max_soc_pct")]


@given(limits)
def test_what_is_not_known_reaches_nothing(limit: TransactionLimit) -> None:
    assert reached(limit, energy_wh=None, seconds=None, cost=None, soc_pct=None) is None
    assert msgspec.json.decode(msgspec.json.encode(limit), type=TransactionLimit) == limit
