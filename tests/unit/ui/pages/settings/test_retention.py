"""How long things are kept, in words."""

import msgspec

from stationmaster.api.retention import TermsResource
from stationmaster.ui.pages.settings.retention import KINDS, kept, rows_of


def test_every_kind_that_the_api_has_is_named() -> None:
    assert set(KINDS) == {field.name for field in msgspec.structs.fields(TermsResource)}


def test_times_are_told_with_their_unit() -> None:
    assert kept("audit_days", 730) == "730 days"
    assert kept("audit_days", 1) == "1 day"
    assert kept("downsample_minutes", 15) == "15 minutes"
    assert kept("audit_days", None) == "for ever"


def test_a_row_says_who_said_so() -> None:
    found = {"own": {"audit_days": 0, "frames_days": None}, "in_force": {"audit_days": None, "frames_days": 14, "x": 3}}
    assert rows_of(found) == [
        {"kind": "Audit log", "kept": "for ever", "by": "you"},
        {"kind": "OCPP messages", "kept": "14 days", "by": "the node"},
        {"kind": "x", "kept": "3 days", "by": "the node"},
    ]
