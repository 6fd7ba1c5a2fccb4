"""Campaigns in words."""

from typing import Any

import pytest

from stationmaster.ui.pages.firmware.drawing_up import seconds
from stationmaster.ui.pages.firmware.looks import CAMPAIGNS, DEEDS, progress_in_words, share_of
from stationmaster.ui.pages.firmware.one import plan_in_words

NOTHING = dict.fromkeys(("done", "under_way", "waiting", "failed", "offline", "skipped", "withdrawn"), 0)


def test_progress_names_only_what_there_is() -> None:
    progress = NOTHING | {"stations": 40, "done": 12, "under_way": 3, "failed": 1, "waiting": 24}
    assert progress_in_words(progress) == "12 of 40 done, 3 under way, 24 waiting, 1 failed"
    assert progress_in_words(NOTHING | {"stations": 2, "done": 2}) == "2 of 2 done"


def test_a_bar_is_filled_by_shares() -> None:
    progress = NOTHING | {"stations": 8, "done": 1, "skipped": 1, "under_way": 2}
    assert (share_of(progress, "done", "skipped"), share_of(progress, "under_way")) == (0.25, 0.25)
    assert share_of(NOTHING | {"stations": 0}, "done") == 0


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"max_failures": 0, "soak_s": 0}, "bears no failure"),
        ({"max_failures": 1, "soak_s": 0}, "bears 1 failure"),
        ({"max_failures": 5, "soak_s": 1200}, "bears 5 failures, then waits 20 min"),
    ],
)
def test_a_wave_says_what_it_bears(plan: dict[str, Any], words: str) -> None:
    assert plan_in_words(plan) == words


def test_every_deed_is_of_states_that_there_are() -> None:
    assert all(deed.states <= CAMPAIGNS.keys() for deed in DEEDS)


def test_all_but_a_pause_is_asked_about_before_it_is_done() -> None:
    assert {deed.word for deed in DEEDS if not deed.question} == {"pause"}


def test_minutes_that_are_none_go_on_to_the_api_as_they_are() -> None:
    assert (seconds(5), seconds(0.5), seconds("a while")) == (300, 30.0, "a while")
