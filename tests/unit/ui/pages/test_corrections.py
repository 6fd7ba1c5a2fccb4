"""Which ends of a transaction a correction sends: what nobody touched is not billed anew."""

from zoneinfo import ZoneInfo

import pytest

from stationmaster.ui.api import Problem
from stationmaster.ui.pages.transactions.corrections import changed_times

BERLIN = ZoneInfo("Europe/Berlin")
TOLD = {"started_at": "2030-06-01T08:00:59.900Z", "ended_at": "2030-06-01T09:00:30Z"}
SHOWN = {"started_at": "2030-06-01T10:00:59", "ended_at": "2030-06-01T11:00:30"}
BEFORE_IT = "2030-06-01T10:00:00"


def test_the_start_stays_to_the_second_where_only_the_end_is_corrected() -> None:
    sent = changed_times(TOLD, SHOWN | {"ended_at": "2030-06-01T10:30"}, BERLIN)
    assert sent == {"started_at": None, "ended_at": "2030-06-01T10:30:00+02:00"}


def test_both_ends_are_sent_where_both_are_corrected() -> None:
    typed = {"started_at": "2030-06-01T10:05:00", "ended_at": "2030-06-01T10:30:00"}
    assert changed_times(TOLD, typed, BERLIN) == {name: f"{at}+02:00" for name, at in typed.items()}


def test_an_end_that_was_never_told_can_be_said() -> None:
    sent = changed_times(TOLD | {"ended_at": None}, SHOWN, BERLIN)
    assert sent == {"started_at": None, "ended_at": "2030-06-01T11:00:30+02:00"}


@pytest.mark.parametrize("typed", [SHOWN, {"started_at": "", "ended_at": None}])
def test_a_correction_that_changes_nothing_is_not_sent(typed: dict[str, str | None]) -> None:
    with pytest.raises(Problem) as refused:
        changed_times(TOLD, typed, BERLIN)
    assert refused.value.errors == (("body.ended_at", "neither its start nor its end is changed"),)


@pytest.mark.parametrize(("typed", "sent"), [("tomorrow", "tomorrow"), (BEFORE_IT, f"{BEFORE_IT}+02:00")])
def test_what_is_no_end_of_it_is_left_for_the_api_to_find_wrong(typed: str, sent: str) -> None:
    assert changed_times(TOLD, SHOWN | {"ended_at": typed}, BERLIN) == {"started_at": None, "ended_at": sent}
