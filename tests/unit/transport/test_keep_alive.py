"""When a silent peer is pinged and dropped."""

from stationmaster.transport.keep_alive import Vigil, tick_s
from stationmaster.transport.limits import Limits

LIMITS = Limits(ping_interval_s=8, ping_timeout_s=5)


def test_a_silent_peer_is_pinged_after_the_interval_and_dropped_after_the_timeout() -> None:
    vigil = Vigil(LIMITS)
    assert tick_s(LIMITS) == 2
    verdicts = [vigil.tick(closing=False) for _ in range(7)]
    assert verdicts == ["wait", "wait", "wait", "ping", "wait", "wait", "drop"]


def test_any_sign_of_life_starts_the_wait_again() -> None:
    vigil = Vigil(LIMITS)
    for _ in range(100):
        assert vigil.tick(closing=False) == "wait"
        vigil.silent_ticks = 0


def test_a_connection_that_never_finishes_closing_is_dropped_and_not_pinged() -> None:
    vigil = Vigil(LIMITS)
    assert [vigil.tick(closing=True) for _ in range(3)] == ["wait", "wait", "drop"]


def test_without_pings_silence_is_no_fault() -> None:
    vigil = Vigil(Limits(ping_interval_s=0))
    assert {vigil.tick(closing=False) for _ in range(1000)} == {"wait"}
    assert vigil.tick(closing=True) == "drop"
