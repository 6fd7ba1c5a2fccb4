"""What pages there are, and who is offered them."""

from pathlib import Path

import pytest

from stationmaster.ui.navigation import ENTRIES, ROLES, entry_of, may


def test_each_page_stands_once_in_the_menu() -> None:
    assert len({entry.path for entry in ENTRIES}) == len({entry.title for entry in ENTRIES}) == len(ENTRIES)


def test_groups_are_not_torn_apart() -> None:
    groups = [entry.group for entry in ENTRIES]
    assert sorted(groups, key=groups.index) == groups


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/", "/"),
        ("/stations", "/stations"),
        ("/stations/17", "/stations"),
        ("/stations/17/messages", "/stations"),
        ("/stationsandmore", None),
        ("/tariffs/_/new", "/tariffs"),
        ("/nowhere", None),
    ],
)
def test_an_inner_page_belongs_to_its_list(path: str, found: str | None) -> None:
    entry = entry_of(path)
    assert (entry.path if entry else None) == found


def test_a_role_may_what_the_lesser_ones_may() -> None:
    assert [[may(role, needed) for needed in ROLES] for role in ROLES] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


@pytest.mark.parametrize("role", ["", "root", "Administrator"])
def test_a_role_that_nobody_knows_may_nothing(role: str) -> None:
    assert not may(role, "viewer")


def test_each_entry_has_a_page() -> None:
    pages = Path(__file__).parents[3] / "src" / "stationmaster" / "ui" / "pages"
    made = "\n".join(file.read_text("utf-8") for file in pages.rglob("*.py"))
    missing = [entry.path for entry in ENTRIES if f'@page("{entry.path}"' not in made]
    assert missing == []
