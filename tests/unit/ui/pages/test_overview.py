"""The overview's figures in words, its chart's points, and its map's geometry."""

from datetime import UTC
from math import cos, radians
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.ui.pages.overview.fleet_map import drawn as drawn_point
from stationmaster.ui.pages.overview.fleet_map import in_words, title_of
from stationmaster.ui.pages.overview.power_chart import drawn, name_of
from stationmaster.ui.pages.overview.projection import RATIO, Sheet, scale_bar, sheet_of
from stationmaster.ui.pages.overview.tiles import TILES

NOW: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "total": 1200,
    "online": 1100,
    "stations": {"charging": 7, "offline": 3},
    "connectors": {"Faulted": 2},
    "power_w": 749_730,
    "energy_today_wh": 1_740_000,
    "money_today": [
        {"currency": "EUR", "issued": "1015.16", "held": "30.30"},
        {"currency": "SEK", "issued": "12.00", "held": "0.00"},
    ],
    "transactions": {"running": 9},
    "open_alarms": 5,
    "unacknowledged": 4,
}


def told(now: dict[str, Any]) -> dict[str, tuple[str, str]]:
    visit = cast("Any", SimpleNamespace(zone=UTC))
    return {tile.title: (tile.value(now, visit), tile.note(now, visit)) for tile in TILES}


def test_the_tiles_say_how_much_and_of_what() -> None:
    assert told(NOW) == {
        "Online": ("1,100", "of 1,200 stations"),
        "Charging": ("7", "9 transactions running"),
        "Faulted": ("0", "2 connectors"),
        "Offline": ("3", "0 never seen"),
        "Power now": ("749.73 kW", "of what charges"),
        "Energy today": ("1.74 MWh", "since midnight in Europe/Berlin"),
        "Money today": ("1,015.16 EUR, 12.00 SEK", "30.30 EUR more held"),
        "Alarms for somebody": ("4", "5 open"),
    }


def test_one_of_a_kind_is_no_plural() -> None:
    one = told(NOW | {"total": 1, "connectors": {"Faulted": 1}, "transactions": {"running": 1}})
    assert [one[title][1] for title in ("Online", "Charging", "Faulted")] == [
        "of 1 station",
        "1 transaction running",
        "1 connector",
    ]
    assert in_words({"stations": 1, "without": 1}) == "1 station is shown; 1 has no coordinates."


def test_without_prices_there_is_no_money() -> None:
    assert told(NOW | {"money_today": []})["Money today"] == ("–", "of sessions that ended today")


def test_the_power_is_drawn_slot_by_slot_with_its_gaps() -> None:
    answer = {"from_at": "2026-03-01T12:00:00Z", "slot_s": 300}
    site = {"name": None, "others": False, "power_w": [1500, None, 0]}
    begun_ms = 1_772_366_400_000
    assert drawn(answer, site) == [(begun_ms, 1.5), (begun_ms + 300_000, None), (begun_ms + 600_000, 0.0)]
    assert name_of(site) == "At no site"
    assert name_of(site | {"others": True}) == "Other sites"
    assert name_of(site | {"name": "Mall"}) == "Mall"


def a_point(**states: int) -> dict[str, Any]:
    point = {"latitude": 50.5, "longitude": 10.0, "state": next(iter(states)), "states": states}
    point["stations"] = sum(states.values())
    return point | {"key": None, "identity": None, "name": None, "site": "Mall"}


def test_a_point_says_what_stands_there() -> None:
    assert title_of(a_point(faulted=1, charging=2)) == "Mall: 1 faulted, 2 charging"
    assert title_of(a_point(charging=1) | {"key": 1, "identity": "CS-1"}) == "CS-1: charging"
    assert title_of(a_point(charging=2) | {"site": None}) == "Several stations: 2 charging"
    assert in_words({"points": [a_point(charging=2), a_point(faulted=1)], "stations": 3, "without": 4}) == (
        "3 stations are shown; 4 have no coordinates."
    )


def test_a_point_is_where_it_is_and_as_large_as_it_counts() -> None:
    sheet = Sheet(50.0, 9.0, 2.0)
    one, many = drawn_point(a_point(faulted=1), sheet), drawn_point(a_point(available=400), sheet)
    assert one["value"] == pytest.approx([cos(radians(50.0)), 0.5])
    assert (one["symbol"], many["symbol"]) == ("rect", "circle")
    assert one["symbolSize"] < many["symbolSize"] <= 64
    assert (one["label"]["show"], many["label"]["formatter"]) == (False, "400")


@pytest.mark.parametrize(
    ("width_km", "words"),
    [(1.0, "200 m"), (0.5, "100 m"), (8.0, "2 km"), (20.0, "5 km"), (39.0, "5 km"), (40.0, "10 km"), (4000, "1000 km")],
)
def test_the_scale_bar_is_a_round_length(width_km: float, words: str) -> None:
    assert scale_bar(width_km)[0] == words


@given(st.floats(0.05, 60_000))
def test_the_scale_bar_fits_into_a_quarter_and_is_not_tiny(width_km: float) -> None:
    assert 0.09 < scale_bar(width_km)[1] <= 0.25000001


latitudes, longitudes = st.floats(-85, 85), st.floats(-180, 180)


@given(latitudes, latitudes, longitudes, longitudes)
def test_an_area_has_room_on_its_sheet(one: float, other: float, first: float, second: float) -> None:
    south, north = sorted((one, other))
    west, east = sorted((first, second))
    sheet = sheet_of(south, west, north, east)
    for latitude, longitude in ((south, west), (north, east)):
        assert abs(latitude - sheet.latitude) <= sheet.height / 2 + 1e-9
        assert abs(sheet.across(longitude)) <= sheet.height * RATIO / 2 + 1e-9


@given(latitudes, longitudes, st.floats(0.004, 180), st.sampled_from([0.5, 2.0, 4.0]))
def test_whatever_is_looked_at_is_an_area_of_the_earth(
    latitude: float, longitude: float, height: float, factor: float
) -> None:
    area = Sheet(latitude, longitude, height).nearer(factor).area()
    assert -90 <= area["south"] < area["north"] <= 90
    assert -180 <= area["west"] < area["east"] <= 180
