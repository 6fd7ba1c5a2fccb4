"""What can be chosen after a search."""

from stationmaster.ui.parts.pickers import options_after


def test_what_is_found_comes_behind_what_is_there_and_moves_nothing() -> None:
    after = options_after({1: "one", 2: "two"}, {2: "two, renamed", 3: "three"}, [])
    assert list(after.items()) == [(1, "one"), (2, "two"), (3, "three")]


def test_a_full_picker_keeps_what_is_chosen_and_what_is_found_now() -> None:
    options = {key: str(key) for key in range(500)}
    assert options_after(options, {999: "new"}, [7, 8]) == {7: "7", 8: "8", 999: "new"}
    assert options_after(options, {999: "new"}, [None]) == {999: "new"}


def test_a_full_picker_stays_as_it_is_where_nothing_new_is_found() -> None:
    options = {key: str(key) for key in range(500)}
    assert options_after(options, {3: "3"}, [7]) == options
