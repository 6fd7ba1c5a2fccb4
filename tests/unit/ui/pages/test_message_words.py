"""Frames and fields of the specification in words."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stationmaster.ui.pages.messages.looks import beginning, columns, exact_time, specified

FIELD: dict[str, Any] = {
    "name": "a",
    "type": "string",
    "many": False,
    "required": True,
    "object": None,
    "values": [],
    "at_least": None,
    "at_most": None,
    "multiple_of": None,
    "max_length": None,
    "min_items": None,
    "max_items": None,
}


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({}, "string, needed"),
        ({"max_length": 20}, "string, needed, at most 20 characters"),
        ({"required": False, "values": ["A", "B"]}, "string, optional, one of A, B"),
        (
            {"values": [str(n) for n in range(14)]},
            "string, needed, one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more",
        ),
        ({"type": "integer", "at_least": 0, "at_most": 100}, "integer, needed, at least 0 and at most 100"),
        ({"type": "number", "multiple_of": 0.1}, "number, needed, in steps of 0.1"),
        ({"type": "object", "object": "EVSEType"}, "EVSEType, needed"),
        ({"many": True, "min_items": 1, "max_items": 4}, "list of string, needed, at least 1 and at most 4 items"),
        ({"many": True}, "list of string, needed"),
    ],
)
def test_what_the_specification_says_of_a_field(differs: dict[str, Any], words: str) -> None:
    assert specified(FIELD | differs) == words


def test_a_field_that_the_specification_does_not_have_has_no_words() -> None:
    assert specified(None) == "–"


def test_messages_of_one_second_can_be_told_apart() -> None:
    assert exact_time("2026-07-01T10:00:00.123456Z", ZoneInfo("Europe/Berlin")) == "12:00:00.123"


def test_a_long_frame_is_cut_in_a_list() -> None:
    assert beginning("short") == "short"
    assert len(beginning("x" * 5000)) < 200


def test_an_error_is_told_by_its_code() -> None:
    cells = {column.name: column.cell for column in columns(ZoneInfo("UTC"), with_date=True)}
    frame = {
        "at": "2026-07-01T10:00:00Z",
        "station": 3,
        "station_identity": None,
        "direction": "in",
        "kind": "error",
        "error": "NotImplemented",
        "action": None,
        "frame": "[4]",
    }
    told = {name: cell(frame) if isinstance(cell(frame), str) else cell(frame).text for name, cell in cells.items()}  # type: ignore[union-attr]
    assert told == {
        "at": "2026-07-01 10:00:00.000",
        "station": "3",
        "direction": "from station",
        "kind": "NotImplemented",
        "action": "–",
        "text": "[4]",
    }
