"""Guessing the codes of web payments has a bound."""

from datetime import UTC, datetime, timedelta

from stationmaster.csms.payment.wrong_codes import MAX_STATIONS, MOST, SPAN, WrongCodes

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_so_many_are_looked_at_within_a_span_and_no_more() -> None:
    wrong = WrongCodes()
    for number in range(MOST):
        assert not wrong.too_many(1, AT)
        wrong.wrong(1, AT + timedelta(seconds=number))
    assert wrong.too_many(1, AT + timedelta(seconds=MOST))
    assert not wrong.too_many(2, AT)
    assert wrong.too_many(1, AT + SPAN - timedelta(seconds=1))
    assert not wrong.too_many(1, AT + SPAN)


def test_only_so_many_stations_are_remembered() -> None:
    wrong = WrongCodes()
    for station_key in range(MAX_STATIONS + 1):
        wrong.wrong(station_key, AT)
    assert len(wrong._at) == MAX_STATIONS
