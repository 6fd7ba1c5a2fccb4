"""What the CSMS keeps of network profiles."""

from datetime import UTC, datetime

import msgspec
import pytest

from stationmaster.csms.blocks.network_profile import taken
from stationmaster.domain.device_model.network_profile import NetworkProfile, SetNetworkProfile
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.station import Station, StationState

AT = datetime(2026, 5, 1, tzinfo=UTC)
STATE = StationState(station=Station(key=7, tenant="default", identity="CS-1", created_at=AT))
REQUEST = SetNetworkProfile(
    slot=2,
    profile=NetworkProfile(
        csms_url="wss://c.test", message_timeout_s=30, security_profile=2, basic_auth_password="the-secret-of-all"
    ),
)


def test_B09_an_accepted_profile_is_kept_and_told_without_its_secrets():
    decision = taken(STATE, AT, request=REQUEST, answer=CommandAnswer(status="Accepted"), command=None)
    (record,) = decision.records
    assert (record.station_key, record.slot, record.set_at) == (7, 2, AT)
    assert record.profile.csms_url == "wss://c.test"
    assert decision.events[0].data == {"slot": 2, "csms_url": "wss://c.test", "security_profile": 2}
    assert b"the-secret-of-all" not in msgspec.json.encode((record, decision.events))


@pytest.mark.parametrize("status", ["Rejected", "Failed", "SomethingElse"])
def test_TC_B_44_what_was_not_accepted_changes_nothing(status):
    assert taken(STATE, AT, request=REQUEST, answer=CommandAnswer(status=status), command=None) is None
