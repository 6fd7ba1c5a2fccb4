"""What is concluded of an update that was on its way to its station when the server was killed."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from stationmaster.csms.firmware.watch import DOUBT, is_lost
from stationmaster.domain.command import Command
from stationmaster.domain.firmware.updates import PATIENCE, FirmwareUpdate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SENT = Command(
    key=1,
    station_key=1,
    tenant="default",
    kind="UpdateFirmware",
    request={},
    state="unknown",
    created_at=NOW,
    expires_at=NOW + timedelta(hours=1),
    sent_at=NOW,
)
ASKED = FirmwareUpdate(
    key=1,
    tenant="default",
    station_key=1,
    request_id=1,
    state="requested",
    created_at=NOW,
    updated_at=NOW,
    silent_at=NOW + PATIENCE,
)


def test_it_is_lost_when_nothing_was_told_so_long_after_it_was_due() -> None:
    assert not is_lost(SENT, ASKED, NOW + DOUBT - timedelta(seconds=1))
    assert is_lost(SENT, ASKED, NOW + DOUBT)


def test_one_that_is_due_later_is_waited_for() -> None:
    tonight = timedelta(hours=8)
    later = replace(ASKED, silent_at=NOW + tonight + PATIENCE)
    assert not is_lost(SENT, later, NOW + DOUBT)
    assert is_lost(SENT, later, NOW + tonight + DOUBT)


@pytest.mark.parametrize("state", ["accepted", "under_way", "installed"])
def test_one_that_the_station_has_told_of_is_not_lost(state: str) -> None:
    assert not is_lost(SENT, replace(ASKED, state=state), NOW + timedelta(days=1))


@pytest.mark.parametrize("state", ["sent", "accepted", "timed_out"])
def test_only_a_command_of_unknown_fate_can_be(state: str) -> None:
    assert not is_lost(replace(SENT, state=state), ASKED, NOW + timedelta(days=1))
