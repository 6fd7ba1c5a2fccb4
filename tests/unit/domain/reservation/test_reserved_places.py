"""The rule by which EVSEs are kept, against trying everything."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.reservation.reserved_places import has_room, kept, served

EVSES = st.integers(1, 4)
FITTING = st.frozensets(EVSES, max_size=4)
HELD = st.lists(FITTING, max_size=4)
FREE = st.frozensets(EVSES, max_size=4)


def most_by_trying(held: list[frozenset[int]], free: frozenset[int]) -> int:
    """Every way to seat the reservations, one after another, at EVSEs or nowhere."""
    seats = [*free, *[0] * len(held)]
    return max(
        sum(seat in fitting for seat, fitting in zip(way, held, strict=True))
        for way in set(permutations(seats, len(held)))
    )


@given(HELD, FREE)
def test_as_many_are_served_as_the_best_way_to_seat_them(held: list[frozenset[int]], free: frozenset[int]) -> None:
    assert served(held, free) == most_by_trying(held, free)


@given(HELD, FREE)
def test_an_evse_is_kept_if_it_is_in_every_best_way(held: list[frozenset[int]], free: frozenset[int]) -> None:
    most = most_by_trying(held, free)
    assert kept(held, free) == {evse for evse in free if most_by_trying(held, free - {evse}) < most}


@given(HELD, FREE, FITTING)
def test_there_is_room_for_one_more_if_one_more_can_be_served(
    held: list[frozenset[int]], free: frozenset[int], fitting: frozenset[int]
) -> None:
    more = most_by_trying([*held, fitting], free) > most_by_trying(held, free)
    assert has_room(held, free, fitting) == more


@given(HELD, FREE)
def test_a_stranger_may_have_any_evse_that_is_not_kept(held: list[frozenset[int]], free: frozenset[int]) -> None:
    for evse in free - kept(held, free):
        assert served(held, free - {evse}) == served(held, free)


def test_two_reservations_for_any_of_two_evses_keep_both() -> None:
    assert kept([{1, 2}], {1, 2}) == frozenset()
    assert kept([{1, 2}, {1, 2}], {1, 2}) == {1, 2}
    assert kept([{1, 2}, {2}], {1, 2}) == {1, 2}
    assert kept([{1, 2}], {2}) == {2}
