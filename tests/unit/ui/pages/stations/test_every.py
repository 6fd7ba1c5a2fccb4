"""The station list: between its address, its filters and the API."""

from datetime import UTC
from typing import Any

import pytest

from stationmaster.ui.pages.stations.every import choices, columns, filters_of, wanted_in, written

STATION = {
    "key": 7,
    "identity": "CS-7",
    "name": None,
    "state": "faulted",
    "power_w": 7360,
    "site": "Harbour",
    "version": "2.0.1",
    "last_seen_at": "2026-05-04T11:02:09Z",
    "info": {"vendor": "Maker", "model": "Model", "firmware_version": None},
}


def test_an_empty_address_asks_for_all_stations_by_identity() -> None:
    wanted = wanted_in({})
    assert (wanted["sort"], wanted["rows"]) == ("identity", 25)
    assert set(filters_of(wanted).values()) == {None}


@pytest.mark.parametrize(("said", "rows"), [("50", 50), ("100", 100), ("7", 25), ("-1", 25), ("x", 25), ("²", 25)])
def test_only_offered_lengths_of_a_page_are_taken_from_the_address(said: str, rows: int) -> None:
    assert wanted_in({"rows": said})["rows"] == rows


def test_what_is_usual_is_left_out_of_the_address() -> None:
    assert written("sort", "identity") is None
    assert written("rows", 25) is None
    assert written("text", "") is None
    assert written("rows", 50) == "50"
    assert written("sort", "-name") == "-name"


def test_what_is_written_to_the_address_is_read_from_it() -> None:
    wanted = {"text": "CS", "state": "charging", "sort": "-last_seen", "rows": 100}
    address = {name: text for name, value in wanted.items() if (text := written(name, value)) is not None}
    assert {name: wanted_in(address)[name] for name in wanted} == wanted


def test_filters_are_offered_with_how_many_stations_have_them() -> None:
    facet: list[dict[str, Any]] = [
        {"value": "never_seen", "count": 12000},
        {"value": "offline", "count": 1},
        {"value": None, "count": 3},
    ]
    assert choices("state", facet, "") == {"": "All", "never_seen": "never seen (12,000)", "offline": "offline (1)"}
    assert choices("site", [], "Gone") == {"": "All", "Gone": "Gone"}


def test_a_line_of_the_list() -> None:
    cells = {column.name: column.cell(STATION) for column in columns(UTC)}
    assert cells["identity"].href == "/stations/7"  # type: ignore[union-attr]
    assert cells["state"].text == "faulted"  # type: ignore[union-attr]
    assert cells["name"] == "–"
    assert cells["hardware"] == "Maker Model"
    assert cells["power"] == "7.36 kW"
    assert cells["seen"] == "2026-05-04 11:02:09"


def test_a_version_in_soap_is_called_so_in_the_table_and_in_the_filter() -> None:
    [version] = [column for column in columns(UTC) if column.name == "version"]
    assert version.cell(STATION | {"version": "1.6S"}) == "1.6 SOAP"
    assert version.cell(STATION | {"version": None}) == "–"
    assert choices("version", [{"value": "1.6S", "count": 2}], "")["1.6S"] == "1.6 SOAP (2)"
