"""What the lenient twins still understand, and what not even they do."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.ocpp.loose import read_flag, read_moment, read_number, read_text, read_whole

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read", "value", "meaning"),
    [
        (read_text, "a", "a"),
        (read_text, 230, "230"),
        (read_text, Decimal("1E+2"), "100"),
        (read_text, True, "true"),
        (read_number, " 12.5 ", Decimal("12.5")),
        (read_number, 3, Decimal(3)),
        (read_whole, 5, 5),
        (read_whole, "7", 7),
        (read_whole, Decimal("5.0"), 5),
        (read_whole, Decimal("1234.6"), 1235),
        (read_flag, False, False),
        (read_flag, "True", True),
        (read_flag, 0, False),
        (read_flag, "1", True),
        (read_moment, "2026-01-02T12:00:00Z", NOON),
        (read_moment, "2026-01-02t12:00:00z", NOON),
        (read_moment, "2026-01-02 12:00:00", NOON),
        (read_moment, "2026-01-02T14:00:00+0200", NOON),
        (read_moment, "2026-01-02T12:00", NOON),
    ],
)
def test_a_value_is_read_by_its_meaning(read: Callable[[object], Any], value: object, meaning: object) -> None:
    found = read(value)
    assert (found, type(found)) == (meaning, type(meaning))


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read_text, []),
        (read_text, {}),
        (read_number, "watt"),
        (read_number, "NaN"),
        (read_number, True),
        (read_number, "1" * 10_000),
        (read_whole, "x"),
        (read_whole, 2**63),
        (read_whole, "1e300"),
        (read_flag, "maybe"),
        (read_flag, 2),
        (read_flag, []),
        (read_moment, 1_700_000_000),
        (read_moment, "yesterday"),
        (read_moment, "0001-01-01T00:00:00+05:00"),
        (read_moment, "2" * 10_000),
    ],
)
def test_what_has_no_meaning_is_an_error(read: Callable[[object], Any], value: object) -> None:
    with pytest.raises(ValueError, match=r"Expected|range|Invalid"):
        read(value)
