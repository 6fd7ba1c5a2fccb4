"""B09, B10: network connection profiles. Each says how a station reaches a CSMS; a station keeps some in slots."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from stationmaster.domain.messages import Request
from stationmaster.domain.secret_names import MASK

Part = TypeVar("Part", bound=msgspec.Struct)

_SCHEMES = {0: "ws", 1: "ws", 2: "wss", 3: "wss"}
"""What security profiles mean for the address (2.0.1 part 2, A00)."""


class _Quiet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shows itself without its secrets."""

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in msgspec.structs.asdict(without_secrets(self)).items())
        return f"{type(self).__name__}({shown})"


class Apn(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """Access to a mobile network. ``authentication``: PAP, CHAP, NONE, AUTO."""

    apn: str
    authentication: str
    user_name: str | None = None
    password: str | None = None
    sim_pin: int | None = None
    preferred_network: str | None = None
    use_only_preferred_network: bool = False


class Vpn(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """A private network to go through. ``type``: IKEv2, IPSec, L2TP, PPTP."""

    server: str
    user: str
    password: str
    key: str
    type: str
    group: str | None = None


class NetworkProfile(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """``csms_url`` is without the station's identity. ``interface``: Wired0-3, Wireless0-3, Any (2.1).

    ``ocpp_version`` is spelled as in 2.x (OCPP20 stands for 2.0.1 too); None: the station's choice (2.1).
    ``security_profile`` None: 2.0 does not tell. ``identity`` and ``basic_auth_password``: 2.1.
    """

    csms_url: str
    message_timeout_s: int
    security_profile: int | None = None
    interface: str = "Wired0"
    transport: str = "JSON"
    ocpp_version: str | None = None
    identity: str | None = None
    basic_auth_password: str | None = None
    apn: Apn | None = None
    vpn: Vpn | None = None


class SetNetworkProfile(Request, frozen=True, kw_only=True, omit_defaults=True):
    """B09. Answered with Accepted, Rejected or Failed."""

    slot: int
    profile: NetworkProfile


class NetworkProfileSet(msgspec.Struct, frozen=True, kw_only=True):
    """What a station took into a slot, without its secrets."""

    station_key: int
    slot: int
    profile: NetworkProfile
    set_at: datetime


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a station can connect with. ``versions``: those of OCPP that it speaks, as profiles spell them."""

    slots: Collection[int]
    versions: Collection[str]
    interfaces: Collection[str]
    security_profiles: Collection[int]
    may_downgrade: bool = False


class Problem(NamedTuple):
    """Why a profile is refused: a reasonCode of the specification, and words for people."""

    reason: str
    info: str


_SECRETS = frozenset({"password", "key", "sim_pin", "basic_auth_password"})


def without_secrets(value: Part) -> Part:
    """A profile (or a part of one) whose passwords, keys and PINs are left out or hidden."""
    changes: dict[str, object] = {}
    for name, held in msgspec.structs.asdict(value).items():
        if isinstance(held, _Quiet):
            changes[name] = without_secrets(held)
        elif name in _SECRETS and held is not None:
            changes[name] = MASK if isinstance(held, str) else None
    return msgspec.structs.replace(value, **changes)


def problem_of(slot: int, profile: NetworkProfile, active_security: int, can: Capabilities) -> Problem | None:
    """Why a station must refuse a profile (B09.FR.02, .04, .05, .31), or None."""
    security = active_security if profile.security_profile is None else profile.security_profile
    if slot not in can.slots:
        return Problem("InvalidConfSlot", f"there is no slot {slot}")
    if security < active_security and (not can.may_downgrade or security <= 1):
        return Problem("NoSecurityDowngrade", f"security profile {active_security} is in use")
    if security not in can.security_profiles:
        return Problem("InvalidNetworkConf", f"security profile {security} cannot be used here")
    return _content_problem(profile, security, can)


def _content_problem(profile: NetworkProfile, security: int, can: Capabilities) -> Problem | None:
    checks = (
        (_is_address(profile.csms_url, _SCHEMES[security]), f"{_SCHEMES[security]}://host is what is dialled here"),
        (profile.transport == "JSON", "OCPP-J is all that is spoken here"),
        (profile.ocpp_version is None or profile.ocpp_version in can.versions, "another version of OCPP"),
        (profile.interface == "Any" or profile.interface in can.interfaces, "there is no such interface"),
        (profile.message_timeout_s > 0, "the message timeout is not positive"),
        (profile.apn is None, "there is no modem"),
        (profile.vpn is None, "there is no VPN client"),
    )
    return next((Problem("InvalidNetworkConf", info) for holds, info in checks if not holds), None)


def _is_address(url: str, scheme: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme == scheme and bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
