"""What tokens are worded like."""

from stationmaster.ui.pages.tokens.importing import in_words
from stationmaster.ui.pages.tokens.looks import rules_in_words

RULES = {
    "places": [{"station": 1, "evse_ids": [2, 3]}, {"station": 9, "evse_ids": []}],
    "kinds": {"currents": ["DC"], "connector_types": ["cCCS2"]},
    "windows": [{"days": ["Monday"], "from": "22:00", "to": "06:00"}],
    "time_zone": "Europe/Berlin",
    "quota": {"starts": 3, "period": "week"},
}


def test_rules_in_words() -> None:
    assert rules_in_words(None, {}) == []
    assert rules_in_words(RULES, {1: "CS-1"}) == [
        "Only at CS-1 (EVSE 2, 3), station 9",
        "Only DC",
        "Only with cCCS2",
        "Monday from 22:00 to 06:00",
        "At most 3 starts a week",
        "Times are those of Europe/Berlin",
    ]


def test_what_became_of_a_file_says_whether_anything_is_stored() -> None:
    found = {"stored": False, "created": 1, "changed": 0, "unchanged": 2, "wrong": 1, "lines": []}
    assert in_words(found) == "Nothing is stored yet: 1 new, 2 known already, 1 wrong."
    assert in_words(found | {"stored": True, "wrong": 0}) == "Imported: 1 new, 2 known already."
