import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.payment.vat import can_be, normal

GOOD = [
    "ATU13585627",
    "BE0428759497",
    "CHE-123.456.788 MWST",
    "DE136695976",
    "DK13585628",
    "ES B5871850 1",
    "FI20774740",
    "FR40303265045",
    "IE6433435F",
    "IT00743110157",
    "LU15027442",
    "NL004495445B01",
    "PL8567346215",
    "PT501964843",
    "SE123456789701",
]


@pytest.mark.parametrize("number", GOOD)
def test_a_number_of_its_country_s_form_can_be(number: str) -> None:
    assert can_be(number)
    assert can_be(number.lower())


@pytest.mark.parametrize("number", [n for n in GOOD if n[:2] in ("AT", "BE", "DE", "DK", "FI", "IT", "LU", "PL", "PT")])
def test_a_digit_that_was_misread_is_noticed_where_the_country_has_check_digits(number: str) -> None:
    wrong = number[:-3] + str((int(number[-3]) + 1) % 10) + number[-2:]
    assert not can_be(wrong)


@pytest.mark.parametrize(
    "number", ["", "DE", "136695976", "XX123456789", "DE12345678", "DE1366959766", "DE١٣٦٦٩٥٩٧٦", "D" * 10_000]
)
def test_what_has_no_country_s_form_cannot_be(number: str) -> None:
    assert not can_be(number)


@given(st.text(max_size=40))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert can_be(text) in (True, False)


def test_separators_do_not_count() -> None:
    assert normal("de 136.695-976") == "DE136695976"
