"""Forms told by a table: what was typed becomes the request's body."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stationmaster.ui.parts.question import Field, Kind, body_of, number

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("kind", "typed", "sent"),
    [
        ("text", "a", {"x": "a"}),
        ("text", "", {}),
        ("number", "12", {"x": 12}),
        ("number", " 1.5 ", {"x": 1.5}),
        ("number", "many", {"x": "many"}),
        ("number", "", {}),
        ("check", False, {"x": False}),
        ("choice", "", {}),
        ("choice", 7, {"x": 7}),
        ("moment", "2030-06-01T12:00", {"x": "2030-06-01T12:00:00+02:00"}),
        ("moment", "", {}),
    ],
)
def test_values_are_sent_as_they_are_meant(kind: Kind, typed: Any, sent: dict[str, Any]) -> None:
    assert body_of([(Field(path="x", label="X", kind=kind), typed)], BERLIN) == sent


def test_a_moment_that_nobody_changed_is_sent_as_the_api_had_it() -> None:
    field = Field(path="x", label="X", kind="moment", value="2030-06-01T10:00:37.250Z")
    assert body_of([(field, "2030-06-01T12:00:37")], BERLIN) == {"x": "2030-06-01T10:00:37.250Z"}
    assert body_of([(field, "2030-06-01T12:00:38")], BERLIN) == {"x": "2030-06-01T12:00:38+02:00"}
    assert body_of([(field, "")], BERLIN) == {}


def test_paths_make_objects() -> None:
    fields = [(Field(path="message.content", label=""), "hello"), (Field(path="message.format", label=""), "UTF8")]
    assert body_of(fields, BERLIN) == {"message": {"content": "hello", "format": "UTF8"}}


def test_what_is_no_number_is_left_to_the_api() -> None:
    assert number("0x10") == "0x10"
