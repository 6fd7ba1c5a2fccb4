"""The door: who may come in, as which station, speaking what (security profiles 0 and 1)."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.identity import StationRef
from stationmaster.domain.records import Oddity, UnknownCaller
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.security.station_passwords import matches

MAX_NEW_IDENTITY = 64
"""OCPP 2.x allows 48 characters (part 4, §3.1.1); some 1.6 stations have more."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """What a station shows at the door. ``subprotocols``: what it offers to speak; for people to read, where that is
    SOAP."""

    ref: StationRef
    subprotocols: Sequence[str] = ()
    username: bytes | None = None
    password: bytes | None = None
    credentials_broken: bool = False
    address: str = ""


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """``desk`` None: a new station, taken in because registration is open."""

    ref: StationRef
    desk: Desk | None


class Welcome(Admitted, frozen=True, kw_only=True):
    """``subprotocol`` None: it offered none and is spoken to in ``version``."""

    version: Version
    subprotocol: str | None


class NoVersion(msgspec.Struct, frozen=True):
    """Nothing in common: finish the handshake without a sub-protocol and close (2.0.1 part 4, §3.1.2)."""


class TurnedAway(msgspec.Struct, frozen=True):
    status: int
    reason: str


class Door:
    """Answers from memory only. ``unknown`` is told of callers that nobody admitted; wrong credentials are an oddity of
    the station that they were shown for."""

    def __init__(
        self,
        directory: Directory,
        settings: CsmsSettings,
        pepper: bytes,
        unknown: Callable[[UnknownCaller], None],
        now: Callable[[], datetime],
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._pepper = pepper
        self._unknown = unknown
        self._now = now

    def answer(self, caller: Caller) -> Welcome | NoVersion | TurnedAway:
        """Whether it may come in, and speaking what."""
        admitted = self.admits(caller)
        if isinstance(admitted, TurnedAway):
            return admitted
        desk = admitted.desk
        default = desk.state.station.default_version if desk else None
        version, subprotocol = _agree(caller.subprotocols, default)
        if version is None:
            return NoVersion()
        return Welcome(ref=caller.ref, desk=desk, version=version, subprotocol=subprotocol)

    def admits(self, caller: Caller) -> Admitted | TurnedAway:
        """Whether it may come in."""
        desk = self._directory.find(caller.ref)
        if desk is None and not self._takes_in(caller.ref):
            self._report(caller)
            return TurnedAway(404, "unknown station")
        if not self._authentic(caller, desk):
            if desk is not None:
                desk.odd(self._wrong_credentials(caller, desk))
            return TurnedAway(401, "wrong or missing credentials")
        return Admitted(ref=caller.ref, desk=desk)

    def knows(self, caller: Caller) -> Desk | None:
        """The station that this is, if it is one and proves it. Nobody hears of it where it does not."""
        desk = self._directory.find(caller.ref)
        return desk if desk is not None and self._authentic(caller, desk) else None

    def _takes_in(self, ref: StationRef) -> bool:
        known_tenant = ref.tenant in self._directory.tenants
        fits = len(ref.identity) <= MAX_NEW_IDENTITY and ref.identity.isprintable() and ":" not in ref.identity
        return known_tenant and fits and self._settings.policy(ref.tenant).registration == "open"

    def _authentic(self, caller: Caller, desk: Desk | None) -> bool:
        if caller.credentials_broken:
            return False
        if caller.username is not None and caller.username != caller.ref.identity.encode():
            return False  # A01: the user name is the identity
        stored = desk.state.station.password_hash if desk else None
        if stored is None:
            return not self._settings.policy(caller.ref.tenant).require_password
        return caller.password is not None and matches(stored, caller.password, self._pepper)

    def _wrong_credentials(self, caller: Caller, desk: Desk) -> Oddity:
        detail = f"wrong or missing credentials, from {caller.address}"
        return Oddity(station_key=desk.key, at=self._now(), kind="refused_credentials", action=None, detail=detail)

    def _report(self, caller: Caller) -> None:
        self._unknown(
            UnknownCaller(
                tenant=caller.ref.tenant,
                identity=caller.ref.identity,
                at=self._now(),
                address=caller.address,
                subprotocols=",".join(caller.subprotocols)[:200],
            )
        )


def _agree(offered: Sequence[str], default: str | None) -> tuple[Version | None, str | None]:
    """The first of the station's preferences that we speak."""
    for name in offered:
        version = Version.from_subprotocol(name)
        if version in JSON_VERSIONS:
            return version, name
    if not offered and default in JSON_VERSIONS:
        return Version(default), None
    return None, None
