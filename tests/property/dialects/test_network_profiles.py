"""Any network profile is kept as it is, and shown without its secrets; the round trip is one of all requests."""

import msgspec
from hardware_strategies import network_profiles
from hypothesis import given

from stationmaster.domain.device_model.network_profile import NetworkProfile, without_secrets


@given(profile=network_profiles)
def test_a_profile_is_kept_as_it_is_and_shown_without_its_secrets(profile: NetworkProfile) -> None:
    assert msgspec.json.decode(msgspec.json.encode(profile), type=NetworkProfile) == profile
    shown = without_secrets(profile)
    secrets = [part.password for part in (profile.apn, profile.vpn) if part is not None and part.password]
    assert all(secret not in (shown.apn and shown.apn.password, shown.vpn and shown.vpn.password) for secret in secrets)
    assert (shown.csms_url, shown.security_profile) == (profile.csms_url, profile.security_profile)
