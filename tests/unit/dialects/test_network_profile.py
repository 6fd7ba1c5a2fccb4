"""B09 SetNetworkProfile in every version."""

import msgspec
import pytest

from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v1.network_profile import OUTGOING as OUTGOING_1
from stationmaster.dialects.v2.network_profile import read_set, set_profile, write_set, write_set_answer
from stationmaster.domain.device_model.network_profile import Apn, NetworkProfile, SetNetworkProfile, Vpn
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer
from stationmaster.ocpp import codec
from stationmaster.ocpp.v21 import lenient as wire
from stationmaster.ocpp.version import Version

SECOND_GENERATION = (Version.V20, Version.V201, Version.V21)
PLAIN = NetworkProfile(csms_url="wss://csms.test/ocpp", message_timeout_s=30, security_profile=2, ocpp_version="OCPP20")
FULL = NetworkProfile(
    csms_url="wss://csms.test/ocpp",
    message_timeout_s=30,
    security_profile=2,
    interface="Wireless1",
    ocpp_version="OCPP20",
    apn=Apn(
        apn="internet",
        authentication="CHAP",
        user_name="u",
        password="p",
        sim_pin=1234,
        preferred_network="00101",
        use_only_preferred_network=True,
    ),
    vpn=Vpn(server="vpn.test", user="u", password="p", key="k", type="IKEv2", group="g"),
)
NEWEST = NetworkProfile(
    csms_url="wss://csms.test/ocpp",
    message_timeout_s=30,
    security_profile=2,
    interface="Any",
    identity="CS-2",
    basic_auth_password="a-long-password-of-theirs",
)


def sent(version, profile):
    """What arrives of a profile over the wire of a version."""
    facts = StationFacts(version=str(version))
    message = write_set(facts, SetNetworkProfile(slot=2, profile=profile))
    raw = codec.write_request(version, "SetNetworkProfile", message)
    return read_set(facts, codec.read_request(version, "SetNetworkProfile", raw).message)


def without_security(profile):
    return msgspec.structs.replace(profile, security_profile=None)


@pytest.mark.parametrize("version", SECOND_GENERATION)
@pytest.mark.parametrize("profile", [PLAIN, FULL])
def test_a_profile_arrives_as_it_was_sent(version, profile):
    arrived = sent(version, profile)
    assert arrived.slot == 2
    assert arrived.profile == (without_security(profile) if version is Version.V20 else profile)


def test_what_is_new_in_2_1_arrives_there():
    assert sent(Version.V21, NEWEST).profile == NEWEST


@pytest.mark.parametrize("version", [Version.V20, Version.V201])
def test_what_is_new_in_2_1_is_refused_for_older_stations_not_dropped(version):
    with pytest.raises(codec.CannotCarry):
        sent(version, msgspec.structs.replace(NEWEST, basic_auth_password=None))


@pytest.mark.parametrize("version", [Version.V20, Version.V201])
def test_for_a_password_in_a_profile_older_stations_have_another_place(version):
    with pytest.raises(Unsupported, match=r"set SecurityCtrlr\.BasicAuthPassword with SetVariables"):
        sent(version, NEWEST)


@pytest.mark.parametrize("named", [None, "OCPP201"])
def test_TC_B_42_before_2_1_the_version_is_named_OCPP20(named):
    profile = NetworkProfile(csms_url="ws://c", message_timeout_s=1, security_profile=1, ocpp_version=named)
    assert sent(Version.V201, profile).profile.ocpp_version == "OCPP20"
    assert sent(Version.V21, profile).profile.ocpp_version == named


def test_2_0_says_that_it_cannot_carry_the_security_profile():
    exchange = set_profile(StationFacts(version="2.0"), SetNetworkProfile(slot=1, profile=PLAIN))
    next(exchange)
    with pytest.raises(StopIteration) as done:
        exchange.send(wire.SetNetworkProfileResponse(status="Accepted"))
    assert done.value.value.status == "Accepted"
    assert "security profile" in done.value.value.info


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "Failed"])
def test_TC_B_44_every_answer_is_written_and_read(status):
    facts, request = StationFacts(version="2.0.1"), SetNetworkProfile(slot=1, profile=PLAIN)
    written = write_set_answer(facts, request, CommandAnswer(status=status, reason="Other"))
    raw = codec.write_response(Version.V201, "SetNetworkProfile", written)
    exchange = set_profile(facts, request)
    next(exchange)
    with pytest.raises(StopIteration) as done:
        exchange.send(codec.read_response(Version.V201, "SetNetworkProfile", raw).message)
    assert (done.value.value.status, done.value.value.reason) == (status, "Other")


@pytest.mark.parametrize(
    "message",
    [
        wire.SetNetworkProfileRequest(connection_data=wire.NetworkConnectionProfileType()),
        wire.SetNetworkProfileRequest(configuration_slot=1),
    ],
)
def test_a_message_without_slot_or_profile_is_about_nothing(message):
    with pytest.raises(Unattributable):
        read_set(StationFacts(version="2.0.1"), message)


def test_what_is_missing_of_a_profile_is_left_to_the_station_to_refuse():
    message = wire.SetNetworkProfileRequest(
        configuration_slot=1,
        connection_data=wire.NetworkConnectionProfileType(apn=wire.APNType(), vpn=wire.VPNType()),
    )
    profile = read_set(StationFacts(version="2.0.1"), message).profile
    assert (profile.csms_url, profile.message_timeout_s, profile.transport) == ("", 0, "")


@pytest.mark.parametrize("changes", [{"transport": "Pigeon"}, {"interface": "Wired9"}, {"ocpp_version": "OCPP99"}])
def test_words_that_2_x_does_not_have_are_refused(changes):
    profile = msgspec.structs.replace(PLAIN, **changes)
    with pytest.raises(Unsupported):
        write_set(StationFacts(version="2.1"), SetNetworkProfile(slot=1, profile=profile))


def test_a_profile_without_security_cannot_be_sent():
    with pytest.raises(Unsupported):
        write_set(StationFacts(version="2.1"), SetNetworkProfile(slot=1, profile=without_security(PLAIN)))


def test_1_x_has_no_network_profiles():
    exchange = OUTGOING_1[SetNetworkProfile](StationFacts(version="1.6"), SetNetworkProfile(slot=1, profile=PLAIN))
    with pytest.raises(Unsupported, match="no network profiles"):
        next(exchange)
