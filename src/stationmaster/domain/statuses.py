"""One status word for the many results of one request."""

from collections.abc import Iterable

PARTIAL = "Partial"
"""Some of it was taken, some was not: see the results. Not a word of the specification."""

AGREED: frozenset[str] = frozenset({"Accepted", "RebootRequired"})
"""By these a station takes what it was asked."""


def worst(statuses: Iterable[str]) -> str:
    """The first refusal, else RebootRequired where one needs it, else Accepted."""
    told = tuple(statuses)
    refused = next((status for status in told if status not in AGREED), None)
    return refused or ("RebootRequired" if "RebootRequired" in told else "Accepted")


def in_one_word(statuses: Iterable[str]) -> str:
    """Partial where some agree and some refuse, else the :func:`worst`."""
    told = tuple(statuses)
    is_mixed = len({status in AGREED for status in told}) > 1
    return PARTIAL if is_mixed else worst(told)
