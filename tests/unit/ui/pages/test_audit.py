"""What the audit log says, in words."""

import pytest

from stationmaster.ui.pages.audit import actor_of, deed_of, outcome_of, short_path


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("person", "jo", "jo"),
        ("api_key", "billing", "key billing"),
        ("command_line", "", "the command line"),
        ("nobody", "", "somebody unknown"),
        ("person", "", "–"),
    ],
)
def test_whoever_did_it_is_told_apart(kind: str, name: str, said: str) -> None:
    assert actor_of({"actor_kind": kind, "actor": name}) == said


@pytest.mark.parametrize(
    ("status", "said", "tone"),
    [
        (201, "done (201)", "good"),
        (403, "refused (403)", "warn"),
        (503, "failed (503)", "bad"),
        (None, "nobody was told", "bad"),
        (302, "(302)", "quiet"),
    ],
)
def test_an_outcome_has_a_word_and_a_colour(status: int | None, said: str, tone: str) -> None:
    look = outcome_of(status)
    assert (look.label.strip(), look.tone) == (said, tone)


def test_operations_and_paths_are_shortened_to_be_read() -> None:
    assert deed_of("reset_password") == "reset password"
    assert short_path("/api/v1/people/7") == "/people/7"
