from decimal import Decimal

import msgspec
import pytest

from stationmaster.dialects.plain import decimal_text, exact, plain_of, struct_of
from stationmaster.dialects.words import clip, whole, words
from stationmaster.ocpp import v21

PERIOD = {"startPeriod": 0, "limit": Decimal("8.1")}


def test_a_part_becomes_a_struct_and_a_dict_again() -> None:
    struct = struct_of({"startPeriod": 0, "limit": 8.1}, v21.ChargingSchedulePeriodType)
    assert struct.limit == Decimal("8.1")
    assert plain_of(struct) == PERIOD


def test_a_part_that_does_not_fit_names_the_member() -> None:
    with pytest.raises(msgspec.ValidationError, match="startPeriod"):
        struct_of({"startPeriod": "now"}, v21.ChargingSchedulePeriodType)


def test_floats_become_the_decimals_they_are_written_as_at_any_depth() -> None:
    assert exact({"a": (0.1, [8.1]), "b": 3, "c": "x"}) == {"a": [Decimal("0.1"), [Decimal("8.1")]], "b": 3, "c": "x"}


@pytest.mark.parametrize(
    ("number", "text"), [("1E+3", "1000"), ("12.50", "12.50"), ("1E-7", "0.0000001"), ("-0", "-0")]
)
def test_numbers_are_written_without_an_exponent(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


def test_words_are_those_of_the_type() -> None:
    assert words(v21.UnlockStatusEnumType)["Unlocked"] == "Unlocked"
    assert "Open" not in words(v21.UnlockStatusEnumType)


def test_a_text_is_cut_to_its_field_and_absent_text_stays_absent() -> None:
    assert clip("abcdef", 3) == "abc"
    assert clip(None, 3) is None


def test_an_identifier_is_whole_or_not_there() -> None:
    assert whole("abc", 3) == "abc"
    assert whole("abcd", 3) is None
    assert whole(None, 3) is None
