"""B09: what a station may refuse, and what nobody may see."""

import pytest

from stationmaster.domain.device_model.network_profile import (
    Apn,
    Capabilities,
    NetworkProfile,
    SetNetworkProfile,
    Vpn,
    problem_of,
    without_secrets,
)

CAN = Capabilities(slots=(1, 2), versions=("OCPP20",), interfaces=("Wired0",), security_profiles=(0, 1, 2))
SECRET = NetworkProfile(
    csms_url="wss://csms.test/ocpp",
    message_timeout_s=30,
    security_profile=2,
    basic_auth_password="first-secret",
    apn=Apn(apn="internet", authentication="AUTO", user_name="u", password="second-secret", sim_pin=1234),
    vpn=Vpn(server="v", user="u", password="third-secret", key="fourth-secret", type="IKEv2"),
)


def profile(security=1, **fields):
    url = "wss://csms.test" if security >= 2 else "ws://csms.test"
    return NetworkProfile(**({"csms_url": url, "message_timeout_s": 30, "security_profile": security} | fields))


def test_what_can_be_used_is_not_refused():
    assert problem_of(2, profile(), 1, CAN) is None
    assert problem_of(2, profile(2, ocpp_version="OCPP20"), 1, CAN) is None


@pytest.mark.parametrize(
    ("active", "new", "may", "refused"),
    [
        (2, 1, False, True),
        (3, 2, False, True),
        (1, 1, False, False),
        (1, 2, False, False),
        (3, 2, True, False),
        (2, 1, True, True),
        (3, 1, True, True),
    ],
)
def test_B09_FR_04_31_security_is_lowered_only_where_allowed_and_never_to_1(active, new, may, refused):
    can = Capabilities(
        slots=(1, 2), versions=(), interfaces=("Wired0",), security_profiles=(1, 2, 3), may_downgrade=may
    )
    problem = problem_of(1, profile(new), active, can)
    assert (problem is not None and problem.reason == "NoSecurityDowngrade") == refused


def test_B09_FR_05_the_slot_is_looked_at_first():
    assert problem_of(3, profile(0), 1, CAN).reason == "InvalidConfSlot"


@pytest.mark.parametrize(
    "url",
    ["", "csms.test", "http://csms.test", "ws://", "ws://a:b@csms.test", "ws://csms.test?x=1", "ws://[::", "ws://h:x"],
)
def test_B09_FR_02_only_an_address_that_can_be_dialled_is_taken(url):
    assert problem_of(1, profile(csms_url=url), 1, CAN).reason == "InvalidNetworkConf"


def test_a_version_that_tells_no_security_profile_means_the_one_in_use():
    assert problem_of(1, profile(csms_url="wss://csms.test", security_profile=None), 2, CAN) is None


def test_secrets_are_neither_kept_nor_shown():
    shown = repr(SetNetworkProfile(slot=1, profile=SECRET)) + repr(without_secrets(SECRET)) + repr(SECRET.vpn)
    assert "secret" not in shown and "1234" not in shown
    assert "wss://csms.test/ocpp" in shown


def test_a_profile_without_secrets_stays_what_it_is():
    assert without_secrets(profile()) == profile()
