"""VAT numbers: whether one can be a number of its country. Whether anybody has it, only the country knows.

The countries are those of the European Union and Northern Ireland (XI), with Great Britain and Switzerland beside.
"""

import re
from collections.abc import Callable, Mapping, Sequence

MAX_LENGTH = 20
_SEPARATORS = str.maketrans("", "", " .-/")

_FORMS: Mapping[str, str] = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CHE": r"\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"[1-9]\d{8}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"(\d{7}[A-Z]{1,2}|\d[A-Z+*]\d{5}[A-Z])",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
}
_PATTERNS = {country: re.compile(form, re.ASCII) for country, form in _FORMS.items()}


def normal(number: str) -> str:
    """Without what only separates its parts, in capitals."""
    return number.translate(_SEPARATORS).upper()


def can_be(number: str) -> bool:
    """Whether a country could have given out this number: its form, and its check digits where they are known here.
    Without a country's letters it says nothing."""
    text = normal(number)
    if len(number) > MAX_LENGTH or not text.isascii():
        return False
    country = "CHE" if text.startswith("CHE") else text[:2]
    pattern, rest = _PATTERNS.get(country), text[len(country) :]
    if pattern is None or pattern.fullmatch(rest) is None:
        return False
    checked = _CHECKS.get(country)
    return checked is None or checked([int(digit) for digit in rest if digit.isdecimal()])


def _weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _austria(digits: Sequence[int]) -> bool:
    """As Luhn's, counted from the left, with 4 added."""
    doubled = sum(sum(divmod(digit * 2, 10)) if place % 2 else digit for place, digit in enumerate(digits[:7]))
    return (10 - (doubled + 4) % 10) % 10 == digits[7]


def _belgium(digits: Sequence[int]) -> bool:
    whole = int("".join(map(str, digits)))
    return 97 - whole // 100 % 97 == whole % 100


def _denmark(digits: Sequence[int]) -> bool:
    return _weighted(digits, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def _finland(digits: Sequence[int]) -> bool:
    return _weighted(digits, (7, 9, 10, 5, 8, 4, 2, 1)) % 11 == 0


def _germany(digits: Sequence[int]) -> bool:
    """ISO 7064, MOD 11,10."""
    product = 10
    for digit in digits[:-1]:
        product = 2 * ((digit + product) % 10 or 10) % 11
    return (11 - product) % 10 == digits[-1]


def _italy(digits: Sequence[int]) -> bool:
    """Luhn's."""
    return sum(sum(divmod(digit * 2, 10)) if place % 2 else digit for place, digit in enumerate(digits)) % 10 == 0


def _luxembourg(digits: Sequence[int]) -> bool:
    whole = int("".join(map(str, digits)))
    return whole // 100 % 89 == whole % 100


def _poland(digits: Sequence[int]) -> bool:
    return _weighted(digits, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == digits[-1]


def _portugal(digits: Sequence[int]) -> bool:
    rest = 11 - _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest > 9 else rest) == digits[-1]


_CHECKS: Mapping[str, Callable[[Sequence[int]], bool]] = {
    "AT": _austria,
    "BE": _belgium,
    "DE": _germany,
    "DK": _denmark,
    "FI": _finland,
    "IT": _italy,
    "LU": _luxembourg,
    "PL": _poland,
    "PT": _portugal,
}
