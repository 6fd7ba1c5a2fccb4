"""Few points of many readings, for a chart."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from stationmaster.domain.metering.series import ReadingStretch, series

T0 = datetime(2030, 1, 1, tzinfo=UTC)


def stretch(minute: int, wh: str | None = None, power_w: str | None = None) -> ReadingStretch:
    return ReadingStretch(
        at=T0 + timedelta(minutes=minute),
        register_wh=None if wh is None else Decimal(wh),
        power_w=None if power_w is None else Decimal(power_w),
    )


def test_energy_counts_from_the_register_at_the_start() -> None:
    found = series([stretch(0, "1005"), stretch(1, "1010")], Decimal(1000))
    assert [point.energy_wh for point in found.points] == [5, 10]


def test_without_one_the_first_register_counts_as_that() -> None:
    found = series([stretch(0), stretch(1, "1005"), stretch(2, "1010")], None)
    assert [point.energy_wh for point in found.points] == [None, 0, 5]


def test_power_that_was_told_is_not_mixed_with_what_the_register_says() -> None:
    found = series([stretch(0, "0"), stretch(1, "100", "6000"), stretch(2, "300")], None)
    assert (found.power_source, [point.power_w for point in found.points]) == ("told", [None, 6000, None])


def test_a_station_that_tells_no_power_is_drawn_by_its_register() -> None:
    found = series([stretch(0, "0"), stretch(30, "1000"), stretch(60, "900"), stretch(90, "950")], None)
    assert (found.power_source, [point.power_w for point in found.points]) == ("register", [None, 2000, None, 100])


def test_nothing_is_known() -> None:
    assert series([], None).power_source is None
    assert series([stretch(0, "7")], None).power_source is None
