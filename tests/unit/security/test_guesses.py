"""Wrong passwords cost time, each address its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.security.guesses import Guesses


def test_a_few_wrong_ones_are_borne_then_it_is_one_in_a_while() -> None:
    guesses = Guesses(burst=3, regain_s=10)
    for _ in range(3):
        assert guesses.wait_s("192.0.2.1", 0) == 0
        guesses.wrong("192.0.2.1", 0)
    assert guesses.wait_s("192.0.2.1", 0) == pytest.approx(10)
    assert guesses.wait_s("192.0.2.1", 4) == pytest.approx(6)
    assert guesses.wait_s("192.0.2.1", 10) == 0
    guesses.wrong("192.0.2.1", 10)
    assert guesses.wait_s("192.0.2.1", 10) == pytest.approx(10)


def test_other_addresses_are_let_alone() -> None:
    guesses = Guesses(burst=1)
    guesses.wrong("192.0.2.1", 0)
    assert guesses.wait_s("192.0.2.1", 0) > 0
    assert guesses.wait_s("192.0.2.2", 0) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("a proxy", "another", False),
    ],
)
def test_addresses_of_one_network_are_one(one: str, other: str, same: bool) -> None:
    guesses = Guesses(burst=1)
    guesses.wrong(one, 0)
    assert (guesses.wait_s(other, 0) > 0) is same


def test_of_too_many_addresses_the_oldest_is_forgotten() -> None:
    guesses = Guesses(burst=1, most=2)
    for number in (1, 2, 1, 3):
        guesses.wrong(f"192.0.2.{number}", 0)
    assert [guesses.wait_s(f"192.0.2.{number}", 0) > 0 for number in (1, 2, 3)] == [True, False, True]


@given(st.lists(st.floats(0, 10), max_size=200))
def test_whoever_waits_as_told_guesses_no_faster_than_allowed(pauses: list[float]) -> None:
    guesses, now = Guesses(burst=5, regain_s=2), 0.0
    for tries, pause in enumerate(pauses, 1):
        now += max(pause, guesses.wait_s("192.0.2.1", now))
        guesses.wrong("192.0.2.1", now)
        assert tries <= 5 + now / 2 + 1e-6


def test_what_was_counted_as_wrong_and_was_right_is_taken_back():
    guesses = Guesses(burst=2, regain_s=10)
    for _ in range(5):
        guesses.wrong("a", 0.0)
        guesses.right("a", 0.0)
    assert guesses.wait_s("a", 0.0) == 0
    guesses.wrong("a", 0.0)
    guesses.wrong("a", 0.0)
    assert guesses.wait_s("a", 0.0) > 0
    guesses.right("a", 0.0)
    assert guesses.wait_s("a", 0.0) == 0
    guesses.right("never wrong", 0.0)
    assert guesses.wait_s("never wrong", 0.0) == 0
