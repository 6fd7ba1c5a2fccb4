"""One status word for the many results of one request."""

import pytest

from stationmaster.domain.statuses import in_one_word, worst


@pytest.mark.parametrize(
    ("statuses", "word", "worst_of_them"),
    [
        (["Accepted", "Accepted"], "Accepted", "Accepted"),
        (["Accepted", "RebootRequired"], "RebootRequired", "RebootRequired"),
        (["RebootRequired", "UnknownVariable", "Rejected"], "Partial", "UnknownVariable"),
        (["Accepted", "Duplicate"], "Partial", "Duplicate"),
        (["Duplicate", "Rejected"], "Duplicate", "Duplicate"),
        ([], "Accepted", "Accepted"),
    ],
)
def test_a_mixed_result_is_told_from_a_refusal(statuses: list[str], word: str, worst_of_them: str) -> None:
    assert (in_one_word(statuses), worst(iter(statuses))) == (word, worst_of_them)
