"""Tariffs in words, and what is typed of them as the API takes it."""

from typing import Any

import msgspec
import pytest

from stationmaster.api.cost.tariff_shapes import ComponentDraft, ConditionsDraft, TariffTerms
from stationmaster.ui.pages.tariffs.assignments import where_in_words, who_in_words
from stationmaster.ui.pages.tariffs.listing import for_whom_in_words
from stationmaster.ui.pages.tariffs.preview import session_of
from stationmaster.ui.pages.tariffs.words import CONDITIONS, DIMENSIONS, bounds_in_words, path_of, price_rows

NOBODY = dict.fromkeys(
    [
        *("token", "token_value", "group", "contract_id", "party_id", "token_type", "ad_hoc", "site", "station"),
        *("station_identity", "evse_id", "connector_id"),
    ]
)


def test_the_form_knows_every_condition_that_the_api_knows() -> None:
    typed = {field.name for condition in CONDITIONS for field in condition.fields}
    assert typed == set(ConditionsDraft.__struct_fields__)


def test_the_form_knows_every_dimension_that_the_api_knows() -> None:
    components = {field.name for field in msgspec.structs.fields(TariffTerms) if field.type == ComponentDraft | None}
    assert {dimension.name for dimension in DIMENSIONS} == components


def _tariff(**parts: Any) -> dict[str, Any]:
    empty = {dimension.name: None for dimension in DIMENSIONS}
    return {"currency": "EUR", **empty, "minimum": None, "maximum": None, **parts}


def test_prices_are_told_in_their_order_with_what_they_are_for_said_once() -> None:
    night = {"amount": "0.3", "when": {"from_time": "22:00"}, "when_text": "22:00-24:00"}
    always = {"amount": "0.4512", "when": None, "when_text": "always"}
    energy = {"prices": [night, always], "taxes": [{"name": "VAT", "percent": 19.0}], "step": 100}
    fixed = {"prices": [{"amount": "1", "when": {}, "when_text": "always"}], "taxes": [], "step": None}
    rows = price_rows(_tariff(energy=energy, fixed=fixed))
    assert [tuple(row.values()) for row in rows] == [
        ("Energy", "0.30 EUR per kWh", "22:00-24:00", "VAT 19 %", "100 Wh"),
        ("", "0.4512 EUR per kWh", "otherwise", "VAT 19 %", ""),
        ("Start", "1.00 EUR once", "always", "", ""),
    ]


def test_bounds_say_whether_tax_is_in_them() -> None:
    bound = {"excl": "8", "incl": "9.52", "taxes": []}
    told = bounds_in_words(_tariff(minimum=bound))
    assert told == {"At least": "8.00 EUR without tax, 9.52 EUR with tax"}


@pytest.mark.parametrize(
    ("given", "who", "where"),
    [
        ({}, "all drivers", "everywhere"),
        ({"token": 7, "token_value": "CARD"}, "token CARD", "everywhere"),
        ({"token": 7}, "token 7", "everywhere"),
        ({"group": "fleet", "ad_hoc": False}, "group fleet, drivers with a token", "everywhere"),
        ({"ad_hoc": True}, "drivers without a token", "everywhere"),
        (
            {"site": "Quay", "station": 3, "station_identity": "CS-3", "evse_id": 1, "connector_id": 2},
            "all drivers",
            "site Quay, station CS-3, EVSE 1, connector 2",
        ),
    ],
)
def test_assignments_name_people_and_places(given: dict[str, Any], who: str, where: str) -> None:
    assignment = {**NOBODY, **given}
    assert (who_in_words(assignment), where_in_words(assignment)) == (who, where)


def test_a_list_tells_some_of_many_assignments() -> None:
    assert for_whom_in_words({"assigned": [], "assignments": 0}) == "nobody: it is not assigned"
    assert for_whom_in_words({"assigned": ["a", "b", "c", "d"], "assignments": 4}) == "a; b; c …"


def test_a_session_is_told_by_its_length() -> None:
    told = session_of(start="2026-05-04T18:00:00+02:00", length="3:30", idle="0:30", reserved="15")
    assert told == {
        "start": "2026-05-04T18:00:00+02:00",
        "end": "2026-05-04T21:30:00+02:00",
        "idle_from": "2026-05-04T21:00:00+02:00",
        "reserved_from": "2026-05-04T17:45:00+02:00",
    }


@pytest.mark.parametrize("length", ["", "long", "1:2:3", "-1:00", "1e9", "999999999"])
def test_what_is_no_length_is_left_for_the_api_to_find_wrong(length: str) -> None:
    told = session_of(start="2026-05-04T18:00:00+02:00", length=length, idle="", reserved="")
    assert told["end"] == length


def test_a_name_stays_one_part_of_a_path() -> None:
    assert path_of("../stations/1") == "/tariffs/..%2Fstations%2F1"
