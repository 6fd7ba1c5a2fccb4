"""Which default tariff counts at an EVSE, and which later (I07.FR.19-23)."""

from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.domain.cost.local_time import EPOCH
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.station.cost.default_tariffs import Shelf, current, in_force, put, valid_from

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def tariff(name: str, *, hours: float | None = None) -> Tariff:
    """Valid from so many hours on; None: without a validFrom."""
    since = EPOCH if hours is None else NOW + timedelta(hours=hours)
    return Tariff(key=0, tenant="", name=name, version=1, valid_from=since, currency="EUR")


def shelved(*tariffs: Tariff) -> Shelf:
    """Installed a minute apart."""
    shelf: Shelf = ()
    for place, each in enumerate(tariffs):
        shelf = put(shelf, each, NOW + timedelta(minutes=place))
    return shelf


def names(shelf: Shelf) -> list[str]:
    return [each.tariff.name for each in shelf]


def test_nothing_is_in_force_where_nothing_is_installed_or_all_begins_later() -> None:
    assert in_force((), NOW) is None
    assert in_force(shelved(tariff("a", hours=1)), NOW) is None


def test_one_without_a_time_counts_from_its_installation() -> None:
    (installed,) = shelved(tariff("a"))
    assert (installed.since, valid_from(installed.tariff)) == (NOW, None)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (None, None, ["b"]),  # FR.22
        (None, -1, ["a"]),  # b became valid before a did
        (-2, -1, ["b"]),  # FR.21
        (-1, -2, ["a"]),  # FR.21, the other way round
        (-1, None, ["b"]),
        (None, 1, ["a", "b"]),  # FR.19
        (2, 1, ["b", "a"]),  # FR.23
        (1, None, ["b", "a"]),
    ],
)
def test_what_is_left_of_two(first: float | None, second: float | None, left: list[str]) -> None:
    assert names(shelved(tariff("a", hours=first), tariff("b", hours=second))) == left


def test_each_has_its_turn() -> None:
    shelf = shelved(tariff("c", hours=2), tariff("a"), tariff("b", hours=1))
    turns = [in_force(shelf, NOW + timedelta(hours=hours)) for hours in (0.5, 1, 1.5, 2)]
    assert [each.name for each in turns if each] == ["a", "b", "b", "c"]
    assert names(current(shelf, NOW + timedelta(hours=1))) == ["b", "c"]


def test_of_two_for_the_same_moment_the_newer_one_counts() -> None:
    shelf = shelved(tariff("a", hours=1), tariff("b", hours=1))
    assert names(current(shelf, NOW + timedelta(hours=1))) == ["b"]
