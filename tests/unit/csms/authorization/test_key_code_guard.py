"""Who guesses PINs is slowed down."""

from datetime import UTC, datetime, timedelta

from stationmaster.csms.authorization.key_code_guard import MAX_STATIONS, WRONG, KeyCodeGuard

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def guess(guard: KeyCodeGuard, at: datetime, times: int = WRONG) -> None:
    for _ in range(times):
        guard.wrong(1, at)


def test_C04_FR_06_five_wrong_ones_lock_a_station_for_a_minute() -> None:
    guard = KeyCodeGuard()
    guess(guard, AT, WRONG - 1)
    assert not guard.locked(1, AT)
    guess(guard, AT, 1)
    assert guard.locked(1, AT + timedelta(seconds=59))
    assert not guard.locked(1, AT + timedelta(seconds=60))
    assert not guard.locked(2, AT)


def test_whoever_goes_on_is_locked_out_for_twice_as_long_up_to_an_hour() -> None:
    guard, at, locked = KeyCodeGuard(), AT, []
    for _ in range(9):
        guess(guard, at)
        minutes = 0
        while guard.locked(1, at + timedelta(minutes=minutes)):
            minutes += 1
        locked.append(minutes)
        at += timedelta(minutes=minutes)
    assert locked == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_wrong_ones_now_and_then_lock_nothing() -> None:
    guard = KeyCodeGuard()
    for number in range(50):
        guard.wrong(1, AT + timedelta(minutes=3 * number))
        assert not guard.locked(1, AT + timedelta(minutes=3 * number))


def test_a_right_one_makes_good() -> None:
    guard = KeyCodeGuard()
    guess(guard, AT, WRONG - 1)
    guard.right(1)
    guess(guard, AT, WRONG - 1)
    assert not guard.locked(1, AT)


def test_the_stations_that_are_remembered_are_bounded() -> None:
    guard = KeyCodeGuard()
    guess(guard, AT)
    for station in range(2, MAX_STATIONS + 2):
        guard.wrong(station, AT)
    assert not guard.locked(1, AT)
