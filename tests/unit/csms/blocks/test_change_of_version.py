"""What a boot in another version leaves of what is known of a station."""

from datetime import UTC, datetime

import pytest

from stationmaster.csms.blocks.change_of_version import forgets_other_versions, having_spoken
from stationmaster.csms.blocks.reports import INVENTORY_OF
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import BootNotification, StationInfo
from stationmaster.domain.records import Learned, Unlearned
from stationmaster.domain.station import Station, StationState

NOW = datetime(2026, 12, 1, tzinfo=UTC)
BOOT = BootNotification(station=StationInfo())
LEARNED = {
    "can:LocalAuthList": "no",
    "most:items:GetVariables": "4",
    "told:HeartbeatInterval": "60",
    INVENTORY_OF: "Maker|Model||1",
    "web_payment_codes": "1 2 3",
}
boots = forgets_other_versions(lambda state, request, at: Decision(state=state))


def station(version: str | None, **learned: str) -> StationState:
    known = Station(key=1, tenant="default", identity="CS-1", created_at=NOW, version=version)
    return StationState(station=known, learned=learned)


@pytest.mark.parametrize(
    ("before", "now", "left"),
    [
        ("1.6", "2.0.1", {"web_payment_codes"}),
        ("2.1", "1.5", {"web_payment_codes"}),
        ("1.5", "1.6", LEARNED.keys() - {INVENTORY_OF}),
        ("2.0.1", "2.1", LEARNED.keys() - {INVENTORY_OF}),
        ("2.1", "2.1", LEARNED.keys()),
    ],
)
def test_what_blocks_remember_stays_and_what_it_told_goes_with_its_generation(before, now, left) -> None:
    decision = boots(station(now, spoke=before, **LEARNED), BOOT, NOW)
    assert decision.state is not None
    assert decision.state.learned.keys() - {"spoke"} == left
    gone = {record.name for record in decision.records if isinstance(record, Unlearned)}
    assert gone == LEARNED.keys() - left
    assert decision.state.learned["spoke"] == now
    told = [(event.kind, event.data) for event in decision.events]
    assert told == ([] if before == now else [("StationVersionChanged", {"before": before, "now": now})])


def test_at_the_first_boot_there_is_nothing_to_forget() -> None:
    decision = boots(station("2.0.1", **LEARNED), BOOT, NOW)
    assert decision.records == (Learned(station_key=1, name="spoke", value="2.0.1"),)
    assert decision.events == ()


def test_a_station_whose_boots_were_not_noted_yet_spoke_what_it_connected_with_last() -> None:
    assert having_spoken(station("1.6"), "2.0.1").learned == {"spoke": "1.6"}
    assert having_spoken(station("1.5", spoke="1.6"), "2.0.1").learned == {"spoke": "1.6"}
    assert having_spoken(station("2.0.1"), "2.0.1").learned == {}
    assert having_spoken(station(None), "2.0.1").learned == {}
