"""Coordinates that somebody writes."""

from decimal import Decimal

import pytest

from stationmaster.domain.cost.sites import degree_problems


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(None, None), ("0", "0"), ("-90", "180"), ("52.5163000", "-13.3777"), ("1E+1", "5")]
)
def test_degrees_of_the_earth_are_taken(latitude: str | None, longitude: str | None) -> None:
    assert degree_problems(*(None if text is None else Decimal(text) for text in (latitude, longitude))) == ()


@pytest.mark.parametrize(
    ("latitude", "longitude", "wrong"),
    [
        ("90.1", "0", ["latitude"]),
        ("0", "-180.0000001", ["longitude"]),
        ("91", "181", ["latitude", "longitude"]),
        ("0.00000001", "0", ["latitude"]),
        ("NaN", "0", ["latitude"]),
        ("0", "Infinity", ["longitude"]),
        ("1", None, ["longitude"]),
        (None, "1", ["latitude"]),
    ],
)
def test_what_is_nowhere_is_named(latitude: str | None, longitude: str | None, wrong: list[str]) -> None:
    given = (None if text is None else Decimal(text) for text in (latitude, longitude))
    assert [name for name, _ in degree_problems(*given)] == wrong
