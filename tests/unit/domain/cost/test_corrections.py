"""The ends of a session that are corrected one by one stay in order."""

from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.domain.cost.corrections import Correction, TimesChange, ends_crossed
from stationmaster.domain.cost.evidence import Evidence

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
END = START + timedelta(hours=2)
TOLD = Evidence(started_at=START, ended_at=END)
NEVER_ENDED = Evidence(started_at=START)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("change", "evidence", "crossed"),
    [
        (TimesChange(started_at=END - MINUTE), TOLD, False),
        (TimesChange(started_at=END), TOLD, True),
        (TimesChange(ended_at=START + MINUTE), TOLD, False),
        (TimesChange(ended_at=START), TOLD, True),
        (TimesChange(started_at=END, ended_at=END + MINUTE), TOLD, False),
        (TimesChange(started_at=END, ended_at=START), NEVER_ENDED, True),
        (TimesChange(started_at=END), NEVER_ENDED, False),
    ],
)
def test_an_end_is_compared_with_the_other_one_as_it_is_told(
    change: TimesChange, evidence: Evidence, crossed: bool
) -> None:
    assert ends_crossed(change, evidence, ()) is crossed


def test_an_end_is_compared_with_the_other_one_as_it_was_corrected_before() -> None:
    later = TimesChange(ended_at=END + 2 * MINUTE)
    before = Correction(key=1, at=END, by="ada", reason="the clock was wrong", change=later)
    assert not ends_crossed(TimesChange(started_at=END + MINUTE), TOLD, (before,))
