"""What is known of calling a station, one thing after another."""

from datetime import UTC, datetime, timedelta

from stationmaster.domain.callback import Callback

AT = datetime(2026, 3, 1, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
TOLD = Callback().telling("http://10.0.0.1/", AT)


def test_another_address_was_not_tried_yet() -> None:
    assert TOLD.reached(AT).telling("http://10.0.0.2/", LATER) == Callback(told="http://10.0.0.2/", told_at=LATER)


def test_the_same_address_is_no_news() -> None:
    assert TOLD.telling("http://10.0.0.1/", LATER) is TOLD


def test_it_is_unreachable_since_the_first_failure() -> None:
    failed = TOLD.unreachable("nobody answers", AT).unreachable("refused", LATER)
    assert (failed.reachable, failed.unreachable_since, failed.reason) == (False, AT, "refused")
    assert failed.unreachable("refused", LATER) is failed


def test_once_it_was_reached_nothing_is_left_of_the_failure() -> None:
    reached = TOLD.unreachable("refused", AT).reached(LATER)
    assert (reached.reachable, reached.unreachable_since, reached.reason) == (True, None, None)
    assert reached.reached(LATER + timedelta(hours=1)) is reached
    assert reached.unreachable("refused", LATER).reached_at is None


def test_nobody_has_tried_at_an_address_that_an_operator_names_just_now() -> None:
    assert TOLD.reachable is None
    assert TOLD.reached(AT).untried() == TOLD
