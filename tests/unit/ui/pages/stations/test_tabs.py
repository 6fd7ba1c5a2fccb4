"""What the tabs of a station make of the API's answers."""

from datetime import UTC
from typing import Any

import pytest

from stationmaster.ui.api import Problem
from stationmaster.ui.pages.stations import charging_profiles, data_transfers, firmware, firmware_images, messages
from stationmaster.ui.pages.stations.logs import noticed
from stationmaster.ui.pages.stations.logs.monitors import condition
from stationmaster.ui.pages.stations.logs.uploads import file_cell
from stationmaster.ui.pages.stations.more.batteries import in_words
from stationmaster.ui.pages.stations.more.streams import stream_in_words
from stationmaster.ui.pages.stations.tabs import TABS

UPDATE = {
    "created_at": "2030-01-01T12:00:00Z",
    "requested_at": "2030-01-01T12:00:01Z",
    "confirmed_at": None,
    "version": "2.0",
}


def test_tabs_have_names_of_their_own() -> None:
    assert len({tab.name for tab in TABS}) == len(TABS)


def test_an_update_is_told_from_the_wish_to_the_boot() -> None:
    said = {"at": "2030-01-01T12:01:00Z", "status": "Installed", "in_order": False, "info": "at last"}
    confirmed = {**UPDATE, "confirmed_at": "2030-01-01T12:02:00Z"}
    told = firmware.moments({"update": confirmed, "statuses": [said]})
    assert [one.what for one in told] == ["Asked for", "Sent to the station", "Installed", "Booted with 2.0"]
    assert told[2].detail == "at last; does not follow from what was said before"
    assert [one.what for one in firmware.moments({"update": {**UPDATE, "requested_at": None}, "statuses": []})] == [
        "Asked for"
    ]


def test_only_images_that_are_there_can_be_chosen() -> None:
    image = {"key": 1, "name": "A", "version": "2", "vendor": "V", "model": None, "signature": "s", "state": "ready"}
    bare = {**image, "key": 2, "vendor": None, "signature": None}
    assert firmware_images.images_to_choose([image, bare, {**image, "key": 3, "state": "empty"}]) == {
        1: "A 2 for V",
        2: "A 2, not signed",
    }


def test_a_file_is_a_link_once_it_is_there() -> None:
    upload: dict[str, Any] = {"station": 3, "key": 7, "filename": None, "file": None}
    assert file_cell(upload).href == ""
    there = file_cell({**upload, "file": {"name": None, "size_bytes": 12_400}})
    assert (there.text, there.href) == ("log 7, 12.4 kB", "/api/v1/stations/3/log-uploads/7/file")


def test_alarms_events_and_monitors_say_where_they_are() -> None:
    place = {
        "component": "Connector",
        "component_instance": None,
        "evse_id": 1,
        "connector_id": 2,
        "variable": "Problem",
        "variable_instance": None,
    }
    alarm = {**place, "code": "GroundFailure", "value": None, "info": "wet"}
    assert noticed.alarm_in_words(alarm) == "Connector@1.2.Problem: GroundFailure, wet"
    assert stream_in_words({**place, "id": 4}) == "Connector@1.2.Problem"
    assert stream_in_words({**place, "component": None, "id": 4}) == "stream 4"
    monitor = {"type": "UpperThreshold", "value": 80, "transaction": True}
    assert condition(monitor) == "rises above 80, only while charging"


@pytest.mark.parametrize(
    ("critical", "label"), [(True, "critical"), (False, "ordinary"), (None, "not in the specification")]
)
def test_how_bad_a_security_event_is(critical: bool | None, label: str) -> None:
    assert noticed.weight(critical).label == label


def test_vendors_data_is_json_where_it_is_some() -> None:
    assert data_transfers.read_data('{"a": 1}') == {"a": 1}
    assert data_transfers.read_data("on") == "on"
    assert data_transfers.shortened("x" * 200) == "x" * 120 + "…"
    assert data_transfers.shortened({"ä": 1}) == '{"ä": 1}'


def test_batteries_are_named_with_their_charge() -> None:
    assert in_words([{"serial_number": "B1", "soc_pct": 80}]) == "B1 (80 %)"
    assert in_words([]) == "–"


def test_a_schedule_of_any_version_is_told_in_periods() -> None:
    periods = [{"startPeriod": 0, "limit": 16.0, "numberPhases": 3}]
    old = {"chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}}
    new = {"schedule": {"chargingRateUnit": "W", "chargingSchedulePeriod": periods}}
    assert [p["most"] for p in charging_profiles.periods_of(charging_profiles.schedule_of(old))] == ["16.0 A"]
    assert [p["most"] for p in charging_profiles.periods_of(charging_profiles.schedule_of(new))] == ["16.0 W"]
    assert charging_profiles.periods_of(charging_profiles.schedule_of({"status": "Rejected"})) == []


def test_calls_by_hand_are_those_that_go_to_stations_and_are_answered() -> None:
    def action(name: str, sender: str, *, answered: bool = True) -> dict[str, Any]:
        return {"action": name, "sender": sender, "answered": answered}

    known = [action("Reset", "csms"), action("DataTransfer", "both"), action("Authorize", "station")]
    assert messages.actions_to_call({"actions": [*known, action("Send", "csms", answered=False)]}) == {
        "Reset": "Reset",
        "DataTransfer": "DataTransfer",
    }


def test_a_call_that_is_refused_names_its_members() -> None:
    problem = Problem(422, "The payload is no Reset.", (("body.payload.type", "is missing"),))
    assert messages.refusal_in_words(problem) == "The payload is no Reset. payload.type: is missing"


def test_facts_of_an_update_say_why() -> None:
    class Looking:
        zone = UTC

    told = firmware.facts({**UPDATE, "detail": "no room", "from_version": "1.0"}, Looking())  # type: ignore[arg-type]
    assert told["Newest update"] == "asked for 2030-01-01 12:00:00: no room"
